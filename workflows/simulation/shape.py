"""How large a county is, and how its year goes: the sizes that the counties' own reports give, a file a county.

They are what the simulation puts in: so many units, so many projects with so much money. What comes out of it, counts,
sums, averages, grades, is computed from the records of the processes that it plays.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

_BATCHES = ("goals", "added", "last_year", "key", "before", "payments", "exante")
#: What is said of a whole county only.
_WHOLE = frozenset(
    {
        *("unit_goal_amount", "pilots", "poverty_rate", "refusing", "exante_rereviewed", "key_grade"),
        *("training", "inspected"),
    }
)
#: How far a figure that a report gives as about so much may be away from it.
TOLERANCE = Decimal("0.05")
#: The end of a figure's id where it is how much more it is than in the year before.
MORE = ".yoy"
#: The beginning of a figure's id where it is from outside of the system and typed into the annual report.
TYPED = "typed:"


@dataclass(frozen=True, slots=True)
class Batch:
    """A number of projects with their money in 万元; ``sigma`` is the spread of the logarithms of their amounts.

    ``units`` is how many units have them; 0 means all that have projects at all. ``upper`` is how much of the money
    comes from above, ``poverty`` how many of the projects relieve poverty, and ``poverty_amount`` theirs.
    """

    projects: int
    amount: Decimal
    sigma: float = 1.3
    units: int = 0
    upper: Decimal = Decimal(0)
    poverty: int = 0
    poverty_amount: Decimal = Decimal(0)


def compare(cmp: str, found: Decimal | str | None, expected: Decimal | str | None) -> bool:
    """Whether what was found is as expected: ``=``, ``>``, ``>=``, ``<=``, ``~`` (within 5 %) or ``±`` with how far."""
    if not isinstance(found, Decimal) or not isinstance(expected, Decimal):
        return cmp == "=" and found is not None and found == expected
    if cmp == ">":
        return found > expected
    if cmp == ">=":
        return found >= expected
    if cmp == "<=":
        return found <= expected
    if cmp == "~":
        return abs(found - expected) <= abs(expected) * TOLERANCE
    if cmp.startswith("±"):
        return abs(found - expected) <= Decimal(cmp[1:])
    return found == expected


@dataclass(frozen=True, slots=True)
class Expected:
    """What a report says: an id, the figure of :mod:`budget.statistics` that gives it, the value (万元, %, a count).

    ``figure`` with :data:`MORE` at its end is how much more it is than in the year before, one with :data:`TYPED` at its
    beginning is typed. ``cmp`` is one of :func:`compare`. ``at`` is the stage of the year at whose end the report was true,
    empty for the year's end. ``unit`` is what the value is counted in.
    """

    id: str
    figure: str
    value: Decimal
    cmp: str = "="
    at: str = ""
    unit: str = ""

    def holds(self, computed: Decimal | None) -> bool:
        """Whether a computed figure is what the report says."""
        return compare(self.cmp, computed, self.value)


@cache
def aggregates() -> Mapping[str, Mapping[str, Any]]:
    """Return what the counties' reports give in numbers (domain §2), by id: value, unit, words, county, year."""
    text = files(__package__).joinpath("aggregates.json").read_text("utf-8")
    return {one["id"]: one for one in json.loads(text, parse_float=Decimal, parse_int=Decimal)}


