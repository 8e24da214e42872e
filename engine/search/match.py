"""Which instances somebody finds by words: those with a row that has the words and that the person may read.

Words that few rows have are looked up first, and the rows that the person may not read are left out. Words that many have
are looked for in the person's own rows, in the order in which they are shown, because many of these have them too. So
the cost follows what is shown, not how much there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine import tables
from engine.database import Unit
from engine.identity import Actor
from engine.search import store
from engine.search.rows import ROWS, instance_of
from engine.search.words import Term, terms

#: Words that more rows have than this are not looked up first.
FEW = 2_000
#: So many of a person's rows are looked through at a time; all of them together for one page at most.
LOOKS = (256, 4_096, 16_384)

_readers = tables.search_readers.c


class Shape(NamedTuple):
    """What decides the text of a condition, as opposed to its values.

    ``how`` is empty without words, ``few`` where the instances with the words are listed, ``many`` where each is asked.
    """

    dialect: str = ""
    how: str = ""
    limited: int = 0
    knows: bool = False
    nobody: bool = False

    def condition(self, instance_id: ColumnElement[int]) -> ColumnElement[bool]:
        """Return the condition that the instance of a row has the words, where the person may read them."""
        if self.how == "few":
            return store.among(self.dialect, instance_id, "found")
        row_id = store.row_id(self.dialect)
        first = instance_id * ROWS
        has = select(literal(1)).select_from(store.words_table())
        return has.where(
            row_id >= first, row_id < first + ROWS, store.matches(self.dialect), self.may_find(row_id)
        ).exists()

    def may_find(self, row_id: ColumnElement[int]) -> ColumnElement[bool]:
        """Return the condition that the person may find a row of words; :meth:`Reader.values` has its values."""
        if self.nobody:
            return false()
        own = exists().where(
            _readers.principal.in_(bindparam("seeing", expanding=True)), _readers.row_id == row_id
        )
        found: list[ColumnElement[bool]] = [own]
        if self.knows:
            found.append(row_id % ROWS == 0)
        for number in range(self.limited):
            theirs = _in_processes(number).where(_readers.row_id == row_id)
            found.append(theirs.exists())
        return or_(*found)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose rows are looked through: the principals of a person, and of those for whom they act in some processes."""

    principals: tuple[str, ...]
    limited: tuple[tuple[str, tuple[str, ...]], ...]
    #: Whether they may know of every instance that is asked about, though not read its documents: an operator, and
    #: whoever asks among the cases of a list of theirs, however short the time since they got one of them.
    knows: bool
    nobody: bool

    @classmethod
    def of(cls, actor: Actor) -> Reader:
        """Return the reader that a person is, substitution included; an administrator reads nothing."""
        whole = (one.principals for one in actor.stands_in if one.processes is None)
        limited = [
            (principal, tuple(sorted(one.processes)))
            for one in actor.stands_in
            if one.processes is not None
            for principal in sorted(one.principals)
        ]
        everywhere = tuple(sorted(actor.principals.union(*whole)))
        return cls(everywhere, tuple(limited), actor.is_operator, actor.is_admin)

    def shape(self, dialect: str, how: str) -> Shape:
        """Return the shape of the reader's conditions."""
        return Shape(dialect, how, len(self.limited), self.knows, self.nobody)

    def values(self) -> dict[str, Any]:
        """Return the values of the reader's conditions."""
        found: dict[str, Any] = {"seeing": list(self.principals)}
        for number, (principal, processes) in enumerate(self.limited):
            found |= {f"seeing{number}": principal, f"seeing{number}_in": list(processes)}
        return found


