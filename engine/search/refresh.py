"""Brings the search up to date with the instances that commands have changed.

What must be worked out is read and tokenised outside any lock; the rows are written only where the instance is still at
the version that was read, so that no later change is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, update

from engine import tables
from engine.database import Database, Unit
from engine.search import store
from engine.search.levels import KNOWN, READERS, WORDS
from engine.search.rows import SearchRow, circles_of, first_row, gather
from engine.values import load_plain

#: So many instances are done in one transaction; a writer that waits for it waits some milliseconds.
BATCH = 50

_instances = tables.instances.c
_waiting = (
    select(
        _instances.id,
        _instances.version,
        _instances.unsearched,
        _instances.subject,
        _instances.unit,
        _instances.reference,
        _instances.progress,
    )
    .where(_instances.unsearched > KNOWN, _instances.id > bindparam("after"))
    .order_by(_instances.id)
    .limit(bindparam("count"))
)
_same = (
    select(_instances.id, _instances.version)
    .where(_instances.id.in_(bindparam("ids", expanding=True)))
    .with_for_update(skip_locked=True)
)
_done = update(tables.instances).where(_instances.id == bindparam("key")).values(unsearched=KNOWN)


def refresh(database: Database, limit: int | None = None) -> int:
    """Write what the search doesn't know yet, of at most ``limit`` instances; return of how many it was written.

    An instance that a command changes meanwhile is left for the next time.
    """
    done = after = 0
    while limit is None or done < limit:
        count = BATCH if limit is None else min(BATCH, limit - done)
        with database.read() as unit:
            found = unit.execute(_waiting, {"after": after, "count": count}).all()
            said = gather(unit, [row for row in found if row.unsearched == WORDS])
        if not found:
            break
        after = found[-1].id
        done += database.retry(lambda unit, found=found, said=said: _write(unit, found, said))  # type: ignore[misc]
    return done


def forget(unit: Unit) -> int:
    """Mark every instance as not searched yet, and drop what is there of none; return how many there are."""
    store.drop_orphans(unit)
    unit.execute(update(tables.instances).values(unsearched=WORDS))
    return int(unit.execute(select(func.count()).select_from(tables.instances)).scalar_one())


def behind(unit: Unit) -> bool:
    """Tell whether there are instances that the search doesn't know of, or not as they are now."""
    return unit.execute(_waiting, {"after": 0, "count": 1}).first() is not None


def _write(unit: Unit, found: Sequence[Any], said: dict[int, list[SearchRow]]) -> int:
    versions = {row.id: row.version for row in found}
    same = unit.execute(_same, {"ids": list(versions)})
    ours = {row.id for row in same if row.version == versions[row.id]}
    words = [id for id in said if id in ours]
    if words:
        rows = [row for id in words for row in said[id]]
        store.replace(unit, map(first_row, words), rows)
    widened = [row for row in found if row.unsearched == READERS and row.id in ours]
    if widened:
        _widen(unit, widened)
    if ours:
        unit.execute(_done, [{"key": id} for id in sorted(ours)])
    return len(ours)


def _widen(unit: Unit, rows: Sequence[Any]) -> None:
    """Let those find instances who have come to take part in them; nobody is ever taken out, and other rows stay."""
    table = store.readers.c
    firsts = [first_row(row.id) for row in rows]
    both = [first + number for first in firsts for number in (0, 1)]
    there: dict[int, set[str]] = defaultdict(set)
    for one in unit.execute(select(table.row_id, table.principal).where(table.row_id.in_(both))):
        there[one.row_id].add(one.principal)
    new = []
    for row, first in zip(rows, firsts, strict=True):
        taking_part, knowing = circles_of(load_plain(row.progress))
        for row_id, readers in ((first, knowing), (first + 1, taking_part)):
            if row_id in there:
                new.append(SearchRow(row_id, frozenset(), readers - there[row_id]))
    store.admit(unit, new)
