"""How far a project should be and how far it is: planned progress, completion rates, deviations (domain D03).

Rates are fractions of 1 kept at four places (41.67 %), as they are shown; a deviation is worked out from just these, so
that everybody who has the page can check it, and is not rounded before it is compared with a threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from budget.codes import Direction, Operator
from budget.money import round_half_up

RATE_PLACES = 4
#: Two rates of four places differ from a threshold of two by far more than this precision, or not at all.
DEVIATION_PLACES = 8
ONE = Decimal(1)
#: A rate beyond this is no progress but a slip of the pen; it is cut, so that it can be kept and shown.
_LARGEST_RATE = Decimal(9999)

#: Where the planned progress comes from, and to what a deviation is relative (profile, group ``monitoring``).
MILESTONES, MONTHS = "MILESTONES", "MONTHS"
OF_PLAN, OF_YEAR = "PLAN", "YEAR"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the county's profile says of deviations: thresholds as fractions, the plan, what a deviation is relative to."""

    plan: str = MILESTONES
    deviation_basis: str = OF_PLAN
    #: Whether being ahead of the plan is a deviation too.
    count_excess: bool = False
    notice: Decimal = Decimal("0.10")
    limit: Decimal = Decimal("0.20")
    major: Decimal = Decimal("0.50")
    #: So many times the usual amount is taken for 元 typed as 万元 (DQ30).
    slip_factor: Decimal = Decimal(100)

    @classmethod
    def read(cls, variables: Mapping[str, Any]) -> Rules:
        """Return the rules of the variable ``profile`` that an instance started with; defaults for what it lacks."""
        profile = variables.get("profile")
        group = profile.get("monitoring") if isinstance(profile, Mapping) else None
        given: Mapping[str, Any] = group if isinstance(group, Mapping) else {}
        base = cls()
        return cls(
            plan=given.get("plan", base.plan),
            deviation_basis=given.get("deviation_basis", base.deviation_basis),
            count_excess=given.get("count_excess", base.count_excess) is True,
            notice=Decimal(str(given.get("notice", base.notice))),
            limit=Decimal(str(given.get("limit", base.limit))),
            major=Decimal(str(given.get("major", base.major))),
            slip_factor=Decimal(str(given.get("slip_factor", base.slip_factor))),
        )


def _rate(value: Fraction) -> Decimal:
    """Return a fraction as a rate of four places, 四舍五入."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return round_half_up(min(scaled, _LARGEST_RATE), RATE_PLACES)


def month_share(as_of: date) -> Decimal:
    """Return the share of the year that has passed by the month of a day: 0.4167 for May, 0.5833 for July."""
    return _rate(Fraction(as_of.month, 12))


def curve_share(steps: Iterable[tuple[date | None, date | None]], as_of: date) -> Decimal | None:
    """Return how much of a plan should be done at the end of a day; None for a plan without days.

    Each step (start, end) is an equal part of the plan and is done evenly from its first day to its last.
    """
    parts: list[Fraction] = []
    for start, end in steps:
        if start is None or end is None or end < start:
            continue
        days, gone = (end - start).days + 1, (as_of - start).days + 1
        parts.append(Fraction(min(max(gone, 0), days), days))
    return _rate(sum(parts, Fraction(0)) / len(parts)) if parts else None


def planned(
    steps: Sequence[tuple[date | None, date | None]], as_of: date, rules: Rules, *, year: int
) -> Decimal:
    """Return the planned progress at the end of a day: the milestones' curve where the county goes by it, else month/12.

    Of a plan that runs over several years the part of the budget year counts; a day after the year asks for all of it.
    """
    if as_of.year != year:
        return ONE if as_of.year > year else Decimal(0)
    if rules.plan == MILESTONES:
        first, last = date(year, 1, 1), date(year, 12, 31)
        own = [
            (max(start, first), min(end, last))
            for start, end in steps
            if start and end and start <= last and end >= first
        ]
        share = curve_share(own, as_of)
        if share is not None:
            return share
    return month_share(as_of)


def is_limit(operator: str, direction: str) -> bool:
    """Whether a target is one that must not be exceeded: it holds on every day, not only at the year's end."""
    return direction == Direction.NEGATIVE or (
        direction != Direction.POSITIVE and operator in (Operator.LE, Operator.LT)
    )


def planned_of_limit(plan: Decimal | None, operator: str, direction: str) -> Decimal | None:
    """Return the planned rate of an indicator: all of it for a limit, the project's ``plan`` for what accumulates."""
    return ONE if is_limit(operator, direction) else plan


def completion(
    target: Decimal | None,
    actual: Decimal | None,
    *,
    operator: str = "",
    direction: str = "",
    target_max: Decimal | None = None,
) -> Decimal | None:
    """Return the completion rate of an indicator: what was reached of the target, the other way round for a limit.

    A limit that is kept is complete; one that is exceeded is target ÷ actual. None where one of both is no number.
    """
    if target is None or actual is None:
        return None
    wanted, reached = Fraction(target), Fraction(actual)
    ceiling = Fraction(target_max) if target_max is not None else None
    if operator == Operator.RANGE and ceiling is not None and reached > ceiling:
        return _kept(ceiling, reached)
    if is_limit(operator, direction):
        return _kept(wanted, reached)
    if wanted <= 0:
        return ONE if reached >= wanted else Decimal(0)
    return max(Decimal(0), _rate(reached / wanted))


def _kept(limit: Fraction, reached: Fraction) -> Decimal:
    if reached <= limit:
        return ONE
    return _rate(limit / reached) if limit > 0 else Decimal(0)


def deviation(plan: Decimal, actual: Decimal, rules: Rules) -> Decimal:
    """Return how far ``actual`` is behind ``plan`` (both rates), relative to what the county says; 0 when it is not.

    0.4167 planned and 0.3334 done are 0.1999, within a limit of 0.20; 0.3333 are 0.2001 and beyond it.
    """
    gap = Fraction(plan) - Fraction(actual)
    if gap < 0:
        gap = -gap if rules.count_excess else Fraction(0)
    base = Fraction(plan) if rules.deviation_basis == OF_PLAN else Fraction(1)
    if base <= 0:
        # Nothing was planned yet: being ahead of it is all the deviation that there can be.
        return ONE if gap > 0 else Decimal(0)
    found = gap / base
    return round_half_up(Decimal(found.numerator) / Decimal(found.denominator), DEVIATION_PLACES)


def percent(rate: Decimal | None) -> Decimal | None:
    """Return a rate in per cent with two places, as forms and pages show it."""
    return None if rate is None else round_half_up(rate * 100, 2)


def rate_of(shown: Decimal | None) -> Decimal | None:
    """Return the rate that a percentage of two places shows."""
    return None if shown is None else round_half_up(shown / 100, RATE_PLACES)