@dataclass(frozen=True, slots=True)
class Sought:
    """Words that a list is narrowed by: the shape of its condition, and its values."""

    shape: Shape
    values: dict[str, Any]
    terms: tuple[Term, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether it is certain that nothing is found."""
        return self.shape.how == "few" and not self.values["ids"]


def sought(unit: Unit, actor: Actor, text: str | None) -> Sought | None:
    """Return how a list of a person's own cases is narrowed by ``text``; None where nothing is asked for.

    It takes two statements at most.

    A text without letters and digits asks for what nothing has.
    """
    if not (text and text.strip()):
        return None
    wanted, reader = terms(text), replace(Reader.of(actor), knows=True)
    found = few(unit, reader, wanted) if wanted and not reader.nobody else ()
    if found is None:
        values = {"asked": store.asked(unit.dialect, wanted), **reader.values()}
        return Sought(reader.shape(unit.dialect, "many"), values, wanted)
    ids = sorted(found)
    values = {"found": store.numbers(unit.dialect, ids), "ids": ids}
    return Sought(reader.shape(unit.dialect, "few"), values, wanted)


def few(unit: Unit, reader: Reader, wanted: Sequence[Term]) -> frozenset[int] | None:
    """Return the instances that the reader finds by the words; None where too many rows have them."""
    store.plan_anew(unit)
    row_id = store.row_id(unit.dialect)
    having = select(row_id).select_from(store.words_table()).where(store.matches(unit.dialect)).limit(FEW + 1)
    rows = unit.execute(having, {"asked": store.asked(unit.dialect, wanted)}).scalars().all()
    if len(rows) > FEW:
        return None
    if not rows:
        return frozenset()
    shape = reader.shape(unit.dialect, "few")
    there = select(row_id).select_from(store.words_table())
    mine = there.where(store.among(unit.dialect, row_id, "rows"), shape.may_find(row_id))
    values = {"rows": store.numbers(unit.dialect, rows), **reader.values()}
    return frozenset(map(instance_of, unit.execute(mine, values).scalars()))


def newest(
    unit: Unit, reader: Reader, wanted: Sequence[Term], before: int
) -> Iterator[tuple[list[int], int]]:
    """Yield instances before ``before`` in which the words are that many have, with how far back was looked, newest first.

    It ends where the reader has no more rows, or after the last of :data:`LOOKS`.
    """
    asked = store.asked(unit.dialect, wanted)
    at = before * ROWS
    for count in LOOKS:
        rows = _visible(unit, reader, at, count)
        if not rows:
            return
        found = unit.execute(
            _having(unit.dialect), {"rows": store.numbers(unit.dialect, rows), "asked": asked}
        )
        at = rows[-1]
        ids = sorted({instance_of(id) for id in found.scalars()}, reverse=True)
        yield ids, (instance_of(at) if len(rows) == count else 0)
        if len(rows) < count:
            return


def _visible(unit: Unit, reader: Reader, before: int, count: int) -> list[int]:
    """Return the newest ``count`` rows before ``before`` that the reader may find."""
    scans: list[Select[Any]] = []
    values: dict[str, Any] = {**reader.values(), "before": before, "count": count}
    for number, principal in enumerate(reader.principals):
        values[f"who{number}"] = principal
        scans.append(select(_readers.row_id).where(_readers.principal == bindparam(f"who{number}")))
    scans += [_in_processes(number) for number in range(len(reader.limited))]
    newest_first = [
        scan.where(_readers.row_id < bindparam("before")).order_by(_readers.row_id.desc()) for scan in scans
    ]
    if reader.knows:
        instances = tables.instances.c
        heads = select((instances.id * ROWS).label("row_id")).order_by(instances.id.desc())
        newest_first.append(heads.where(instances.id * ROWS < bindparam("before")))
    limited = (scan.limit(bindparam("count")).subquery() for scan in newest_first)
    rows = union_all(*(select(scan.c.row_id) for scan in limited)).subquery()
    query = select(rows.c.row_id).distinct().order_by(rows.c.row_id.desc()).limit(bindparam("count"))
    return list(unit.execute(query, values).scalars())


def _in_processes(number: int) -> Select[Any]:
    """Return the rows of somebody for whom the reader acts in some processes."""
    instances, definitions = tables.instances.alias(), tables.definitions.alias()
    return (
        select(_readers.row_id)
        .select_from(tables.search_readers)
        .join(instances, instances.c.id == _readers.row_id // ROWS)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(
            _readers.principal == bindparam(f"seeing{number}"),
            definitions.c.process_id.in_(bindparam(f"seeing{number}_in", expanding=True)),
        )
    )


def _having(dialect: str) -> Select[Any]:
    """Return the query of those of some rows that have the words, one after the other."""
    row_id = store.row_id(dialect)
    if dialect == "sqlite":
        each = func.json_each(bindparam("rows", type_=Text)).table_valued("value")
        words = (
            select(row_id)
            .select_from(store.words_table())
            .where(row_id == each.c.value, store.matches(dialect))
        )
        return select(each.c.value).where(words.exists())
    rows = bindparam("rows", type_=ARRAY(BigInteger))
    return (
        select(row_id)
        .select_from(store.words_table())
        .where(row_id == func.any(rows), store.matches(dialect))
    )
