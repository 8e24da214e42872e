"""The acceptance of a county's year, A01 to A17 (domain §2.1): what came of the records beside what it should be.

Nothing that is expected is written here. It is what the county's report says (:mod:`workflows.simulation.shape`), what was
put into the register before the year began (:class:`PutIn`), what a decision of the county says, or another figure of the
same year. A report tells of one county; the law behind what it tells holds wherever the same business is done. So each
assertion is asked of each county and at each size, and only what a report gives in numbers is left to the whole county.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budget.annual import COVERAGES
from budget.cases import CaseKind
from budget.money import round_half_up, wan_from_fen
from budget.publishing.codes import PublicationKind
from budget.statistics.evaluations import GRADES
from engine.calendar import WorkingDays
from workflows.profiles.calendar import Entry, entries
from workflows.scoring import grade
from workflows.simulation.shape import MORE, Expected, compare

if TYPE_CHECKING:
    from budget.tables import Project
    from workflows.profiles import Profile
    from workflows.simulation.shape import Shape

#: The fewest indicators that a goal has, that of a post (domain §9.4, V28).
FEWEST = 3
#: How far a rate may be away, in percentage points (A16).
POINT = Decimal("0.01")


class Source(StrEnum):
    """Where what is expected is from."""

    REPORT = "report"
    INPUT = "input"
    FIGURES = "figures"
    DECISION = "decision"
    MEASURED = "measured"


@dataclass(slots=True)
class PutIn:
    """Projects that were put into the register, those of secret units left out; amounts in 分."""

    projects: int = 0
    amount: int = 0
    upper: int = 0
    poverty: int = 0
    poverty_amount: int = 0
    units: set[str] = field(default_factory=set)
    #: How many, and with how much money, by the budget that pays them.
    books: Counter[str] = field(default_factory=Counter)
    book_amounts: Counter[str] = field(default_factory=Counter)
    #: The scores that they are to get, where that was drawn.
    scores: list[Decimal] = field(default_factory=list)

    def add(self, project: Project) -> None:
        """Count a project."""
        self.projects += 1
        self.amount += project.annual_amount
        self.upper += project.upper_amount
        self.units.add(project.unit)
        self.books[project.fund_book] += 1
        self.book_amounts[project.fund_book] += project.annual_amount
        if project.poverty_flag:
            self.poverty += 1
            self.poverty_amount += project.annual_amount

    def count_of(self, books: Sequence[str]) -> int:
        """Return how many some budgets pay; all for none."""
        return sum(self.books[book] for book in books) if books else self.projects

    def amount_of(self, books: Sequence[str]) -> int:
        """Return how much money they have, in 分."""
        return sum(self.book_amounts[book] for book in books) if books else self.amount

    def mean(self) -> Decimal | None:
        """Return the simple mean of the scores that they are to get, with two places."""
        return round_half_up(sum(self.scores, Decimal(0)) / len(self.scores), 2) if self.scores else None


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison: the id of a figure (or of what is compared), what was found, what is expected and where that is from.

    ``cmp`` is one of :func:`workflows.simulation.shape.compare`.
    """

    id: str
    found: Decimal | str | None
    expected: Decimal | str | None
    source: Source
    cmp: str = "="

    @property
    def holds(self) -> bool:
        """Whether it is as expected."""
        return compare(self.cmp, self.found, self.expected)


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion with its comparisons; one without any is not of this county, which doesn't do the business."""

    name: str
    checks: Sequence[Check]

    @property
    def applies(self) -> bool:
        """Whether the county does what it is about."""
        return bool(self.checks)

    @property
    def holds(self) -> bool:
        """Whether every comparison is as expected."""
        return all(one.holds for one in self.checks)


