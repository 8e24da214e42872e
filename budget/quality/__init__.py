"""Data-quality checks of the goal form (DQ01 … DQ39): pure functions, warnings answered by reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from budget.answers import GoalAnswers
from budget.quality.goal_checks import dq01_goal_is_a_goal, dq02_goal_is_broken_down, dq05_each_kind_is_there
from budget.quality.indicator_checks import (
    dq03_target_is_given,
    dq08_unit_fits,
    dq09_value_is_in_range,
    dq10_target_is_no_score,
    dq33_direction_fits,
    f0_level2_belongs_to_level1,
)
from budget.quality.known_checks import KNOWN_CHECKS, Known
from budget.quality.money_checks import dq13_cost_fits_the_money, dq31_funds_add_up, dq32_dates_fit
from budget.quality.table_checks import dq04_kinds_differ, dq16_weights_add_up, dq34_names_differ
from budget.quality.text_checks import (
    dq06_key_points_have_indicators,
    dq07_words_are_figures,
    dq39_benefits_are_set,
)
from budget.quality.thresholds import Thresholds
from engine.plugins import Finding

Check = Callable[[GoalAnswers, Thresholds], Iterator[Finding]]

#: Every check of the goal form, in the order in which the form is read.
CHECKS: tuple[Check, ...] = (
    dq32_dates_fit,
    dq31_funds_add_up,
    dq01_goal_is_a_goal,
    dq02_goal_is_broken_down,
    dq06_key_points_have_indicators,
    dq07_words_are_figures,
    dq39_benefits_are_set,
    f0_level2_belongs_to_level1,
    dq03_target_is_given,
    dq04_kinds_differ,
    dq05_each_kind_is_there,
    dq08_unit_fits,
    dq09_value_is_in_range,
    dq10_target_is_no_score,
    dq13_cost_fits_the_money,
    dq33_direction_fits,
    dq34_names_differ,
    dq16_weights_add_up,
)

#: The table of reasons on the goal form.
REASONS = "dq_reasons"


def check_goal(
    answers: Mapping[str, Any], thresholds: Thresholds, known: Known | None = None
) -> list[Finding]:
    """Run all checks on the goal form's answers and return what they found; those that look beyond the form only where it
    is ``known`` what the records say.
    """
    return check_read(GoalAnswers.read(answers), thresholds, known)


def check_read(goal: GoalAnswers, thresholds: Thresholds, known: Known | None = None) -> list[Finding]:
    """Run all checks, as :func:`check_goal` does, on answers that were read already."""
    found = [finding for check in CHECKS for finding in check(goal, thresholds)]
    if known is not None:
        found += [finding for beyond in KNOWN_CHECKS for finding in beyond(goal, thresholds, known)]
    return found


def reason_for(finding: Finding, goal: GoalAnswers, thresholds: Thresholds) -> str | None:
    """Return the reason that the clerk gave for a warning, or None.

    A reason names the check and the indicator by its name; without one it holds for all of the check.
    """
    indicator = ""
    parts = (finding.field or "").split(".")
    if parts[0] == "indicators" and len(parts) > 1:
        indicator = next((row.name for at, row in goal.numbered if str(at) == parts[1]), "")
    for row in goal.reasons:
        named = row.check == finding.code and row.indicator in ("", indicator)
        if named and len(row.reason) >= thresholds.reason_min_length:
            return row.reason
    return None


def demand_reasons(findings: list[Finding], goal: GoalAnswers, thresholds: Thresholds) -> list[Finding]:
    """Make a warning without a reason an error: it may pass only with a reason, which the reviewer reads."""
    return [
        replace(finding, severity="error")
        if finding.severity == "warning" and reason_for(finding, goal, thresholds) is None
        else finding
        for finding in findings
    ]
