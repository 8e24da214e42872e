"""Checks of the goal form against what is known beside it: last year, others' goals, the parent, samples, ex-ante results
(DQ11, DQ14, DQ15, DQ27, DQ30, DQ36, DQ38)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from budget.answers import GoalAnswers, IndicatorRow
from budget.codes import Direction, Level2, ProjectAttr, ProjectLevel
from budget.money import round_half_up
from budget.quality.model import found
from budget.quality.thresholds import Thresholds
from budget.quality.words import normal
from engine.plugins import Finding


@dataclass(frozen=True, slots=True)
class LastYear:
    """What an indicator's target was last year, and what was reached; None where that is not known."""

    target: Decimal | None
    actual: Decimal | None


@dataclass(frozen=True, slots=True)
class Copied:
    """A goal that reads like this one: whose, of which year, and how much alike, 0 to 1."""

    unit: str
    project: str
    year: int
    likeness: float


@dataclass(frozen=True, slots=True)
class NearestSample:
    """The sample of the project's type that is most like the goal."""

    project: str
    likeness: float
    indicators: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the records know about a goal that is being filled in.

    Indicators are named by :func:`budget.quality.words.normal`. ``parent`` are those of the first-level project, None where
    there is no parent or its goal was not submitted. ``usual_amount`` is the unit's median in 万元; ``costs`` are medians in
    万元 a unit of quantity, by name and unit, with the number of goals that they are of.
    """

    attr: str = ""
    level: str = ""
    has_parent: bool = True
    last_year: Mapping[str, LastYear] = field(default_factory=dict)
    parent: frozenset[str] | None = None
    copied: Copied | None = None
    usual_amount: Decimal | None = None
    costs: Mapping[tuple[str, str], tuple[Decimal, int]] = field(default_factory=dict)
    sample: NearestSample | None = None
    exante_passed: bool = False


KnownCheck = Callable[[GoalAnswers, Thresholds, Known], Iterator[Finding]]


def _at(row: IndicatorRow, column: str) -> str:
    return f"indicators.{row.position}.{column}"


def _shown(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def dq11_targets_are_not_tailored(
    goal: GoalAnswers, thresholds: Thresholds, known: Known
) -> Iterator[Finding]:
    """A target is not far below what was reached last year, and is raised where last year's was surpassed by far."""
    for row in goal.indicators:
        if not row.is_quantitative or row.value is None or row.direction != Direction.POSITIVE:
            continue
        before = known.last_year.get(normal(row.name), LastYear(None, None))
        actual = row.last_year_actual if row.last_year_actual is not None else before.actual
        if actual is None or actual <= 0:
            continue
        facts = {"row": row.position + 1, "name": row.name, "value": row.target, "actual": _shown(actual)}
        if row.value < actual * thresholds.low_from:
            yield found("tailored", _at(row, "target_value"), **facts)
        elif (
            before.target is not None
            and before.target > 0
            and actual >= before.target * thresholds.surpassed_from
            and row.value <= before.target
        ):
            yield found("not_raised", _at(row, "target_value"), **facts, before=_shown(before.target))


def dq14_is_not_copied(_: GoalAnswers, thresholds: Thresholds, known: Known) -> Iterator[Finding]:
    """The goal is not another unit's, nor last year's, word by word."""
    other = known.copied
    if other is not None and Decimal(str(other.likeness)) >= thresholds.copied_from:
        percent = round_half_up(Decimal(str(other.likeness)) * 100, 0)
        yield found(
            "copied", "goal_annual", percent=percent, unit=other.unit, project=other.project, year=other.year
        )


def dq15_costs_are_usual(goal: GoalAnswers, thresholds: Thresholds, known: Known) -> Iterator[Finding]:
    """What a unit of quantity costs is not far above what it costs in approved goals of the type."""
    for row in goal.indicators:
        if row.level2 != Level2.QUANTITY or not row.value or row.value <= 0 or not goal.annual_amount:
            continue
        usual, cases = known.costs.get((normal(row.name), row.unit), (Decimal(0), 0))
        mine = goal.annual_amount / row.value
        if cases >= thresholds.cost_cases and usual > 0 and mine > usual * thresholds.cost_above:
            yield found(
                "costly",
                _at(row, "target_value"),
                row=row.position + 1,
                name=row.name,
                unit=row.unit,
                mine=round_half_up(mine, 4).normalize(),
                usual=round_half_up(usual, 4).normalize(),
                cases=cases,
            )


def dq27_levels_are_joined(goal: GoalAnswers, _: Thresholds, known: Known) -> Iterator[Finding]:
    """A second-level project has a first-level one, and takes up one of its indicators at least."""
    if known.level != ProjectLevel.L2:
        return
    if not known.has_parent:
        yield found("no_parent", "parent_project_id")
    elif known.parent and known.parent.isdisjoint(normal(row.name) for row in goal.indicators):
        yield found("parent_left", "indicators")


def dq30_amount_is_in_ten_thousands(
    goal: GoalAnswers, thresholds: Thresholds, known: Known
) -> Iterator[Finding]:
    """The amount is not a hundred times what the unit usually has: 元 typed for 万元."""
    usual, amount = known.usual_amount, goal.annual_amount
    if usual is not None and amount is not None and usual > 0 and amount > usual * thresholds.amount_times:
        yield found("amount_huge", "annual_amount", amount=f"{amount:,f}", usual=f"{usual:,f}")


def needs_exante(attr: str, amount: Decimal | None, thresholds: Thresholds) -> bool:
    """Whether the county's rules ask for a project's ex-ante evaluation: of new ones, all or the large (S3-14, S5-15)."""
    if attr != ProjectAttr.NEW or thresholds.exante_scope == "NONE":
        return False
    return thresholds.exante_scope == "ALL" or (amount is not None and amount >= thresholds.exante_from)


def dq36_was_evaluated_before(goal: GoalAnswers, thresholds: Thresholds, known: Known) -> Iterator[Finding]:
    """A new project that the county's rules ask for has passed its ex-ante evaluation; else its goal waits for it."""
    if not known.exante_passed and needs_exante(known.attr, goal.annual_amount, thresholds):
        yield found("exante_missing", "exante_id")


def dq38_learns_from_samples(goal: GoalAnswers, thresholds: Thresholds, known: Known) -> Iterator[Finding]:
    """A goal that is unlike every sample of its type and has far fewer indicators is pointed to one."""
    sample = known.sample
    if (
        sample is not None
        and Decimal(str(sample.likeness)) < thresholds.sample_from
        and len(goal.indicators) < thresholds.sample_rows * sample.indicators
    ):
        yield found(
            "sample",
            "indicators",
            project=sample.project,
            count=len(goal.indicators),
            theirs=sample.indicators,
        )


#: In the order in which the form is read.
KNOWN_CHECKS: tuple[KnownCheck, ...] = (
    dq27_levels_are_joined,
    dq36_was_evaluated_before,
    dq30_amount_is_in_ten_thousands,
    dq14_is_not_copied,
    dq11_targets_are_not_tailored,
    dq15_costs_are_usual,
    dq38_learns_from_samples,
)
