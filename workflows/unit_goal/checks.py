"""Checks of the overall goal's form: sums that must agree, goals that are goals, indicators of output and benefit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from budget.answers import IndicatorRow, number, rows, text
from budget.codes import Level1
from budget.plugin import thresholds_of
from budget.quality.model import found
from budget.quality.text_checks import loose_points
from budget.quality.thresholds import vocabulary
from engine.plugins import AnswersRequest, Finding

#: The fields whose sum is the total, and those that say where it comes from.
PARTS = ("basic_personnel", "basic_public", "project_amount")
BOOKS = ("fund_general", "fund_gov_fund", "fund_state_capital", "fund_other")


def _sum(answers: Mapping[str, Any], fields: tuple[str, ...]) -> Decimal:
    return sum((number(answers.get(field)) or Decimal(0) for field in fields), Decimal(0))


def check_unit_goal(request: AnswersRequest) -> Iterator[Finding]:
    """Check sums with the profile's tolerance (DQ31), each goal (DQ01, DQ06) and the kinds of indicators (DQ02)."""
    answers, thresholds = request.answers, thresholds_of(request.variables)
    tolerance, total = thresholds.amount_tolerance, number(answers.get("total_amount")) or Decimal(0)
    for fields, key in ((PARTS, "unit_parts"), (BOOKS, "unit_books")):
        given = _sum(answers, fields)
        if abs(given - total) > tolerance:
            yield found(key, "total_amount", total=f"{total:,f}", sum=f"{given:,f}")
    projects, register = (
        number(answers.get("project_amount")),
        number(request.variables.get("projects_amount")),
    )
    if projects is not None and register is not None and abs(projects - register) > tolerance:
        yield found("unit_projects", "project_amount", given=f"{projects:,f}", register=f"{register:,f}")
    tasks = [row for row in rows(answers.get("tasks")) if text(row.get("name"))]
    spent = sum((number(row.get("total")) or Decimal(0) for row in tasks), Decimal(0))
    if spent > total + tolerance:
        yield found("unit_tasks", "tasks", sum=f"{spent:,f}", total=f"{total:,f}")
    quota, actual = number(answers.get("staff_quota")), number(answers.get("staff_actual"))
    if quota is not None and actual is not None and actual > quota:
        yield found("unit_staff", "staff_actual", actual=actual, quota=quota)
    for index, row in enumerate(rows(answers.get("goals"))):
        words = "".join(text(row.get("text")).split())
        named = any(c.isdigit() for c in words) or any(verb in words for verb in vocabulary().outcome_verbs)
        if words and not named:
            yield found("unit_goal_slogan", f"goals.{index}.text", row=index + 1)
    yield from _points(answers, thresholds.unlinked_share)
    present = {text(row.get("level1")) for row in rows(answers.get("indicators"))}
    for level in (Level1.OUTPUT, Level1.BENEFIT):
        if level not in present:
            yield found("level1_missing", "indicators", level_zh=level.zh, level_en=level.en)


def _points(answers: Mapping[str, Any], share: Decimal) -> Iterator[Finding]:
    """What a goal counts stands among the indicators, or is a task's amount (DQ06)."""
    indicators = [IndicatorRow.read(row) for row in rows(answers.get("indicators"))]
    amounts = {
        value * unit
        for row in rows(answers.get("tasks"))
        if (value := number(row.get("total"))) is not None
        for unit in (1, 10_000)
    }
    for index, row in enumerate(rows(answers.get("goals"))):
        points, loose = loose_points(text(row.get("text")), indicators, amounts)
        if Decimal(len(loose)) > share * points:
            words = "、".join(loose[:5])
            yield found(
                "unit_points_loose",
                f"goals.{index}.text",
                row=index + 1,
                all=points,
                count=len(loose),
                words=words,
            )


#: By form.
CHECKS = {"unit_goal": check_unit_goal}
