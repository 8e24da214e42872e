"""A signature among many: what it costs beside a signature among few and beside a task that one person decides."""

from __future__ import annotations

from sqlalchemy import select

from bench.counties import County, county, databases
from bench.measure import Report, Series, quantile
from bench.processes import line, signed
from engine import tables
from engine.commands.start import StartRequest
from engine.identity import SYSTEM

#: Signers of one signing; the last row is the one that the others are compared with.
SIGNERS = (200, 20, 2)
SIGNATURES = 400


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Measure joint signing (会签) and signing in order (依次); the whole takes ten seconds on each database."""
    report = Report("signing")
    count = 20 if quick else SIGNATURES
    for kind in databases(only):
        files = {"line.bpmn": line(1)}
        files |= {f"{mode}.bpmn": signed(mode, process=mode) for mode in ("all", "ordered")}
        with county(kind, files) as place:
            alone = _line(place, count)
            report.add("one person decides", place.label, **alone.figures())
            for mode, name in (("all", "joint"), ("ordered", "in order")):
                for signers in SIGNERS:
                    series = _signing(place, mode, signers, count)
                    report.add(f"{name}, {signers} signers", place.label, **series.figures())
                    over = f"{place.label}: a signature among {signers} {name} / one person decides"
                    report.ratio(over, quantile(series.seconds, 0.5), quantile(alone.seconds, 0.5))
    return report


def _signing(place: County, mode: str, signers: int, count: int) -> Series:
    """Give ``count`` signatures, or as many as whole signings need."""
    series = Series()
    done = 0
    while done < count:
        people = [place.actors[0].principal] * signers
        (started,) = place.engine.start_many(mode, [StartRequest({"people": people})], actor=SYSTEM)
        items = tables.work_items.c
        query = select(items.id, items.version).where(items.instance_id == started.instance_id)
        with place.database.read() as unit:
            found = unit.execute(query.order_by(items.item)).all()
        later = 1 if mode == "ordered" else 0
        with series.running():
            for index, item in enumerate(found):
                version = item.version + (later if index else 0)
                series.once(
                    lambda item=item, version=version: place.engine.complete(
                        item.id, actor=place.actors[0], version=version, outcome="同意"
                    )
                )
        done += signers
    return series


def _line(place: County, count: int) -> Series:
    """Complete ``count`` tasks that one person decides."""
    series = Series()
    started = place.engine.start_many("line", [StartRequest({})] * count, actor=SYSTEM)
    items = tables.work_items.c
    with place.database.read() as unit:
        found = [
            unit.execute(select(items.id).where(items.instance_id == one.instance_id)).scalar_one()
            for one in started
        ]
    with series.running():
        for item in found:
            series.once(lambda item=item: place.engine.complete(item, actor=place.actors[0], version=1))
    return series
