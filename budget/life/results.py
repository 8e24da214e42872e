"""What a project's evaluation led to in its life: the decision, and next year's control figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.life.model import MONEY, Details, Figure, Step, both
from budget.result_codes import Action
from budget.tables import BudgetControl, ResultApplication


def steps(session: Session, instances: Sequence[int]) -> Details:
    """Return what was decided in instances, and the control figures that they set."""
    found: dict[int, list[Step]] = defaultdict(list)
    for one in session.scalars(select(ResultApplication).where(ResultApplication.instance_id.in_(instances))):
        if one.closed_at is None or one.action is None:
            continue
        action = Action[one.action]
        figures = [Figure(both("基数", "base"), one.base_amount, MONEY)]
        if one.delta is not None:
            figures.append(Figure(both("增减", "change"), one.delta, MONEY))
        found[one.instance_id].append(
            Step(one.closed_at, both(action.zh, action.en), figures, note=one.reason or "")
        )
    for control in session.scalars(select(BudgetControl).where(BudgetControl.instance_id.in_(instances))):
        figure = Figure(both("下年控制数", "next year's control figure"), control.amount, MONEY)
        found[control.instance_id].append(
            Step(control.applied_at, both("下达控制数", "control figure set"), (figure,), tone="ok")
        )
    return found
