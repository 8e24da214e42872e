"""What must not grow with the length of a case's history: its state and a lap's time, over a thousand rounds of rework."""

from __future__ import annotations

from time import process_time

from sqlalchemy import func, select

from bench.counties import County, begin, county, databases
from bench.measure import Report, quantile
from bench.processes import AGAIN, rework
from engine import tables

LAPS = 1000
AROUND = {
    "alone": "alone",
    "beside": "beside a waiting branch",
    "event": "under an event sub-process",
    "boundary": "under a boundary event",
}


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Measure the four kinds of rework on each database."""
    report = Report("laps")
    for kind in databases(only):
        files = {f"{name}.bpmn": rework(name, process=name) for name in AROUND}
        with county(kind, files) as place:
            for name in AROUND:
                _laps(report, place, name, 50 if quick else LAPS)
    return report


def _laps(report: Report, place: County, name: str, count: int) -> None:
    """Go round ``count`` times; compare the first tenth with the last."""
    instance, item = begin(place, name, "step_1")
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


def _state_bytes(place: County, instance: int) -> int:
    """Return the bytes of everything that a command reads of an instance: tokens, variables, progress."""
    row = tables.instances.c
    size = func.length(row.tokens) + func.length(row.variables) + func.length(row.progress)
    with place.database.read() as unit:
        return int(unit.execute(select(size).where(row.id == instance)).scalar_one())
