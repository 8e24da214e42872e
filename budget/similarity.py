"""Finds goals whose texts are alike among many: an index of signatures of Chinese text, and the exact measure of a few.

A text is taken in its normal form (:func:`budget.quality.words.normal`) and cut into sets of three characters; each set of
pieces has a signature of :data:`SIZE` numbers (one-permutation minhash), cut into :data:`BANDS` bands that are rows. Texts
that share a band are candidates, of which the likeness is worked out: two thirds of equal pieces are found almost always,
unlike ones hardly ever, whatever their number. Nothing here depends on the database's kind.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from budget.quality.words import normal
from budget.tables import GoalText, GoalTextBand, Project

#: How many numbers a signature has, in how many bands.
SIZE, BANDS = 72, 12
_ROWS = SIZE // BANDS
#: Of how many candidates the likeness is worked out.
CANDIDATES = 8
#: Longer texts are compared by their beginning.
LONGEST = 2000
_EMPTY = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Alike:
    """Another project's goal with its likeness, 0 to 1."""

    project_id: int
    unit: str
    fiscal_year: int
    likeness: float


def pieces(text: str) -> list[str]:
    """Return the pieces of three characters of a text's normal form; a shorter text is one piece."""
    return [text[at : at + 3] for at in range(len(text) - 2)] or ([text] if text else [])


def signature(found: Iterable[str]) -> array[int]:
    """Return the signature of a set of pieces: each piece falls into one place, which keeps the smallest; an empty place
    takes the next one's."""
    places = array("I", [_EMPTY]) * SIZE
    for piece in set(found):
        value, place = divmod(crc32(piece.encode()), SIZE)
        if value < places[place]:
            places[place] = value
    filled = [place for place in range(SIZE) if places[place] != _EMPTY]
    if not filled:
        return places
    result = array("I", places)
    following = filled[0]
    for place in range(SIZE - 1, -1, -1):
        if places[place] == _EMPTY:
            distance = (following - place) % SIZE
            result[place] = (places[following] + distance * 2654435761) & _EMPTY
        else:
            following = place
    return result


def bands(places: Sequence[int]) -> list[int]:
    """Return the keys of a signature's bands, positive numbers of 63 bits; they know which band they are."""
    keys = []
    for number in range(BANDS):
        part = ",".join(map(str, places[number * _ROWS : (number + 1) * _ROWS]))
        digest = blake2b(f"{number}:{part}".encode(), digest_size=8).digest()
        keys.append(int.from_bytes(digest) >> 1)
    return keys


def likeness(left: Counter[str], right: Counter[str]) -> float:
    """Return 2·common/(m+n) of two texts' pieces: 1 for equal texts, 0 where nothing is common."""
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0


def keep(session: Session, project: Project, text: str) -> None:
    """Let a project's goal be found by its text; the one that was kept before is forgotten."""
    forget(session, project.id)
    plain = normal(text)[:LONGEST]
    if not plain:
        return
    places = signature(pieces(plain))
    row = {"project_id": project.id, "unit": project.unit, "fiscal_year": project.fiscal_year}
    session.execute(insert(GoalText), [row | {"text": plain, "signature": places.tobytes()}])
    session.execute(
        insert(GoalTextBand), [{"band": band, "project_id": project.id} for band in bands(places)]
    )


def forget(session: Session, project_id: int) -> None:
    """Let a project's goal not be found any more: it is secret, or has a new text."""
    plainly = {"synchronize_session": False}  # nobody holds these rows as objects
    for table in (GoalTextBand, GoalText):
        session.execute(delete(table).where(table.project_id == project_id), execution_options=plainly)


def find(session: Session, text: str, *, besides: int | None = None) -> list[Alike]:
    """Return the projects whose goals are most like a text, the most alike first; not ``besides`` itself."""
    plain = normal(text)[:LONGEST]
    if not plain:
        return []
    mine = pieces(plain)
    shared = func.count().label("shared")
    candidates = (
        select(GoalTextBand.project_id, shared)
        .where(GoalTextBand.band.in_(bands(signature(mine))), GoalTextBand.project_id != (besides or 0))
        .group_by(GoalTextBand.project_id)
        .order_by(shared.desc(), GoalTextBand.project_id.desc())
        .limit(CANDIDATES)
        .subquery()
    )
    query = select(GoalText.project_id, GoalText.unit, GoalText.fiscal_year, GoalText.text)
    counted = Counter(mine)
    found = [
        Alike(row.project_id, row.unit, row.fiscal_year, likeness(counted, Counter(pieces(row.text))))
        for row in session.execute(query.join(candidates, candidates.c.project_id == GoalText.project_id))
    ]
    return sorted(found, key=lambda one: (-one.likeness, -one.project_id))
