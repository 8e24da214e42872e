"""Checks of a unit's overall self-evaluation: money that can be, 100 points, causes, remedies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from budget.answers import number, rows, text
from budget.quality.model import found
from budget.unit_evaluations import points
from engine.plugins import AnswersRequest, Finding
from workflows.scoring import grade

_HUNDRED, _EXCELLENT = Decimal(100), "优"


def check_form(request: AnswersRequest) -> Iterator[Finding]:
    """Check a form that is submitted (DQ16, DQ17, DQ18 in short)."""
    if request.outcome != "提交":
        return
    answers, weight = request.answers, Decimal(request.variables.get("exec_weight") or 0)
    budget, executed = number(answers.get("budget_full")), number(answers.get("executed"))
    if budget is not None and executed is not None and executed > budget:
        yield found("unit_evaluation_overspent", "executed")
    for index, row in enumerate(rows(answers.get("indicators"))):
        most, score = number(row.get("weight")), number(row.get("score"))
        if most is None or score is None:
            continue
        if score > most:
            yield found("unit_evaluation_above", f"indicators.{index}.score", most=f"{most:f}")
        elif score < most and not text(row.get("cause")):
            yield found("unit_evaluation_cause", f"indicators.{index}.cause")
    scored = points(answers, weight)
    if scored.weights + weight != _HUNDRED:
        given = scored.weights + weight
        yield found("unit_evaluation_points", "indicators", given=f"{given:f}", execution=f"{weight:f}")
    grades = request.variables["profile"].get("grades")
    if grade(scored.total, grades) != _EXCELLENT and not text(answers.get("improvement")):
        yield found("unit_evaluation_improvement", "improvement", total=f"{scored.total:f}")


#: By form.
CHECKS = {"unit_self_evaluation": check_form}
