"""Draws of experts and agencies by lot: who stays out is left out first, and the recorded seed repeats the draw.

Plain functions on a session; none commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import books
from budget.reviews import relations
from budget.tables import BookEntry, Draw

#: From which books is drawn.
DRAWN_FROM = ("expert", "agency")


class TooFew(Exception):
    """Fewer can be drawn than were asked for; ``there`` are that many."""

    def __init__(self, there: int) -> None:
        super().__init__(f"only {there} can be drawn")
        self.there = there


def order(seed: str, ids: Sequence[int]) -> list[int]:
    """Return the ids in the order of the lot: by the digest of the seed with each, which anybody can repeat."""
    return sorted(ids, key=lambda id: sha256(f"{seed}:{id}".encode()).hexdigest())


def draw(
    session: Session,
    book: str,
    number: int,
    *,
    purpose: str,
    units: Collection[str],
    field: str,
    seed: str,
    by: str,
    now: datetime,
    today: date,
    local_only: bool = False,
) -> Draw:
    """Draw from the lines that hold today and write it down; raises :class:`TooFew`.

    Left out are those of other fields, who stay away from one of ``units`` (by the book, or by a relation noted for
    their account), agencies with grave violations, and, where only local ones are wanted, the others.
    """
    lines = [entry for entry, _, _ in books.entries(session, books.BOOKS[book], on=today)]
    related = relations(session, set(units), today)
    out = [(one, why) for one in lines if (why := _why(one, units, related, field, local_only))]
    kept = {one.id: one for one in lines}
    for one, _ in out:
        del kept[one.id]
    ids = sorted(kept)
    if len(ids) < number:
        raise TooFew(len(ids))
    lot = order(seed, ids)
    found = Draw(
        book=book,
        purpose=purpose,
        units=sorted(units),
        field=field,
        seed=seed,
        candidates=[[id, kept[id].title] for id in lot],
        drawn=[[id, kept[id].title] for id in lot[:number]],
        left_out=[[one.id, one.title, why] for one, why in out],
        by=by,
        at=now,
    )
    session.add(found)
    session.flush()
    return found


def _why(
    one: BookEntry, units: Collection[str], related: Collection[str], field: str, local_only: bool
) -> str | None:
    if one.unit in units and one.unit is not None:
        return "须回避"
    if one.values.get("account") in related:
        return "登记有回避关系"
    if one.values.get("violations"):
        return "三年内有重大违法"
    if field and field not in (one.values.get("fields") or ()):
        return "领域不符"
    return "非本地" if local_only and not one.values.get("local") else None


def draws(session: Session, limit: int = 50) -> list[Draw]:
    """Return the newest draws."""
    return list(session.scalars(select(Draw).order_by(Draw.id.desc()).limit(limit)))
