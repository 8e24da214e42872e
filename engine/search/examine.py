"""Compares what the search knows with what it should know, instance by instance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from engine import tables
from engine.database import Unit
from engine.search import store
from engine.search.levels import KNOWN
from engine.search.rows import ROWS, first_row, gather, instance_of

_BATCH = 200
_instances = tables.instances.c
_known = select(
    _instances.id, _instances.subject, _instances.unit, _instances.reference, _instances.progress
).where(_instances.unsearched == KNOWN)


def wrong(unit: Unit) -> Iterator[int]:
    """Yield the instances of which the search says something else than their newest documents, or to somebody else.

    What a command has marked as not searched yet is not wrong. An id without an instance is one whose rows were left over.
    """
    readers = tables.search_readers.c
    ids = set(unit.execute(select(_instances.id)).scalars())
    after = -1
    while True:
        batch = unit.execute(_known.where(_instances.id > after).order_by(_instances.id).limit(_BATCH)).all()
        if not batch:
            break
        after = batch[-1].id
        span = first_row(batch[0].id), first_row(after) + ROWS - 1
        words = store.stored(unit, *span)
        seen: dict[int, set[str]] = defaultdict(set)
        for row in unit.execute(select(tables.search_readers).where(readers.row_id.between(*span))):
            seen[row.row_id].add(row.principal)
        for id, rows in gather(unit, batch).items():
            first = first_row(id)
            mine = {row_id for row_id in (*words, *seen) if first <= row_id < first + ROWS}
            expected = {row.row_id: row for row in rows}
            if mine != expected.keys() or any(
                words.get(row_id) != row.words or seen[row_id] != row.readers
                for row_id, row in expected.items()
            ):
                yield id
    left = {instance_of(row_id) for row_id in unit.execute(select(readers.row_id).distinct()).scalars()}
    yield from sorted(left - ids)
