"""Who sees which rows of a register: all, those of the own unit or section, or only what one was given (domain §6.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from engine import tables
from engine.identity import Actor
from engine.search.rows import first_row, instance_of
from web.registers.model import Register, Source

#: Roles that see every unit's rows.
SEE_ALL = frozenset(
    {"budget_staff", "budget_chief", "perf_staff", "perf_chief", "deputy_leader", "bureau_leader"}
)
UNIT_ROLES = frozenset({"unit_clerk", "unit_head"})
SECTION_ROLES = frozenset({"section_staff", "section_chief"})


#: Those who check, with the investment review centre, read all that was submitted.
CHECKERS = frozenset({"invest_staff", "invest_chief", "supervision_staff", "supervision_chief"})
#: Roles outside the bureau, who read what their part of the matrix (domain §6.1, §6.3) gives and do nothing: the people's
#: congress, the discipline inspection, the county's leading group, the management of procurement.
CONGRESS, DISCIPLINE, LEADING, PROCUREMENT = "congress", "discipline", "leading_group", "procurement"
OUTSIDE = frozenset({CONGRESS, DISCIPLINE, LEADING, PROCUREMENT})


def organisations(posts: Sequence[Any], roles: Collection[str]) -> list[str]:
    """Return the organisations at which somebody holds one of these roles, with those that became part of them."""
    return [org for post in posts if post.role in roles for org in (post.org, *post.absorbed)]


def within(source: Source, posts: Sequence[Any], *, units: bool = True) -> ColumnElement[bool] | None:
    """Return the condition on rows that the posts' organisations give, None where they give all."""
    if any(post.role in SEE_ALL for post in posts):
        return None
    own = organisations(posts, UNIT_ROLES) if units else []
    sections = organisations(posts, SECTION_ROLES)
    return or_(source.unit.in_(own), source.unit_parent.in_(own), source.section.in_(sections))


def visible(register: Register, actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition on the rows that a person sees, None where they see all of them."""
    source = register.source
    own = within(source, actor.posts, units=register.units_see)
    if own is None:
        return None
    given = [*gives(register, actor.posts)]
    if register.of_cases and not any(post.role in register.readers for post in actor.posts):
        given.append(_given(source.instance, actor))
    return or_(own, *given)


def gives(register: Register, posts: Sequence[Any]) -> Sequence[ColumnElement[bool]]:
    """Return which rows posts give besides those of the own units and sections: all that was submitted, or a part."""
    found = [
        and_(condition, ~register.source.secret)
        for role, condition in register.reads.items()
        if any(post.role == role for post in posts)
    ]
    if any(post.role in register.readers for post in posts):
        found.append(register.source.submitted)
    return found


def _given(instance: Any, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a case was given to the person: they take part in it, or work of it waits for them."""
    readers, items, inbox = tables.search_readers.c, tables.work_items.c, tables.inbox.c
    known = exists().where(readers.principal.in_(actor.principals), readers.row_id == first_row(instance))
    waiting = exists().where(
        items.instance_id == instance, inbox.item_id == items.id, inbox.principal.in_(actor.principals)
    )
    return and_(instance.is_not(None), or_(known, waiting))


def known(session: Session, actor: Actor, instances: Sequence[int]) -> set[int]:
    """Return those of the instances into which a person may be led."""
    if not instances:
        return set()
    readers, items, inbox = tables.search_readers.c, tables.work_items.c, tables.inbox.c
    rows = select(readers.row_id).where(
        readers.row_id.in_([first_row(one) for one in instances]), readers.principal.in_(actor.principals)
    )
    waiting = (
        select(first_row(items.instance_id))
        .join(tables.inbox, inbox.item_id == items.id)
        .where(items.instance_id.in_(instances), inbox.principal.in_(actor.principals))
    )
    return {instance_of(row) for row in session.scalars(rows.union(waiting))}
