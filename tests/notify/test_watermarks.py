"""Rows whose transactions commit late, below rows that were read already, are found all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert

from engine import tables
from engine.notify import watermarks
from engine.notify.watermarks import PATIENCE, Watermark

if TYPE_CHECKING:
    from engine import Database, SteppedClock


def read(database: Database, mark: Watermark, clock: SteppedClock, limit: int = 100) -> list[int]:
    """Read on from a mark."""
    with database.read() as unit:
        return list(watermarks.unread(unit, tables.notes, mark, clock.now(), limit))


def write(database: Database, clock: SteppedClock, *ids: int) -> None:
    """Let notes with these ids appear."""
    row = {
        "kind": "finished",
        "principal": "user:x",
        "sender": "system",
        "sent_at": clock.now(),
        "text": "{}",
    }
    database.retry(lambda unit: unit.execute(insert(tables.notes), [{"id": id, **row} for id in ids]))


def test_what_appears_late_is_read_once_where_writers_do_not_take_turns(
    database: Database, clock: SteppedClock
) -> None:
    mark = Watermark("notes", 0, clock.now())
    write(database, clock, 1, 2, 5)
    assert read(database, mark, clock) == [1, 2, 5]
    clock.advance(timedelta(minutes=1))
    write(database, clock, 3, 6)
    expected = [6] if database.dialect == "sqlite" else [3, 6]
    assert read(database, mark, clock) == expected
    assert read(database, mark, clock) == []
    assert set(mark.gaps) == (set() if database.dialect == "sqlite" else {4})
    clock.advance(PATIENCE)
    read(database, mark, clock)
    assert mark.gaps == {}


def test_a_mark_is_kept_with_its_gaps_and_begins_at_what_is_there(
    database: Database, clock: SteppedClock
) -> None:
    write(database, clock, 7)
    with database.write() as unit:
        assert watermarks.begin(unit, "notes", tables.notes.c.id, clock.now()).position == 7
        watermarks.save(unit, Watermark("notes", 9, clock.now(), {8: clock.now()}))
    with database.write() as unit:
        assert watermarks.load(unit, "notes") == Watermark("notes", 9, clock.now(), {8: clock.now()})
        unit.execute(delete(tables.notes))


def test_a_batch_leaves_the_rest_for_the_next(database: Database, clock: SteppedClock) -> None:
    mark = Watermark("notes", 0, clock.now())
    write(database, clock, *range(1, 8))
    assert [read(database, mark, clock, 3) for _ in range(3)] == [[1, 2, 3], [4, 5, 6], [7]]
