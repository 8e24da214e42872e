"""The rows of words of an instance, worked out from its row and its newest documents.

Row 0 holds the words of its columns, for everybody who may know of the instance. Row 1 adds those of the documents that
everybody may read who takes part, and each further row those of the documents that one other circle of people may read.
So nobody finds an instance by words that they may not read, and words of several documents are found together. A deleted
or secret content is in no document, so in no row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import and_, func, select

from engine import tables
from engine.database import Unit
from engine.search.words import name_words, words
from engine.values import load_plain

#: How many rows an instance can have; ``row_id`` is its id times this, plus the number of the row.
ROWS = 1024
#: So many words of one row are kept: a hundred pages of close print have fewer.
MAX_WORDS = 40_000


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One row of words, and the principals who may find it."""

    row_id: int
    words: frozenset[str]
    readers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Readable:
    """A newest version of a document of an instance, with its body as JSON data and who may read it.

    ``shared`` tells that those are all who take part in the instance.
    """

    instance_id: int
    name: str
    element: str
    definition_id: int
    body: Any
    readers: frozenset[str]
    shared: bool


def first_row(instance_id: int) -> int:
    """Return the id of an instance's row 0."""
    return instance_id * ROWS


def instance_of(row_id: int) -> int:
    """Return the instance that a row is of."""
    return row_id // ROWS


def gather(unit: Unit, instances: Sequence[Any]) -> dict[int, list[SearchRow]]:
    """Return the rows of words of instances, given as rows with ``id``, ``progress`` and the columns."""
    documents: dict[int, list[Readable]] = defaultdict(list)
    for one in readable(unit, instances):
        documents[one.instance_id].append(one)
    return {row.id: list(_rows_of(row, documents[row.id])) for row in instances}


def circles_of(progress: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Return who takes part in an instance, and who may know of it."""
    part = frozenset(progress["participants"])
    return part, part.union(progress["readers"])


def _rows_of(row: Any, documents: Sequence[Readable]) -> Iterator[SearchRow]:
    _, knowing = circles_of(load_plain(row.progress))
    head = frozenset(
        word for column in (row.subject, row.unit, row.reference) for word in name_words(column or "")
    )
    first = first_row(row.id)
    yield SearchRow(first, head, knowing)
    closed: dict[frozenset[str], list[Readable]] = defaultdict(list)
    for one in documents:
        if not one.shared:
            closed[one.readers].append(one)
    shared = [one for one in documents if one.shared]
    circles = [(shared[0].readers if shared else frozenset(), shared), *islice(closed.items(), ROWS - 2)]
    for number, (readers, several) in enumerate(circles, 1):
        if not several:
            continue
        said = (word for one in several for text in texts(one.body) for word in words(text))
        yield SearchRow(first + number, head.union(islice(dict.fromkeys(said), MAX_WORDS)), readers)


def readable(unit: Unit, instances: Sequence[Any]) -> Iterator[Readable]:
    """Yield the newest documents of instances, those of signers in this round; what was deleted is left out."""
    table = tables.documents.c
    progresses = {row.id: load_plain(row.progress) for row in instances}
    keys = (table.instance_id, table.scope, table.item, table.name)
    newest = (
        select(*keys, func.max(table.version).label("version"))
        .where(table.instance_id.in_(progresses))
        .group_by(*keys)
        .subquery()
    )
    same = and_(*(column == newest.c[column.name] for column in (*keys, table.version)))
    query = (
        select(tables.documents, tables.instances.c.definition_id)
        .join(newest, same)
        .join(tables.instances, tables.instances.c.id == table.instance_id)
        .where(table.body.is_not(None))
        .order_by(table.instance_id, table.id)
    )
    for row in unit.execute(query):
        progress = progresses[row.instance_id]
        if row.item and row.item not in progress.get("parts", {}).get(f"{row.scope}/{row.name}", ()):
            continue
        taking_part, _ = circles_of(progress)
        shared = row.audience is None
        readers = taking_part if shared else frozenset((*load_plain(row.audience), row.author))
        yield Readable(
            row.instance_id,
            row.name,
            row.element,
            row.definition_id,
            load_plain(row.body),
            readers,
            shared,
        )


def texts(body: Any, key: str = "") -> Iterator[str]:
    """Yield what a document says: its texts and numbers, not its keys nor what a form hides (``_row``)."""
    if key.startswith("_"):
        return
    match body:
        case str():
            yield body
        case bool() | None:
            return
        case int() | float():
            yield str(body)
        case Mapping():
            for name, value in body.items():
                yield from texts(value, str(name))
        case list() | tuple():
            for value in body:
                yield from texts(value)