@dataclass(frozen=True)
class Facts:
    """What a year left: figures as they are read (万元, %, points), by id, and the lines of the annual report."""

    shape: Shape
    profile: Profile
    put_in: Mapping[str, PutIn]
    figures: Mapping[str, Decimal | None]
    #: The figures by the stage of the year at whose end they were computed.
    stages: Mapping[str, Mapping[str, Decimal | None]]
    lines: Sequence[Mapping[str, Any]]
    #: When projects were added in the course of the year.
    added_on: date | None

    def of(self, batch: str) -> PutIn:
        """Return what was put in as a batch, nothing where there is none."""
        return self.put_in.get(batch, PutIn())

    @cached_property
    def planned(self) -> Sequence[Entry]:
        """The campaigns that the county's calendar opens in the year."""
        plan = self.profile.value("calendar.plan")
        return entries(plan, self.shape.year, WorkingDays().add)

    def plans(self, kind: CaseKind, offset: int = 0) -> Sequence[Entry]:
        """Return the campaigns of a kind about a budget year, counted from the year."""
        year = self.shape.year + offset
        return [one for one in self.planned if one.kind == kind and one.fiscal_year == year]

    def sum(self, *ids: str) -> Decimal:
        """Add figures up; one that is unknown is nothing."""
        return sum((self.figures.get(id) or Decimal(0) for id in ids), Decimal(0))

    def put(self, id: str, expected: int | Decimal | None, cmp: str = "=", stage: str = "") -> Check:
        """Compare a figure with what was put in."""
        found = self.stages[stage].get(id) if stage else self.figures.get(id)
        return Check(id, found, None if expected is None else Decimal(expected), Source.INPUT, cmp)

    def money(self, id: str, fen: int, cmp: str = "=", stage: str = "") -> Check:
        """Compare a figure in 万元 with what was put in, in 分."""
        return self.put(id, wan_from_fen(fen), cmp, stage)

    def same(self, id: str, expected: Decimal | None, cmp: str = "=") -> Check:
        """Compare a figure with what other figures of the year give."""
        return Check(id, self.figures.get(id), expected, Source.FIGURES, cmp)


def _a01(facts: Facts) -> Iterator[Check]:
    """The reports that were reviewed are those of units and of projects; the whole county has no more than may be drawn."""
    if not facts.plans(CaseKind.REPORT_REVIEW, -1):
        return
    yield facts.same("report.sampled", facts.sum("report.dept", "report.project"))
    if facts.shape.expected:
        may = facts.sum("units.level1") - facts.sum("units.secret", "units.new")
        yield facts.same("report.sampled", may, "<=")


def _a02(facts: Facts) -> Iterator[Check]:
    """Every unit that has anything to report is covered, and the coverage that the report prints is the quotient.

    Where units evaluate their overall spending, all of them do (S2-04).
    """
    shape = facts.shape
    whole = facts.profile.value("unit_goal.scope") != "PILOT"
    with_projects = set().union(*(facts.of(batch).units for batch in ("goals", "last_year")))
    yield facts.put("units.covered", shape.units - shape.secret if whole else len(with_projects))
    if facts.plans(CaseKind.UNIT_SELF_EVALUATION, -1):
        pilots = int(shape.more.get("pilots", 0))
        yield facts.put("dept.evaluated", shape.units - shape.secret if whole else pilots)
    counted = facts.profile.value("statistics.denominator")
    left_out = {"all": (), "open": ("units.secret",), "settled": ("units.secret", "units.new")}[counted]
    due = facts.sum("units.level1") - facts.sum(*left_out)
    if due:
        share = min(Decimal(100), round_half_up(facts.sum("units.covered") * 100 / due, 2))
        yield facts.same(COVERAGES[counted], share)


def _a03(facts: Facts) -> Iterator[Check]:
    """What was to be evaluated was, with all its money."""
    if "last_year" in facts.put_in:
        yield facts.put("selfeval.projects", facts.of("last_year").projects)
        yield facts.money("selfeval.amount", facts.of("last_year").amount)


def _a04(facts: Facts) -> Iterator[Check]:
    """The money of all projects that the county monitors was monitored."""
    if facts.plans(CaseKind.MONITORING):
        books = facts.profile.value("monitoring.funds")
        whole = sum(facts.of(batch).amount_of(books) for batch in ("goals", "added"))
        yield facts.money("monitor.amount", whole)


