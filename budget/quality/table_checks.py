"""Checks between the rows of the indicator table: sameness, names, weights (DQ04, DQ16, DQ34)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from budget.answers import GoalAnswers
from budget.codes import Category, Level1, Level2
from budget.money import round_half_up
from budget.quality.model import found
from budget.quality.thresholds import Thresholds
from budget.quality.words import normal, similarity
from engine.plugins import Finding

#: The four kinds of output, which must each say something of their own.
OUTPUTS = (Level2.QUANTITY, Level2.QUALITY, Level2.TIMELINESS, Level2.COST)
#: The key of the weights under which budget execution has its points.
EXECUTION = "EXECUTION"


def dq04_kinds_differ(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """Quantity, quality, timeliness and cost say different things.

    The same name, or the same name with value, in all four blocks; two names of different kinds that are
    alike by the profile's share need a reason. Equal names are left to DQ34.
    """
    output = [(index, row, normal(row.name)) for index, row in goal.numbered if row.level2 in OUTPUTS]
    kinds: dict[str, set[str]] = defaultdict(set)
    for _, row, name in output:
        kinds[name or normal(row.target)].add(row.level2)
        kinds[name + normal(row.target)].add(row.level2)
    alike = {key for key, levels in kinds.items() if key and len(levels) == len(OUTPUTS)}
    if alike:
        first = next(
            (index, row)
            for index, row, name in output
            if {name or normal(row.target), name + normal(row.target)} & alike
        )
        index, row = first
        yield found("four_alike", f"indicators.{index}.level3_name", name=row.name or row.target)
        return
    share = Fraction(thresholds.similar_from)
    for position, (index, row, name) in enumerate(output):
        for other_index, other, other_name in output[:position]:
            if row.level2 == other.level2 or name == other_name or not name or not other_name:
                continue
            likeness = similarity(name, other_name, share)
            if likeness >= share:
                yield found(
                    "two_alike",
                    f"indicators.{index}.level3_name",
                    row=index + 1,
                    name=row.name,
                    other_row=other_index + 1,
                    other=other.name,
                    percent=round_half_up(Decimal(likeness.numerator) * 100 / likeness.denominator, 0),
                )


def dq34_names_differ(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """No two indicators of a project have the same name."""
    seen: dict[str, int] = {}
    for index, row in goal.numbered:
        name = normal(row.name)
        if not name:
            continue
        if name in seen:
            at = f"indicators.{index}.level3_name"
            yield found("same_name", at, row=index + 1, name=row.name, other_row=seen[name] + 1)
        else:
            seen[name] = index


def level_of_points(level: str, weights: Mapping[str, Decimal]) -> str:
    """Return the level to whose points a row's points belong.

    Satisfaction is part of benefit where it has no points of its own (HB-2020, domain analysis 3.8).
    """
    return Level1.BENEFIT if level == Level1.SATISFACTION and level not in weights else level


def dq16_weights_add_up(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """Once any row has points, all have, each level as the profile says, and all with execution make 100.

    Where satisfaction does not apply, its points go to the other levels, so that only the whole is checked.
    """
    if all(row.weight is None for row in goal.indicators):
        return
    for index, row in goal.numbered:
        at = f"indicators.{index}.weight_score"
        if row.weight is None:
            yield found("weight_missing", at, row=index + 1, name=row.name)
        elif row.weight <= 0:
            yield found("weight_negative", at, row=index + 1, name=row.name)
    simple = goal.category in (Category.PERSONNEL, Category.OPERATION)
    expected = thresholds.weights_simple if simple else thresholds.weights
    if not goal.satisfaction_na:
        for level in Level1:
            given = [
                row.weight or Decimal(0)
                for row in goal.indicators
                if (row.level1 if simple else level_of_points(row.level1, expected)) == level
            ]
            if (given or level in expected) and sum(given) != expected.get(level, Decimal(0)):
                yield found(
                    "weight_level1",
                    "indicators",
                    level_zh=level.zh,
                    level_en=level.en,
                    sum=format(sum(given, Decimal(0)), "f"),
                    expected=format(expected.get(level, Decimal(0)), "f"),
                )
    execution = expected.get(EXECUTION, Decimal(0))
    total = sum((row.weight or Decimal(0) for row in goal.indicators), Decimal(0))
    if total + execution != 100:
        yield found(
            "weight_total",
            "indicators",
            sum=format(total, "f"),
            execution=format(execution, "f"),
            expected=format(100 - execution, "f"),
        )
