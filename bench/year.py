"""A county's year played by two processes at two scales, beside the bare commits that its completions are at least.

The largest county has 34,261 goals, and playing all of them takes the better part of an hour. So two smaller ones are
played, and the whole is reckoned from what a year costs at all and what each of its completions costs.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass
from time import perf_counter

from bench.counties import County, county, databases
from bench.floor import Floor
from bench.measure import Report
from bench.processes import line
from workflows.simulation.shape import load
from workflows.simulation.year import Year

COUNTY = "tianmen"
SCALES = (0.01, 0.03)
QUICK = (0.001, 0.002)
WORKERS = 2
#: What is wanted of the whole county on two cores: seconds, and MB of memory.
SECONDS, MEMORY = 3600.0, 2048.0


@dataclass(frozen=True, slots=True)
class Played:
    """A county's year at a scale: how many completions in how many seconds, with at most so many MB by then."""

    scale: float
    completions: int
    seconds: float
    peak_mb: float


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Play two years on each database; takes some minutes."""
    report = Report("year")
    for kind in databases(only):
        played = []
        for scale in QUICK if quick else SCALES:
            with county(kind, {"line.bpmn": line()}) as place:
                played.append(_play(place, scale))
                floor = _commits(place, played[-1].completions)
                label = place.label
            found = played[-1]
            report.add(
                f"{COUNTY} × {scale}",
                label,
                clients=WORKERS,
                scale=scale,
                completions=found.completions,
                seconds=found.seconds,
                per_second=found.completions / found.seconds,
                ms_per_completion=round(1000 * found.seconds / found.completions, 2),
                peak_mb=round(found.peak_mb),
            )
            report.add("bare commits", label, clients=1, completions=found.completions, seconds=floor)
            report.ratio(f"{label}: a year × {scale} / bare commits", found.seconds, floor)
        small, large = played
        whole = _whole(small, large)
        report.budget(f"{label}: {COUNTY} whole, reckoned from both", whole.seconds, SECONDS, unit="s")
        report.budget(f"{label}: {COUNTY} whole, memory reckoned", whole.peak_mb, MEMORY, unit="MB")
    return report


def _play(place: County, scale: float) -> Played:
    """Play the county's year at a scale; preparing it isn't timed."""
    year = Year(place.engine, load(COUNTY).scaled(scale), workers=WORKERS)
    year.prepare()
    began = perf_counter()
    year.run()
    seconds = perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    helper = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Played(scale, year.count.completions, seconds, (own + helper * (WORKERS - 1)) / 1024)


def _commits(place: County, count: int) -> float:
    """Return how long as many of the smallest durable transactions take."""
    floor = Floor(place)
    try:
        return floor.smallest(count).wall
    finally:
        floor.close()


def _whole(small: Played, large: Played) -> Played:
    """Return what the whole county would take: the cost of a year at all, and as much more for each completion."""

    def reckoned(at: tuple[float, float], then: tuple[float, float], x: float) -> float:
        slope = (then[1] - at[1]) / (then[0] - at[0])
        return then[1] + slope * (x - then[0])

    completions = reckoned((small.scale, small.completions), (large.scale, large.completions), 1.0)
    seconds = reckoned((small.completions, small.seconds), (large.completions, large.seconds), completions)
    peak = reckoned((small.completions, small.peak_mb), (large.completions, large.peak_mb), completions)
    return Played(1.0, round(completions), seconds, peak)
