"""Checks of what the goal's words say beside its table: key points, adjectives, benefits (DQ06, DQ07, DQ39)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from budget.answers import GoalAnswers, IndicatorRow, number
from budget.codes import Level1, Level2
from budget.money import round_half_up
from budget.quality.model import found
from budget.quality.thresholds import Thresholds, vocabulary
from engine.plugins import Finding

#: A number with the word after it; a year, a month and a day are no key points.
_POINT = re.compile(r"(\d[\d,，]*(?:\.\d+)?)(万)?([%％一-鿿]{0,4})")
_DAYS = ("年", "月", "日", "号", "季度")


def key_points(text: str) -> list[tuple[Decimal, str]]:
    """Return the numbers that a goal's text names, with the words after them; days and years are none."""
    found_points = []
    for digits, ten_thousands, word in _POINT.findall(text):
        value = number(digits)
        if value is None or word.startswith(_DAYS):
            continue
        found_points.append(
            (value * 10_000 if ten_thousands else value, ("万" if ten_thousands else "") + word)
        )
    return found_points


def dq06_key_points_have_indicators(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """What the goal's text counts stands in the table of indicators, or in the amounts."""
    if not goal.indicators:
        return
    known = {
        value
        for amount in (goal.annual_amount, goal.total_amount)
        if amount is not None
        for value in (amount, amount * 10_000)
    }
    points, loose = loose_points(goal.goal_annual, goal.indicators, known)
    if Decimal(len(loose)) > thresholds.unlinked_share * points:
        yield found("points_loose", "goal_annual", count=len(loose), all=points, words="、".join(loose[:5]))


def loose_points(
    text: str, rows: Iterable[IndicatorRow], amounts: Collection[Decimal]
) -> tuple[int, list[str]]:
    """Return how many figures a goal's text names, and in words those that neither ``rows`` nor ``amounts`` have."""
    points = key_points(text)
    known = set(amounts)
    for row in rows:
        for value in (row.value, row.value_max):
            if value is not None:
                known |= {value, value * 10_000}
        known.update(value for value, _ in key_points(f"{row.name}{row.target}{row.longterm}"))
    loose = [f"{value:f}{word.removeprefix('万')}" for value, word in points if value not in known]
    return len(points), loose


def dq07_words_are_figures(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """A goal of adjectives names a figure, and most indicators are quantitative."""
    vague = [word for word in vocabulary().vague if word in goal.goal_annual]
    if vague and not any(c.isdigit() for c in goal.goal_annual):
        yield found("vague", "goal_annual", words="、".join(vague))
    rows = goal.indicators
    counted = sum(row.is_quantitative for row in rows)
    if rows and counted < thresholds.quantitative_share * len(rows):
        share = round_half_up(Decimal(counted) * 100 / len(rows), 0)
        wanted = format(thresholds.quantitative_share * 100, "f").rstrip("0").rstrip(".")
        yield found("few_figures", "indicators", share=share, wanted=wanted)


def dq39_benefits_are_set(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """Benefit is more than one social indicator whose effect is said to be 明显."""
    benefits = [(index, row) for index, row in goal.numbered if row.level1 == Level1.BENEFIT]
    if len(benefits) != 1:
        return
    index, row = benefits[0]
    said = f"{row.name}{row.target}"
    if (
        row.level2 == Level2.SOCIAL
        and not row.is_quantitative
        and any(w in said for w in vocabulary().effects)
    ):
        yield found("benefit_hollow", f"indicators.{index}.target_value", row=index + 1, name=row.name)
