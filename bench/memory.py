"""Whether the memory of a worker grows over many completions."""

from __future__ import annotations

import os
from time import perf_counter
from typing import Any

from sqlalchemy import select

from bench.counties import County, county, databases
from bench.measure import Report
from bench.processes import STEPS, line
from engine import tables
from engine.commands.start import StartRequest
from engine.identity import SYSTEM

COMPLETIONS = 100_000
#: Completions before the memory is looked at first: caches are full and SQLite has its pages by then.
WARM = 10_000
TOGETHER = 50


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Let one process complete a hundred thousand items on each database, which takes some minutes."""
    report = Report("memory")
    for kind in databases(only):
        with county(kind, {"line.bpmn": line()}) as place:
            _memory(report, place, WARM // 50 if quick else WARM, COMPLETIONS // 50 if quick else COMPLETIONS)
    return report


def _memory(report: Report, place: County, warm: int, count: int) -> None:
    """Let one process complete ``count`` items; compare its memory with what it had after ``warm``."""
    done, before = 0, 0.0
    began = perf_counter()
    while done < count:
        started = place.engine.start_many("line", [StartRequest({})] * TOGETHER, actor=SYSTEM)
        for one in started:
            items = tables.work_items.c
            with place.database.read() as unit:
                item = unit.execute(select(items.id).where(items.instance_id == one.instance_id)).scalar_one()
            for _ in range(STEPS):
                left: Any = place.engine.complete(item, actor=place.actors[0], version=1)
                item = left.open_items[0].item_id if left.open_items else 0
        done += TOGETHER * STEPS
        if not before and done >= warm:
            before = _resident_mb()
    after = _resident_mb()
    report.add(
        "memory of one process",
        place.label,
        completions=done,
        seconds=perf_counter() - began,
        resident_mb=round(after, 1),
        first_mb=round(before, 1),
    )
    label = f"{place.label}: memory after {done:,} completions over that after {warm:,}"
    report.ratio(label, after, before)
    report.budget(label, after / before, 1.05, unit="times")


def _resident_mb() -> float:
    """Return the memory that this process holds now; Linux tells it."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
