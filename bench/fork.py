"""What a completion costs in a wide parallel gateway: every branch of it waits beside the one that is completed."""

from __future__ import annotations

from sqlalchemy import select

from bench.counties import County, begin, county, databases
from bench.measure import Report, Series
from bench.processes import STEPS, fork, line
from engine import tables

BRANCHES = 50
INSTANCES = 20


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Complete every branch of wide forks on each database, and between them the steps of a line, as the peer."""
    report = Report("fork")
    for kind in databases(only):
        with county(kind, {"wide.bpmn": fork(BRANCHES), "line.bpmn": line()}) as place:
            _measure(report, place, 2 if quick else INSTANCES)
    return report


def _measure(report: Report, place: County, instances: int) -> None:
    wide, alone = Series(), Series()
    for _ in range(instances):
        _branches(place, wide)
        _steps(place, alone)
    figures, peer = wide.figures(), alone.figures()
    report.add(f"fork of {BRANCHES} branches", place.label, **figures)
    report.add(f"line of {STEPS} steps", place.label, **peer)
    label = f"{place.label}: a completion in a fork of {BRANCHES}"
    report.ratio(f"{label} over one in a line", figures["p50_ms"], peer["p50_ms"])
    report.budget(f"{label}, p95", figures["p95_ms"], 5, unit="ms")


def _branches(place: County, series: Series) -> None:
    """Start a fork and complete all its branches."""
    instance, _item = begin(place, "wide", "step_1")
    items = tables.work_items.c
    with place.database.read() as unit:
        found = unit.execute(select(items.id).where(items.instance_id == instance)).scalars().all()
    with series.running():
        for item in found:
            series.once(lambda item=item: place.engine.complete(item, actor=place.actors[0], version=1))


def _steps(place: County, series: Series) -> None:
    """Start a line and complete it step by step."""
    _instance, item = begin(place, "line", "step_1")
    with series.running():
        for _ in range(STEPS):
            left = series.once(
                lambda item=item: place.engine.complete(item, actor=place.actors[0], version=1)
            )
            item = left.open_items[0].item_id if left.open_items else 0
