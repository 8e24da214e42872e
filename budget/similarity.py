"""Finds texts that are alike among many goals or self-evaluations: an index of signatures, and the exact measure of a few.

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

from sqlalchemy import bindparam, delete, func, insert, select, union_all
from sqlalchemy.orm import Session

from budget.quality.words import normal
from budget.tables import EvaluationText, EvaluationTextBand, GoalText, GoalTextBand, Project

#: How many numbers a signature has, in how many bands.
SIZE, BANDS = 72, 12
_ROWS = SIZE // BANDS
#: Of how many candidates the likeness is worked out.
CANDIDATES = 8
#: Of how many texts that share a band, the newest, it is looked at how much else they share.
CROWD = 40
#: Longer texts are compared by their beginning.
LONGEST = 2000
_EMPTY = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Alike:
    """Another project's text with its likeness, 0 to 1."""

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


class Index:
    """The texts of one kind, a project's newest each, with the bands by which they are found."""

    def __init__(
        self, texts: type[GoalText | EvaluationText], bands: type[GoalTextBand | EvaluationTextBand]
    ):
        known = texts.metadata.tables
        kept, keys = known[texts.__tablename__], known[bands.__tablename__]
        self._text, self._bands = insert(kept), insert(keys)
        self._forget = tuple(
            delete(table).where(table.c.project_id == bindparam("project")) for table in (keys, kept)
        )
        # The newest texts of each band: a phrase that thousands have in common costs no more than one that few have.
        sharing = union_all(
            *(
                select(
                    select(keys.c.project_id)
                    .where(
                        keys.c.band == bindparam(f"band{number}"), keys.c.project_id != bindparam("besides")
                    )
                    .order_by(keys.c.project_id.desc())
                    .limit(CROWD)
                    .subquery(f"sharing{number}")
                )
                for number in range(BANDS)
            )
        ).subquery()
        shared = func.count().label("shared")
        nearest = (
            select(sharing.c.project_id, shared)
            .group_by(sharing.c.project_id)
            .order_by(shared.desc(), sharing.c.project_id.desc())
            .limit(CANDIDATES)
            .subquery()
        )
        self._candidates = select(kept.c.project_id, kept.c.unit, kept.c.fiscal_year, kept.c.text).join(
            nearest, nearest.c.project_id == kept.c.project_id
        )

    def keep(self, session: Session, project: Project, text: str) -> None:
        """Let a project's text be found; the one that was kept before is forgotten."""
        self.forget(session, project.id)
        plain = normal(text)[:LONGEST]
        if not plain:
            return
        places = signature(pieces(plain))
        row = {"project_id": project.id, "unit": project.unit, "fiscal_year": project.fiscal_year}
        session.execute(self._text, row | {"text": plain, "signature": places.tobytes()})
        session.execute(self._bands, [{"band": band, "project_id": project.id} for band in bands(places)])

    def forget(self, session: Session, project_id: int) -> None:
        """Let a project's text not be found any more: it is secret, or has a new text."""
        for statement in self._forget:
            session.execute(statement, {"project": project_id})

    def find(self, session: Session, text: str, *, besides: int | None = None) -> list[Alike]:
        """Return the projects whose texts are most like a text, the most alike first; not ``besides`` itself."""
        plain = normal(text)[:LONGEST]
        if not plain:
            return []
        mine = pieces(plain)
        counted = Counter(mine)
        wanted = {f"band{number}": key for number, key in enumerate(bands(signature(mine)))}
        wanted["besides"] = besides or 0
        found = [
            Alike(row.project_id, row.unit, row.fiscal_year, likeness(counted, Counter(pieces(row.text))))
            for row in session.execute(self._candidates, wanted)
        ]
        return sorted(found, key=lambda one: (-one.likeness, -one.project_id))


#: What goals are to bring about, and what self-evaluations tell of it.
GOALS = Index(GoalText, GoalTextBand)
EVALUATIONS = Index(EvaluationText, EvaluationTextBand)
