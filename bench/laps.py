"""What must not grow: an instance over a thousand rounds of rework, a wide fork, a worker over many completions."""

from __future__ import annotations

import os
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import func, select

from bench.counties import County, county, databases
from bench.measure import Report, Series, quantile
from bench.processes import AGAIN, STEPS, fork, line, rework
from engine import tables
from engine.commands.start import StartRequest
from engine.identity import SYSTEM

LAPS = 1000
AROUND = {
    "alone": "alone",
    "beside": "beside a waiting branch",
    "event": "under an event sub-process",
    "boundary": "under a boundary event",
}
BRANCHES = 50
COMPLETIONS = 100_000
#: Completions before the memory is looked at first: caches are full and SQLite has its pages by then.
WARM = 10_000
TOGETHER = 50


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Measure the three on each database; the whole takes five minutes."""
    report = Report("laps")
    for kind in databases(only):
        files = {f"{name}.bpmn": rework(name, process=name) for name in AROUND}
        files |= {"line.bpmn": line(), "wide.bpmn": fork(BRANCHES)}
        with county(kind, files) as place:
            for name in AROUND:
                _laps(report, place, name, 50 if quick else LAPS)
            _fork(report, place, 2 if quick else 20)
            _memory(report, place, WARM // 50 if quick else WARM, COMPLETIONS // 50 if quick else COMPLETIONS)
    return report


def _laps(report: Report, place: County, name: str, count: int) -> None:
    """Go round ``count`` times; compare the first tenth with the last."""
    instance, item = _start(place, name, "step_1")
    seconds: list[float] = []
    sizes = []
    for _ in range(count):
        began = process_time()
        done = place.engine.complete(item, actor=place.actors[0], version=1, outcome=AGAIN)
        seconds.append(process_time() - began)
        (item,) = (opened.item_id for opened in done.open_items)
        if len(seconds) in (1, count):
            sizes.append(_state_bytes(place, instance))
    tenth = count // 10
    first, last = quantile(seconds[:tenth], 0.5), quantile(seconds[-tenth:], 0.5)
    report.add(
        f"rework {AROUND[name]}",
        place.label,
        laps=count,
        cpu_ms=1000 * last,
        first_cpu_ms=round(1000 * first, 3),
        state_bytes=sizes[-1],
        first_bytes=sizes[0],
    )
    label = f"{place.label}, {AROUND[name]}: the last tenth of {count:,} laps over the first"
    report.ratio(label, last, first)
    report.budget(label, last / first, 1.25, unit="times")
    report.budget(
        f"{place.label}, {AROUND[name]}: growth of the state", sizes[-1] - sizes[0], 16, unit="bytes"
    )


def _fork(report: Report, place: County, instances: int) -> None:
    """Complete every branch of wide forks."""
    series = Series()
    for _ in range(instances):
        instance, _item = _start(place, "wide", "step_1")
        items = tables.work_items.c
        with place.database.read() as unit:
            found = unit.execute(select(items.id).where(items.instance_id == instance)).scalars().all()
        with series.running():
            for item in found:
                series.once(lambda item=item: place.engine.complete(item, actor=place.actors[0], version=1))
    figures = series.figures()
    report.add(f"fork of {BRANCHES} branches", place.label, **figures)
    report.budget(
        f"{place.label}: a completion in a fork of {BRANCHES}, p95", figures["p95_ms"], 5, unit="ms"
    )


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


def _start(place: County, process: str, element: str) -> tuple[int, int]:
    """Start an instance; return its id and that of its open item at ``element``."""
    (started,) = place.engine.start_many(process, [StartRequest({})], actor=SYSTEM)
    items = tables.work_items.c
    query = select(items.id).where(items.instance_id == started.instance_id, items.element == element)
    with place.database.read() as unit:
        return started.instance_id, unit.execute(query).scalar_one()


def _state_bytes(place: County, instance: int) -> int:
    """Return the bytes of everything that a command reads of an instance: tokens, variables, progress."""
    row = tables.instances.c
    size = func.length(row.tokens) + func.length(row.variables) + func.length(row.progress)
    with place.database.read() as unit:
        return int(unit.execute(select(size).where(row.id == instance)).scalar_one())


def _resident_mb() -> float:
    """Return the memory that this process holds now; Linux tells it."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
