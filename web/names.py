"""What filters offer and rows say: processes, units, who holds what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select

from budget.tables import Unit
from web import context, register, wording


def processes() -> Sequence[tuple[str, str]]:
    """Return the deployed processes: id and name."""
    return [(id, wording.said(name)) for id, name in sorted(context.engine().processes().items())]


def units() -> Sequence[tuple[str, str]]:
    """Return the units whose items may reach the person, as the inbox names them, in the order of their codes."""
    posts = context.actor().posts
    query = select(Unit.name).order_by(Unit.code)
    if not any(post.role in register.SEE_ALL for post in posts):
        own = [post.org for post in posts]
        query = query.where(or_(Unit.code.in_(own), Unit.parent.in_(own), Unit.section.in_(own)))
    with context.engine().database.read() as unit:
        return [(name, name) for (name,) in unit.execute(query)]


def holder_note(row: Any) -> str:
    """Return what a row of the inbox says of who has the item: drafting, or still to be claimed by one of several."""
    me = context.actor().principal
    if row.drafter == me:
        return gettext("请您起草")
    if row.drafter:
        return gettext("已分办")
    return ""
