"""Units' evaluations of their overall spending (P10; S1-03, S2-04, S5-05): what the form begins with, points, acceptance.

Plain functions on a session, called by the process ``unit_self_evaluation``. None commits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.answers import number, rows, text
from budget.codes import Operator, VersionState
from budget.evaluations import EvaluationState
from budget.money import fen_from_wan, round_half_up, wan_from_fen
from budget.tables import UnitEvaluation, UnitGoal
from engine.plugins import Document

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Points:
    """The form's points: of execution, of the indicators, what those weigh together, and the total; unrounded but rates."""

    execution: Decimal
    earned: Decimal
    weights: Decimal

    @property
    def total(self) -> Decimal:
        """What the unit scores."""
        return self.execution + self.earned


def points(answers: Mapping[str, Any], exec_weight: Decimal) -> Points:
    """Return the points as the records reckon them, whatever the page sent: weight × min(1, spent ÷ budget) (D10)."""
    budget, executed = (number(answers.get(name)) or _ZERO for name in ("budget_full", "executed"))
    rate = round_half_up(executed / budget * 100, 2) / 100 if budget else _ZERO
    indicators = rows(answers.get("indicators"))
    return Points(
        round_half_up(min(Decimal(1), rate) * exec_weight, 2),
        sum((number(row.get("score")) or _ZERO for row in indicators), _ZERO),
        sum((number(row.get("weight")) or _ZERO for row in indicators), _ZERO),
    )


def begun(session: Session, unit: str, year: int) -> dict[str, Any]:
    """Return the form as the clerk finds it: the budget, goals and indicators of the approved overall goal, if any."""
    query = select(UnitGoal).where(
        UnitGoal.unit == unit, UnitGoal.fiscal_year == year, UnitGoal.state == VersionState.FROZEN
    )
    goal = session.scalars(query.order_by(UnitGoal.id.desc()).limit(1)).first()
    found: dict[str, Any] = {"fiscal_year": year}
    if goal is None or goal.snapshot is None:
        return found
    said = json.loads(goal.snapshot)
    found["budget_full"] = wan_from_fen(goal.total_amount)
    found["goal_expected"] = "\n".join(
        f"{index}. {text(row.get('text'))}" for index, row in enumerate(rows(said.get("goals")), 1)
    )
    found["indicators"] = [
        {
            "level1": text(row.get("level1")),
            "name": text(row.get("level3_name")),
            "target": _target(row),
        }
        for row in rows(said.get("indicators"))
        if text(row.get("level3_name"))
    ]
    return found


def _target(row: Mapping[str, Any]) -> str:
    operator = text(row.get("operator"))
    sign = Operator[operator].zh if operator in Operator.__members__ and operator != "QUAL" else ""
    return f"{sign}{text(row.get('target_value'))}{text(row.get('unit'))}"


def submit(
    session: Session,
    instance_id: int,
    unit: str,
    year: int,
    document: Document,
    exec_weight: Decimal,
    now: datetime,
) -> UnitEvaluation:
    """Write a submitted form; the one before it of the instance is written over, its document stays."""
    found = session.get(UnitEvaluation, instance_id)
    if found is None:
        found = UnitEvaluation(instance_id=instance_id, unit=unit, fiscal_year=year)
        session.add(found)
    answers, scored = document.body, points(document.body, exec_weight)
    found.state = EvaluationState.SUBMITTED
    found.document_version = document.version
    found.budget_full = fen_from_wan(number(answers.get("budget_full")) or _ZERO)
    found.executed = fen_from_wan(number(answers.get("executed")) or _ZERO)
    found.execution_points, found.total = scored.execution, scored.total
    found.problems, found.improvement = text(answers.get("problems")), text(answers.get("improvement"))
    found.submitted_at, found.accepted_at = now, None
    session.flush()
    return found


def change(session: Session, instance_id: int, state: EvaluationState, **values: Any) -> UnitEvaluation:
    """Note where the evaluation is now, with further values."""
    found = session.get_one(UnitEvaluation, instance_id)
    found.state = state
    for name, value in values.items():
        setattr(found, name, value)
    session.flush()
    return found


def forget(session: Session, instance_id: int) -> None:
    """Remove the record of what is handled offline, or was taken back."""
    found = session.get(UnitEvaluation, instance_id)
    if found is not None:
        session.delete(found)
        session.flush()
