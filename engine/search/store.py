"""The table ``search_words``: FTS5 on SQLite, a ``tsvector`` with a GIN index on PostgreSQL.

Both keep a set of words a row, without places: pairs of characters say almost as much as a phrase, the sets are a third of
the size, and they say the same on both. The words are ours, so no configuration of the database cuts or stems them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from engine import tables
from engine.database import Unit
from engine.search.rows import ROWS, SearchRow
from engine.search.words import Term
from engine.values import dump_json

readers = tables.search_readers
_words = table("search_words", column("rowid"), column("row_id"), column("words"))
_put = {
    "sqlite": text("INSERT INTO search_words (rowid, words) VALUES (:row, :words)"),
    "postgresql": text(
        "INSERT INTO search_words (row_id, words) VALUES (:row, array_to_tsvector(:words))"
    ).bindparams(bindparam("words", type_=ARRAY(Text))),
}
_drop = {
    "sqlite": text("DELETE FROM search_words WHERE rowid BETWEEN :first AND :last"),
    "postgresql": text("DELETE FROM search_words WHERE row_id BETWEEN :first AND :last"),
}
_read = {
    "sqlite": text("SELECT rowid AS row_id, words FROM search_words WHERE rowid BETWEEN :first AND :last"),
    "postgresql": text(
        "SELECT row_id, tsvector_to_array(words) AS words FROM search_words WHERE row_id BETWEEN :first AND :last"
    ),
}
_drop_readers = delete(readers).where(readers.c.row_id.between(bindparam("first"), bindparam("last")))


def replace(unit: Unit, first_rows: Iterable[int], rows: Sequence[SearchRow]) -> None:
    """Replace all rows of the instances whose row 0 is given by ``rows``."""
    spans = [{"first": first, "last": first + ROWS - 1} for first in first_rows]
    unit.execute(_drop[unit.dialect], spans)
    unit.execute(_drop_readers, spans)
    if rows:
        packed = _packed if unit.dialect == "sqlite" else sorted
        unit.execute(_put[unit.dialect], [{"row": row.row_id, "words": packed(row.words)} for row in rows])
        admit(unit, rows)


def drop_orphans(unit: Unit) -> None:
    """Drop the rows of instances that there are not."""
    ids = select(tables.instances.c.id)
    left = select(readers.c.row_id).where((readers.c.row_id // ROWS).not_in(ids)).distinct()
    found = [{"first": row_id, "last": row_id} for row_id in unit.execute(left).scalars()]
    if found:
        unit.execute(_drop[unit.dialect], found)
        unit.execute(_drop_readers, found)


def admit(unit: Unit, rows: Sequence[SearchRow]) -> None:
    """Write who may find the rows."""
    found = [{"principal": who, "row_id": row.row_id} for row in rows for who in sorted(row.readers)]
    if found:
        unit.execute(insert(readers), found)


def stored(unit: Unit, first: int, last: int) -> dict[int, frozenset[str]]:
    """Return the rows with ids from ``first`` to ``last`` with their words."""
    found = unit.execute(_read[unit.dialect], {"first": first, "last": last})
    split = unit.dialect == "sqlite"
    return {row.row_id: frozenset(row.words.split() if split else row.words) for row in found}


def row_id(dialect: str) -> ColumnElement[int]:
    """Return the column of ``search_words`` that identifies a row."""
    return _words.c.rowid if dialect == "sqlite" else _words.c.row_id


def words_table() -> Any:
    """Return the table ``search_words`` for a query."""
    return _words


def matches(dialect: str) -> ColumnElement[bool]:
    """Return the condition that a row of ``search_words`` has all that :func:`asked` says."""
    if dialect == "sqlite":
        return literal_column("search_words").op("MATCH")(bindparam("asked", type_=Text))
    return _words.c.words.op("@@")(bindparam("asked", type_=TSQUERY))


def asked(dialect: str, terms: Sequence[Term]) -> str:
    """Return the value of :func:`matches` for what somebody seeks; words are letters and digits, so nothing is quoted."""
    if dialect == "sqlite":
        parts = [f'"{word}"' for term in terms for word in term.whole]
        return " ".join(parts + [f'"{term.prefix}"*' for term in terms if term.prefix is not None])
    parts = [f"'{word}'" for term in terms for word in term.whole]
    return " & ".join(parts + [f"'{term.prefix}':*" for term in terms if term.prefix is not None])


def among(dialect: str, value: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Return the condition that a column has one of many numbers, which are one parameter: what :func:`numbers` gives."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return value.in_(select(each.c.value))
    return value == func.any(bindparam(name, type_=ARRAY(BigInteger)))


def numbers(dialect: str, found: Iterable[int]) -> Any:
    """Return numbers as the value of the parameter of :func:`among`."""
    return dump_json(list(found)) if dialect == "sqlite" else list(found)


def _packed(found: frozenset[str]) -> str:
    return " ".join(sorted(found))


def plan_anew(unit: Unit) -> None:
    """Let PostgreSQL plan this transaction's statements for their values.

    The general plan of a prepared statement can't know how many rows have the words, and took twenty times as long.
    """
    if unit.dialect == "postgresql":
        unit.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
