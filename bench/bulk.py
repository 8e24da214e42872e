"""A bulk run: a thousand tasks decided with one confirmation, beside the same decided one by one and the bare SQL."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time

from sqlalchemy import select

from bench.counties import County, county, databases
from bench.measure import Report, Series
from bench.processes import line
from bench.replay import recording, replay
from engine import tables
from engine.commands.bulk import Wish
from engine.commands.start import StartRequest
from engine.identity import SYSTEM

TASKS = 1000
#: Architecture §5: the server's time for a thousand tasks on one core.
BUDGET_SECONDS = 2.0
WISH = Wish("complete", "办结")


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Measure choosing, previewing and doing; takes about ten seconds on each database."""
    report = Report("bulk")
    tasks = TASKS // 20 if quick else TASKS
    for kind in databases(only):
        with county(kind, {"line.bpmn": line()}) as place:
            place.engine.do_many(
                _fresh(place, 5), WISH, actor=place.actors[0]
            )  # warm: caches, prepared statements
            _measure(report, place, tasks)
    return report


def _measure(report: Report, place: County, tasks: int) -> None:
    label, actor, engine = place.label, place.actors[0], place.engine
    items = _fresh(place, tasks)
    copy = place.snapshot()
    with recording(place.database.engine) as tape:
        tape.begin()
        found = engine.do_many(items, WISH, actor=actor)
    if any(line.state != "done" for line in found):
        raise RuntimeError("a task of the bulk run was not done")
    raw = Series()
    with place.sender(copy) as send:
        replay(send, tape.acts, raw)
    (act,) = tape.acts
    # Timed apart from the recording, on fresh tasks.
    run = engine.choose_bulk(_fresh(place, tasks), actor=actor)
    seen = _timed(report, "preview", label, tasks, lambda: engine.preview_bulk(run, actor=actor, wish=WISH))
    items = _fresh(place, tasks)
    together = _timed(report, "bihuan", label, tasks, lambda: engine.do_many(items, WISH, actor=actor))
    spent = report.rows[-1]["cpu_ms"] * tasks / 1000
    report.rows[-1]["statements"] = round(sum(map(len, act)) / tasks, 1)
    report.rows[-1]["transactions"] = len(act)
    others = _fresh(place, tasks)

    def one_by_one() -> None:
        for item, version in others:
            engine.complete(item, actor=actor, version=version, outcome=WISH.outcome)

    alone = _timed(report, "one by one", label, tasks, one_by_one)
    report.add("raw statements", label, clients=1, tasks=tasks, seconds=raw.wall, per_second=tasks / raw.wall)
    report.ratio(f"{label}: one by one / bihuan", alone, together)
    report.ratio(f"{label}: bihuan / raw statements", together, raw.wall)
    budget = BUDGET_SECONDS * tasks / TASKS
    report.budget(f"{label}: {tasks:,} tasks, the server's CPU time", spent, budget, unit="s")
    report.budget(f"{label}: {tasks:,} tasks", together, budget, unit="s")
    report.budget(f"{label}: the preview of {tasks:,} tasks", seen, budget, unit="s")


def _timed(report: Report, name: str, label: str, tasks: int, act: Callable[[], object]) -> float:
    """Run ``act`` and add its row; return the seconds that it took."""
    wall, cpu = perf_counter(), process_time()
    act()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    report.add(
        name, label, clients=1, tasks=tasks, seconds=wall, per_second=tasks / wall, cpu_ms=1000 * cpu / tasks
    )
    return wall


def _fresh(place: County, count: int) -> list[tuple[int, int]]:
    """Start instances and return their first tasks with their versions."""
    started = place.engine.start_many("line", [StartRequest({})] * count, actor=SYSTEM)
    first, items = started[0].instance_id, tables.work_items.c
    query = select(items.id, items.version).where(items.instance_id >= first, items.state == "open")
    with place.database.read() as unit:
        return [(row.id, row.version) for row in unit.execute(query.order_by(items.id))]
