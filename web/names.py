"""What filters offer and rows say: processes, units, sections, who holds what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select

from budget.tables import Section, Unit
from web import context, wording
from web.registers.scope import SEE_ALL

Choices = Sequence[tuple[str, str]]


def processes() -> Choices:
    """Return the deployed processes: id and name."""
    return [(id, wording.said(name)) for id, name in sorted(context.engine().processes().items())]


def units_and_sections() -> tuple[Choices, Choices]:
    """Return the units and the sections whose items may reach the person: values of the filters, and names.

    A list names a unit by its name and a section by its code.
    """
    posts = context.actor().posts
    units, sections = select(Unit.name).order_by(Unit.code), select(Section.code, Section.name)
    if not any(post.role in SEE_ALL for post in posts):
        own = [post.org for post in posts]
        units = units.where(or_(Unit.code.in_(own), Unit.parent.in_(own), Unit.section.in_(own)))
        sections = sections.where(Section.code.in_(own))
    with context.engine().database.read() as unit:
        return (
            [(name, name) for (name,) in unit.execute(units)],
            [(row.code, row.name) for row in unit.execute(sections.order_by(Section.code))],
        )


def holder_note(row: Any) -> str:
    """Return what a row of the inbox says of who has the item: drafting, or still to be claimed by one of several."""
    me = context.actor().principal
    if row.drafter == me:
        return gettext("请您起草")
    if row.drafter:
        return gettext("已分办")
    return ""
