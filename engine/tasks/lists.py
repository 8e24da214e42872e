"""What a person has done, and what they have started: keyset pages, the newest first unless ``oldest`` is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_

from engine import tables
from engine.database import Unit
from engine.identity import Actor
from engine.tables import Moment
from engine.tasks.filters import CASES, ITEMS, Asked
from engine.tasks.inbox import MAX_PAGE, moment_at, read_cursor, write_cursor
from engine.tasks.narrowing import OTHERS, OWN
from engine.tasks.query import InboxQuery
from engine.tasks.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class DoneRow:
    """A work item that the person completed."""

    item_id: int
    instance_id: int
    element: str
    step: str
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    completed_at: datetime
    outcome: str | None
    round: int
    state: str
    #: The name of whom the person acted for as a substitute.
    behalf: str | None


@dataclass(frozen=True, slots=True)
class StartedRow:
    """An instance that the person started."""

    instance_id: int
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    started_at: datetime
    ended_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page with cursors to its neighbours; ``standing`` says of a list of cases where each of them is, by its id."""

    rows: Sequence[Any]
    next_cursor: str | None
    previous_cursor: str | None
    standing: Mapping[int, Sequence[Standing]] = field(default_factory=dict)


def done(unit: Unit, actor: Actor, query: InboxQuery, now: datetime) -> ListPage:
    """Return a page of what the person completed."""
    items, instances, definitions = tables.work_items.c, tables.instances.c, tables.definitions.c
    absent = tables.people.alias("absent")
    select_from = (
        select(
            items.id,
            items.instance_id,
            items.element,
            items.step,
            definitions.process_id,
            definitions.name,
            instances.subject,
            instances.unit,
            instances.reference,
            instances.amount,
            items.completed_at,
            items.outcome,
            items.round,
            instances.state,
            absent.c.name,
        )
        .join(tables.instances, instances.id == items.instance_id)
        .join(tables.definitions, definitions.id == instances.definition_id)
        .join(absent, absent.c.id == func.substr(items.completed_for, len("user:") + 1), isouter=True)
        .where(items.completed_by == actor.principal, *_narrowed(actor, query.behalf))
    )
    asked = Asked.of(unit, actor, query, now, replace(CASES, item=ITEMS))
    return page(unit, select_from, asked, items.completed_at, items.id, DoneRow, "completed_at", "item_id")


def _narrowed(actor: Actor, behalf: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions of a post and of substitution: in a post what was done in it, and as a substitute."""
    items = tables.work_items.c
    found: list[ColumnElement[bool]] = []
    if actor.post is not None and not behalf:
        in_post = or_(items.completed_as.is_(None), items.completed_as == actor.post.principal)
        found.append(or_(in_post, items.completed_for.is_not(None)))
    elif actor.post is not None and behalf == OWN:
        found.append(or_(items.completed_as.is_(None), items.completed_as == actor.post.principal))
    if behalf == OWN:
        found.append(items.completed_for.is_(None))
    elif behalf == OTHERS:
        found.append(items.completed_for.is_not(None))
    elif behalf:
        found.append(items.completed_for == f"user:{behalf}")
    return found


def started_by(unit: Unit, actor: Actor, query: InboxQuery, now: datetime) -> ListPage:
    """Return a page of the instances that the person started: in a post those that they started in it."""
    instances, definitions = tables.instances.c, tables.definitions.c
    in_post = (
        []
        if actor.post is None
        else [or_(instances.started_as.is_(None), instances.started_as == actor.post.principal)]
    )
    select_from = (
        select(
            instances.id,
            definitions.process_id,
            definitions.name,
            instances.subject,
            instances.unit,
            instances.reference,
            instances.amount,
            instances.started_at,
            instances.ended_at,
            instances.state,
        )
        .join(tables.definitions, definitions.id == instances.definition_id)
        .where(instances.initiator == actor.principal, *in_post)
    )
    at, id = instances.started_at, instances.id
    asked = Asked.of(unit, actor, query, now)
    found = page(unit, select_from, asked, at, id, StartedRow, "started_at", "instance_id")
    return replace(found, standing=standing(unit, [row.instance_id for row in found.rows]))


def page(
    unit: Unit,
    rows: Select[Any],
    asked: Asked,
    at: ColumnElement[Any],
    id: ColumnElement[Any],
    make: type,
    at_name: str,
    id_name: str,
) -> ListPage:
    """Return a page of ``rows``, which join the instances, in the order of ``at`` and ``id``; ``make`` takes a row."""
    found = [make(*row) for row in unit.execute(window(rows, asked, at, id), asked.values)]
    return cut(found, asked.query, at_name, id_name)


def window(rows: Select[Any], asked: Asked, at: ColumnElement[Any], id: ColumnElement[Any]) -> Select[Any]:
    """Return those of ``rows`` that a page shows, and one more, in the order in which they are read; ``asked`` has the
    values of its conditions.
    """
    query = asked.query
    _, after = read_cursor(query.cursor)
    rows = rows.where(*asked.conditions())
    down = descending(query)
    if after is not None:
        place, here = tuple_(at, id), tuple_(literal(moment_at(after[0]), Moment), literal(after[1]))
        rows = rows.where(place < here if down else place > here)
    order = (at.desc(), id.desc()) if down else (at, id)
    return rows.order_by(*order).limit(page_size(query) + 1)


def descending(query: InboxQuery) -> bool:
    """Whether a query's rows are read from the newest on: a page before another one is read backwards."""
    forward, _ = read_cursor(query.cursor)
    return forward == (query.sort != "oldest")


def cut(found: Sequence[Any], query: InboxQuery, at_name: str, id_name: str) -> ListPage:
    """Return the page that :func:`window` read, with its cursors."""
    forward, after = read_cursor(query.cursor)
    more, rows = len(found) > page_size(query), list(found[: page_size(query)])
    if not forward:
        rows.reverse()
    keys = [(getattr(row, at_name), getattr(row, id_name)) for row in rows]
    following = write_cursor(True, *keys[-1]) if rows and (more or not forward) else None
    previous = write_cursor(False, *keys[0]) if rows and (after is not None if forward else more) else None
    return ListPage(rows, following, previous)


def page_size(query: InboxQuery) -> int:
    """Return how many rows a page of the query has."""
    return max(1, min(MAX_PAGE, query.limit))