def _a05(facts: Facts) -> Iterator[Check]:
    """The annual report's growth is the difference of two years, on each of its lines."""
    known = [one for one in facts.lines if one["value"] is not None and one["before"] is not None]
    right = sum(_number(one["change"]) == _number(one["value"]) - _number(one["before"]) for one in known)
    yield Check("annual.change", Decimal(right), Decimal(len(known)), Source.FIGURES)
    if "before" in facts.put_in:
        last, before = facts.of("last_year"), facts.of("before")
        by_id = {one["id"]: one for one in facts.lines}
        for id, expected in (
            ("selfeval.projects", Decimal(last.projects - before.projects)),
            ("selfeval.amount", wan_from_fen(last.amount - before.amount)),
        ):
            yield Check(f"{id}{MORE}", _number(by_id[id]["change"]), expected, Source.INPUT)


def _number(text: str | None) -> Decimal:
    return Decimal((text or "0").replace(",", ""))


def _a06(facts: Facts) -> Iterator[Check]:
    """The mean of the self-evaluations is the simple mean of the scores that units gave themselves."""
    if facts.of("last_year").scores:
        yield facts.put("selfeval.avg", facts.of("last_year").mean())


def _a07(facts: Facts) -> Iterator[Check]:
    """Each key evaluation is by a third party or by the bureau, and their money is that of the chosen projects."""
    if "key" in facts.put_in:
        yield facts.same("keyeval.projects", facts.sum("keyeval.third", "keyeval.bureau"))
        yield facts.put("keyeval.projects", facts.of("key").projects)
        yield facts.money("keyeval.amount", facts.of("key").amount)


def _a08(facts: Facts) -> Iterator[Check]:
    """Every approved goal was published on or between the days that were set, where the county publishes goals."""
    periods = (PublicationKind.of_period(one.period) for one in facts.plans(CaseKind.PUBLICATION))
    if PublicationKind.GOAL in periods and facts.profile.value("publication.goal") != "NONE":
        yield facts.put("published.goal", facts.of("goals").projects)
        yield facts.same("published.goal.intime", facts.sum("published.goal"))


def _a09(facts: Facts) -> Iterator[Check]:
    """The next year's new projects were evaluated, with all that was asked for them."""
    if "exante" in facts.put_in:
        yield facts.put("exante.projects", facts.of("exante").projects)
        yield facts.money("exante.amount", facts.of("exante").amount)
        again = facts.shape.more.get("exante_rereviewed")
        if again is not None:
            yield facts.put("exante.rereview", int(again))


def _a10(facts: Facts) -> Iterator[Check]:
    """The money that was evaluated is what came from above and the county's own."""
    if "last_year" in facts.put_in:
        yield facts.same("selfeval.amount", facts.sum("selfeval.upper", "selfeval.local"))
        yield facts.money("selfeval.upper", facts.of("last_year").upper)
        yield facts.put("selfeval.units", len(facts.of("last_year").units))


def _a11(facts: Facts) -> Iterator[Check]:
    """The projects of the beginning had their goals approved, and those that were added in its course are monitored too."""
    goals, added = facts.of("goals"), facts.of("added")
    yield facts.put("goal.projects", goals.projects, stage="goals")
    yield facts.money("goal.amount", goals.amount, stage="goals")
    if facts.plans(CaseKind.MONITORING):
        books = facts.profile.value("monitoring.funds")
        yield facts.put("monitor.projects", goals.count_of(books) + added.count_of(books))


def _a12(facts: Facts) -> Iterator[Check]:
    """The mean of the key evaluations is that of their scores, and their grades are those of D01."""
    key = facts.of("key")
    if not key.scores:
        return
    yield facts.put("keyeval.avg", key.mean())
    grades = facts.profile.group("grades")
    counted = Counter(grade(score, grades) for score in key.scores)
    for word, id in GRADES.items():
        yield Check(f"keyeval.{id}", facts.figures[f"keyeval.{id}"], Decimal(counted[word]), Source.DECISION)
    told = facts.shape.more.get("key_grade")
    if told is not None:
        yield Check("keyeval.grade", grade(facts.figures["keyeval.avg"], grades), str(told), Source.REPORT)


