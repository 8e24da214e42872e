"""Draws of experts and agencies by lot: who stays out is left out first, and the recorded seed repeats the draw.

Plain functions on a session; none commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import books
from budget.engagements import restricted
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


@dataclass(frozen=True, slots=True)
class Urn:
    """What a draw is from: the lines that may be drawn by their ids, and those left out with the reason."""

    kept: Mapping[int, BookEntry]
    left_out: Sequence[tuple[BookEntry, str]]


def urn(
    session: Session,
    book: str,
    *,
    units: Collection[str],
    field: str,
    today: date,
    local_only: bool = False,
    unfit: Mapping[str, str] | None = None,
) -> Urn:
    """Return from what would be drawn today.

    Left out are those of other fields, who stay away from one of ``units`` (by the book, or by a relation noted for
    their account), agencies with grave violations or poor credit, and, where only local ones are wanted, the others.
    Where ``unfit`` is given, the agencies' codes with why each may not be drawn ("" for those that may), so are all
    that have none of these codes.
    """
    lines = [entry for entry, _, _ in books.entries(session, books.BOOKS[book], on=today)]
    related = relations(session, set(units), today)
    poor = restricted(session, today) if book == "agency" else {}
    out = []
    for one in lines:
        code = str(one.values.get("code") or "")
        why = _why(one, units, related, field, local_only)
        if why is None and code in poor:
            why = f"{poor[code]:%Y-%m-%d}以前限制接单"
        if why is None and unfit is not None:
            why = unfit.get(code, "没有登记本系统的机构代码") or None
        if why is not None:
            out.append((one, why))
    gone = {one.id for one, _ in out}
    return Urn({one.id: one for one in lines if one.id not in gone}, out)


def draw(
    session: Session,
    book: str,
    number: int,
    *,
    found: Urn,
    purpose: str,
    units: Collection[str],
    field: str,
    seed: str,
    by: str,
    now: datetime,
    instance_id: int | None = None,
) -> Draw:
    """Draw from an urn of :func:`urn` and write it down; raises :class:`TooFew`."""
    kept = found.kept
    ids = sorted(kept)
    if len(ids) < number:
        raise TooFew(len(ids))
    lot = order(seed, ids)
    made = Draw(
        book=book,
        instance_id=instance_id,
        purpose=purpose,
        units=sorted(units),
        field=field,
        seed=seed,
        candidates=[[id, kept[id].title] for id in lot],
        drawn=[[id, kept[id].title] for id in lot[:number]],
        left_out=[[one.id, one.title, why] for one, why in found.left_out],
        by=by,
        at=now,
    )
    session.add(made)
    session.flush()
    return made


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


def draws(session: Session, book: str, limit: int = 50) -> list[Draw]:
    """Return the newest draws from a book."""
    query = select(Draw).where(Draw.book == book).order_by(Draw.id.desc())
    return list(session.scalars(query.limit(limit)))
