"""Checks of the goal as a whole: is it one, is it broken down, is each kind there (DQ01, DQ02, DQ05)."""

from __future__ import annotations

from collections.abc import Iterator

from budget.answers import GoalAnswers
from budget.codes import Level1, Level2
from budget.quality.model import found
from budget.quality.thresholds import Thresholds, vocabulary
from budget.quality.words import is_empty
from engine.plugins import Finding


def dq01_goal_is_a_goal(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """The goal of the year is long enough and names a number or something brought about."""
    words = "".join(goal.goal_annual.split())
    if is_empty(words):
        yield found("goal_empty", "goal_annual")
    elif len(words) < thresholds.goal_min_length:
        yield found("goal_short", "goal_annual", length=len(words), minimum=thresholds.goal_min_length)
    elif not any(c.isdigit() for c in words) and not any(v in words for v in vocabulary().outcome_verbs):
        yield found("goal_slogan", "goal_annual")


def dq02_goal_is_broken_down(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """A goal has indicators, output and benefit among them."""
    if is_empty(goal.goal_annual):
        return
    if not goal.indicators:
        yield found("no_indicators", "indicators")
        return
    present = {row.level1 for row in goal.indicators}
    for level in (Level1.OUTPUT, Level1.BENEFIT):
        if level not in present:
            yield found("level1_missing", "indicators", level_zh=level.zh, level_en=level.en)


def dq05_each_kind_is_there(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """A specific-purpose project has quality, cost and satisfaction indicators that have a target.

    Satisfaction may be said not to apply, with a reason. Staff and running costs are exempt by the profile.
    """
    if goal.category in thresholds.exempt_categories:
        return
    with_target = [row for row in goal.indicators if not is_empty(row.target)]
    if not any(row.level2 == Level2.QUALITY for row in with_target):
        yield found("kind_missing", "indicators", kind_zh=Level2.QUALITY.zh, kind_en=Level2.QUALITY.en)
    if not any(row.is_cost for row in with_target):
        yield found("kind_missing", "indicators", kind_zh=Level2.COST.zh, kind_en=Level2.COST.en)
    if goal.satisfaction_na:
        if len(goal.satisfaction_na_reason) < thresholds.reason_min_length:
            yield found("satisfaction_reason", "satisfaction_na_reason", minimum=thresholds.reason_min_length)
    elif not any(row.level1 == Level1.SATISFACTION for row in with_target):
        yield found("satisfaction_missing", "indicators")
