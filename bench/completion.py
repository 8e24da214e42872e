"""One completion of a user task: engine CPU alone, and durable with all its statements, beside its peers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench import crowd, tokens
from bench.counties import County, county, databases
from bench.crowd import CLIENTS
from bench.floor import Floor
from bench.measure import Report, Series, quantile
from bench.processes import STEPS, line
from bench.replay import Tape, recording, replay
from engine.commands.complete import OpenItem
from engine.commands.start import StartRequest
from engine.errors import BihuanError
from engine.identity import SYSTEM, Actor

#: At which share of the wanted rate clients come who rest between two acts: those who never rest measure a queue.
PACE = 0.5
#: Into how many turns the durable run and its raw statements are split.
TURNS = 10


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Measure; the whole takes about a minute on each database."""
    report = Report("completion")
    _engine_cpu(report, 20 if quick else 500, 3 if quick else 50)
    for kind in databases(only):
        with county(kind, {"line.bpmn": line()}, people=CLIENTS) as place:
            _durable(report, place, 3 if quick else 100, quick=quick)
    return report


def _engine_cpu(report: Report, instances: int, stock_instances: int) -> None:
    """Tokens only: no database, no forms."""
    ours, seconds = tokens.ours(instances)
    stock, stock_seconds = tokens.stock(stock_instances)
    laps = tokens.laps(tokens.LAPS)
    report.add("bihuan, engine CPU", None, **ours)
    report.add("stock SpiffWorkflow serializer, engine CPU", None, **stock)
    report.add("bihuan, engine CPU after 1,000 rework laps", None, **laps)
    report.ratio("engine CPU: stock / bihuan", quantile(stock_seconds, 0.5), quantile(seconds, 0.5))
    report.budget("engine CPU of one completion, median", ours["p50_ms"], 0.4, unit="ms")
    report.budget("engine CPU of one completion, p95", ours["p95_ms"], 1.0, unit="ms")
    report.budget("state", ours["state_bytes"], 2000, unit="bytes")
    report.budget("lap 1,000 over lap 1", laps["cpu_ms"] / max(laps["first_cpu_ms"], 1e-3), 1.5, unit="times")


def _durable(report: Report, place: County, instances: int, *, quick: bool) -> None:
    """The whole command, committed to the disk."""
    label = place.label
    _complete_all(place, _start(place, 2), place.actors[0])  # warm: caches, prepared statements
    items = _start(place, instances)
    copy = place.snapshot()
    with recording(place.database.engine) as tape:
        _complete_all(place, items, place.actors[0], tape)
    counts = tape.statements
    # Timed apart from the recording, on fresh instances, and in turns with the raw statements: whatever else the
    # machine does slows down both alike.
    alone, raw = Series(), Series()
    share = -(-instances // TURNS)
    with place.sender(copy) as send:
        for first in range(0, len(tape.acts), share * STEPS):
            _complete_all(place, _start(place, share), place.actors[0], series=alone)
            replay(send, tape.acts[first : first + share * STEPS], raw)
    wanted = 1000 if place.kind == "sqlite" else 500
    crowds = {rate: _crowds(place, max(CLIENTS, instances), rate) for rate in (None, wanted * PACE)}
    floor = Floor(place)
    smallest = floor.smallest(200 if quick else 2000)
    stock = floor.stock(2 if quick else 20)
    floor.close()
    ours = report.add("bihuan", label, **alone.figures(), statements=median(counts))
    report.rows[-1]["statements_max"] = max(counts)
    report.add("raw statements", label, **raw.figures(), statements=median(counts))
    for rate, (ours_together, raw_together) in crowds.items():
        pace = "" if rate is None else f", {rate:.0f} a second"
        report.add(f"bihuan{pace}", label, **ours_together.figures(CLIENTS))
        report.add(f"raw statements{pace}", label, **raw_together.figures(CLIENTS))
    report.add("stock SpiffWorkflow serializer", label, **stock.figures(), statements=2)
    report.add("smallest durable transaction", label, **smallest.figures(), statements=1)
    for name, peer in (("raw statements", raw), ("smallest durable transaction", smallest)):
        report.ratio(
            f"{label}: bihuan / {name}, median", quantile(alone.seconds, 0.5), quantile(peer.seconds, 0.5)
        )
    report.ratio(
        f"{label}: stock / bihuan, median", quantile(stock.seconds, 0.5), quantile(alone.seconds, 0.5)
    )
    report.budget(f"{label}: statements", max(counts), 12, unit="")
    report.budget(
        f"{label}: over raw statements",
        ours["p50_ms"] / max(1000 * quantile(raw.seconds, 0.5), 1e-6),
        2,
        unit="times",
    )
    report.budget(f"{label}: one client, 1/rate", 1000 / ours["per_second"], 1000 / wanted, unit="ms")
    for rate, (ours_together, raw_together) in crowds.items():
        pace = "that never rest" if rate is None else f"at random, {rate:.0f} a second"
        p99, p99_raw = (quantile(series.seconds, 0.99) for series in (ours_together, raw_together))
        report.budget(f"{label}: p99 with {CLIENTS} clients {pace}", 1000 * p99, 10, unit="ms")
        report.ratio(f"{label}: p99 with {CLIENTS} clients {pace}, bihuan / raw statements", p99, p99_raw)


def _start(place: County, count: int) -> list[OpenItem]:
    """Start ``count`` instances and return their first items."""
    started = place.engine.start_many("line", [StartRequest({})] * count, actor=SYSTEM)
    return [_first(place, one.instance_id) for one in started]


def _first(place: County, instance: int) -> OpenItem:
    """Return the open item of a fresh instance."""
    from sqlalchemy import select

    from engine import tables

    items = tables.work_items.c
    with place.database.read() as unit:
        row = unit.execute(select(items.id).where(items.instance_id == instance, items.state == "open")).one()
    return OpenItem(row.id, "step_1", "", [], None)


def _complete_all(
    place: County,
    items: Sequence[OpenItem],
    actor: Actor,
    tape: Tape | None = None,
    series: Series | None = None,
) -> Series:
    """Bring every instance to its end, one step of each in turn, so that no cache holds just one instance."""
    series = series or Series()
    open_items = list(items)
    with series.running():
        for _step in range(STEPS):
            following: list[OpenItem] = []
            for item in open_items:
                if tape is not None:
                    tape.begin()
                done: Any = series.once(
                    lambda item=item: place.engine.complete(
                        item.item_id, actor=actor, version=1, outcome="办结"
                    )
                )
                following += done.open_items
            open_items = following
    if open_items:
        raise BihuanError("bench.unfinished", items=len(open_items))
    return series


def _crowds(place: County, instances: int, rate: float | None) -> tuple[Series, Series]:
    """Let :data:`CLIENTS` people work at once, each on instances of their own, at random where a ``rate`` is given; then
    send what such a crowd sends.
    """

    def working(actor: Actor) -> crowd.Step:
        def step(item: OpenItem) -> Sequence[OpenItem]:
            return place.engine.complete(item.item_id, actor=actor, version=1, outcome="办结").open_items

        return step

    def taped() -> tuple[str, Tape]:
        items = _start(place, instances)
        copy = place.snapshot()
        with recording(place.database.engine) as tape:
            _complete_all(place, items, place.actors[0], tape)
        return copy, tape

    shares = [(working(actor), _start(place, instances // CLIENTS)) for actor in place.actors]
    return crowd.together(shares, rate), crowd.raw(place, taped, instances, rate)