def _a13(facts: Facts) -> Iterator[Check]:
    """Each project was reported on at each checkpoint of its life, each unit as a whole where that is called for."""
    opened = [one.opens for one in facts.plans(CaseKind.MONITORING)]
    if opened:
        books = facts.profile.value("monitoring.funds")
        goals, added = facts.of("goals").count_of(books), facts.of("added").count_of(books)
        seen = sum(1 for day in opened if facts.added_on is not None and day > facts.added_on)
        yield facts.put("monitor.checkpoints", len(opened))
        yield facts.put("monitor.reports", goals * len(opened) + added * seen)
        yield facts.put("monitor.every", goals + (added if seen == len(opened) else 0))
    if facts.plans(CaseKind.UNIT_MONITORING):
        yield facts.same("dept.monitor.units", facts.sum("dept.units"))
        yield facts.same("dept.monitor.amount", facts.sum("dept.amount"))


def _a14(facts: Facts) -> Iterator[Check]:
    """Every goal was reviewed, and none with fewer indicators than the shortest form has."""
    yield facts.put("goal.reviewed", facts.of("goals").projects + facts.of("added").projects)
    yield facts.same("indicator.reviewed", facts.sum("goal.reviewed") * FEWEST, ">=")


def _a15(facts: Facts) -> Iterator[Check]:
    """Every payment that was asked for was reviewed; together they are about what was planned."""
    asked = facts.of("payments")
    if asked.projects:
        yield facts.put("disburse.items", asked.projects)
        yield facts.money("disburse.amount", asked.amount, "~")


def _a16(facts: Facts) -> Iterator[Check]:
    """What poverty projects have spent is the share of their budgets that the platform told."""
    goals, rate = facts.of("goals"), facts.shape.more.get("poverty_rate")
    if goals.poverty and rate is not None:
        yield facts.put("monitor.poverty.projects", goals.poverty)
        yield facts.money("monitor.poverty.amount", goals.poverty_amount)
        yield facts.put("poverty.exec.rate", Decimal(rate) * 100, f"±{POINT}")


def _a17(facts: Facts) -> Iterator[Check]:
    """Both means stand in the annual report, each called by its name."""
    by_id = {one["id"]: one for one in facts.lines}
    for batch, name in (("last_year", "selfeval"), ("key", "keyeval")):
        if batch not in facts.put_in:
            continue
        for id, word in ((f"{name}.avg", "简单平均"), (f"{name}.avg.weighted", "资金加权")):
            line = by_id[id]
            named = word if word in line["zh"] else line["zh"]
            yield Check(f"{id}.zh", named, word, Source.FIGURES)
            yield Check(id, _number(line["value"]), Decimal(0), Source.FIGURES, ">")


_LAWS: Mapping[str, Callable[[Facts], Iterator[Check]]] = {
    "A01": _a01,
    "A02": _a02,
    "A03": _a03,
    "A04": _a04,
    "A05": _a05,
    "A06": _a06,
    "A07": _a07,
    "A08": _a08,
    "A09": _a09,
    "A10": _a10,
    "A11": _a11,
    "A12": _a12,
    "A13": _a13,
    "A14": _a14,
    "A15": _a15,
    "A16": _a16,
    "A17": _a17,
}
#: The names of the assertions.
ASSERTIONS = tuple(_LAWS)


def judge(facts: Facts, found: Mapping[str, Decimal | None]) -> Sequence[Assertion]:
    """Return all assertions; ``found`` are the figures under the ids of the county's report."""
    told = {one.id: one for one in facts.shape.expected}
    return [
        Assertion(
            name,
            [*law(facts), *_reported(facts.shape.assertions.get(name, ()), told, found)],
        )
        for name, law in _LAWS.items()
    ]


def _reported(
    ids: Iterable[str], told: Mapping[str, Expected], found: Mapping[str, Decimal | None]
) -> Iterator[Check]:
    for id in ids:
        yield Check(id, found.get(id), told[id].value, Source.REPORT, told[id].cmp)
