"""What background work does once a day, from the morning on, in whichever process comes to it first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.calendar import OPENS, ZONE
from engine.database import Unit
from engine.notify import watermarks

if TYPE_CHECKING:
    from engine.engine import Engine


@dataclass(frozen=True, slots=True)
class Morning:
    """A day's turn: its transaction, its moment, and when it was done before (None for the first time)."""

    unit: Unit
    now: datetime
    today: date
    before: datetime | None


def each_morning(engine: Engine, name: str, work: Callable[[Morning], int]) -> int:
    """Do ``work`` once a day; return what it returns, 0 where it is too early or has been done today.

    ``name`` is that of its mark. What ``work`` writes and the mark are one transaction: if it fails, its turn comes again.
    """
    now = engine.clock.now()
    local = now.astimezone(ZONE)
    today = local.date()
    if local.time() < OPENS:
        return 0
    with engine.database.read() as unit:
        if watermarks.position(unit, name) >= today.toordinal():
            return 0
    with engine.database.write() as unit:
        mark = watermarks.load(unit, name)
        if mark is not None and mark.position >= today.toordinal():
            return 0
        watermarks.save(unit, watermarks.Watermark(name, today.toordinal(), now))
        return work(Morning(unit, now, today, mark and mark.at))