@dataclass(frozen=True, slots=True)
class Shape:
    """A county as a report shows it, in one budget year."""

    code: str
    year: int
    #: Budget units; ``with_projects`` of them have projects, ``secret`` may keep nothing here, ``new`` have no last year.
    units: int
    with_projects: int
    secret: int
    new: int
    sections: int
    #: The goals that the year begins with, and those that are added in its course.
    goals: Batch
    added: Batch | None
    #: The projects of the year before, which are evaluated in this one.
    last_year: Batch | None
    #: Those of the year before that are evaluated by third parties or the bureau; they are among them.
    key: Batch | None = None
    #: Those that were evaluated in the year before; they are compared with and nothing else.
    before: Batch | None = None
    #: The payments that units ask for in the course of the year.
    payments: Batch | None = None
    #: The next year's new projects, which are evaluated before money is planned for them.
    exante: Batch | None = None
    #: Shares of the categories: PERSONNEL, OPERATION, SPECIFIC.
    categories: dict[str, float] = field(default_factory=lambda: {"SPECIFIC": 1.0})
    expected: tuple[Expected, ...] = ()
    #: Assertion (A01 to A17 of the domain's acceptance) → the ids that must be as expected for it.
    assertions: dict[str, list[str]] = field(default_factory=dict)
    #: What single businesses need besides, by their name.
    more: dict[str, Any] = field(default_factory=dict)

    def scaled(self, scale: float) -> Shape:
        """Return the county with a share of its projects and units, which no report tells of; its sums shrink alike."""
        if scale == 1:
            return self

        def part(batch: Batch | None) -> Batch | None:
            if batch is None:
                return None
            count = max(1, round(batch.projects * scale))
            amount = (batch.amount * count / batch.projects).quantize(Decimal("0.01"))
            return Batch(count, amount, batch.sigma, min(batch.units, count))

        goals, last_year, key = part(self.goals), part(self.last_year), part(self.key)
        if key is not None and last_year is not None:  # one of few must leave something to the others
            half = (last_year.amount / 2).quantize(Decimal("0.01"))
            key = replace(key, amount=min(key.amount, half))
        assert goals is not None
        with_projects = max(2, min(round(self.with_projects * scale), goals.projects))
        return replace(
            self,
            units=max(with_projects, round(self.units * scale)),
            with_projects=with_projects,
            new=min(self.new, with_projects - 1),
            goals=goals,
            added=part(self.added),
            last_year=last_year,
            key=key,
            before=part(self.before),
            payments=part(self.payments),
            exante=part(self.exante),
            more={name: value for name, value in self.more.items() if name not in _WHOLE},
            expected=(),
            assertions={},
        )


def names() -> tuple[str, ...]:
    """Return the codes of the counties that have a shape."""
    folder = files(__package__).joinpath("shapes")
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def load(code: str) -> Shape:
    """Return the shape of the county with a profile's code; raises KeyError for one that has none."""
    source = files(__package__).joinpath("shapes", f"{code}.toml")
    if not source.is_file():
        raise KeyError(code)
    data = tomllib.loads(source.read_text("utf-8"), parse_float=Decimal)
    batches = {name: _batch(data.pop(name, None)) for name in _BATCHES}
    goals = batches["goals"]
    assert goals is not None
    known = {name: data.pop(name) for name in ("year", "units", "with_projects", "secret", "new", "sections")}
    categories = {name: float(share) for name, share in data.pop("categories", {"SPECIFIC": 1}).items()}
    return Shape(
        code=code,
        **known,
        goals=goals,
        added=batches["added"],
        last_year=batches["last_year"],
        key=batches["key"],
        before=batches["before"],
        payments=batches["payments"],
        exante=batches["exante"],
        categories=categories,
        expected=tuple(_expected(id, said) for id, said in data.pop("expected", {}).items()),
        assertions=data.pop("assertions", {}),
        more=data,
    )


def _expected(id: str, said: Mapping[str, str]) -> Expected:
    told = aggregates()[id]
    return Expected(
        id,
        said["figure"],
        Decimal(told["value"]),
        told.get("cmp", "="),
        said.get("at", ""),
        told["unit"],
    )


def _batch(data: dict[str, Any] | None) -> Batch | None:
    if data is None:
        return None
    return Batch(
        int(data["projects"]),
        Decimal(data["amount"]),
        float(data.get("sigma", 1.3)),
        int(data.get("units", 0)),
        Decimal(data.get("upper", 0)),
        int(data.get("poverty", 0)),
        Decimal(data.get("poverty_amount", 0)),
    )
