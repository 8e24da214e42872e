"""The numbers beside the navigation's lists: what waits, what is unread, what is begun; each counted up to a cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from engine import tables
from engine.commands.notes import COPY
from engine.database import Unit
from engine.identity import Actor
from engine.tasks.inbox import CAP, InboxCounts, counts
from engine.tasks.query import InboxQuery

_notes, _drafts = tables.notes.c, tables.drafts.c
_unread = (
    select(_notes.id)
    .where(
        _notes.principal.in_(bindparam("mine", expanding=True)),
        _notes.kind == COPY,
        _notes.read_at.is_(None),
    )
    .limit(CAP)
    .subquery()
)
_begun = select(_drafts.item_id).where(_drafts.person == bindparam("me")).limit(CAP).subquery()
_own = select(
    select(func.count()).select_from(_unread).scalar_subquery().label("copies"),
    select(func.count()).select_from(_begun).scalar_subquery().label("drafts"),
)


@dataclass(frozen=True, slots=True)
class Badges:
    """How many items wait for a person, how many copies are unread, how many drafts there are; 100 means more than 99."""

    waiting: InboxCounts
    copies: int
    drafts: int


def badges(unit: Unit, actor: Actor, now: datetime) -> Badges:
    """Return the numbers, in two statements."""
    own = unit.execute(_own, {"mine": sorted(actor.principals), "me": actor.principal}).one()
    return Badges(counts(unit, actor, InboxQuery(), now), own.copies, own.drafts)
