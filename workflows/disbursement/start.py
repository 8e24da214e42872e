"""A unit asks for a payment of one of its own projects whose goal is approved (S5-02)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from budget.codes import GoalState
from budget.tables import Goal, Project
from workflows.offers import Offer


def _approved(statement: Select[Any]) -> Select[Any]:
    return statement.join(Goal, Goal.project_id == Project.id).where(Goal.state == GoalState.APPROVED)


OFFER = Offer(
    process="disbursement",
    title={"zh": "发起拨付申请", "en": "Ask for a payment"},
    about={
        "zh": "对本单位已批复绩效目标的项目申请拨付资金。选定项目后填报拨付审批表。",
        "en": "Ask for money of one of your unit's projects whose goal is approved.",
    },
    roles=frozenset({"unit_clerk"}),
    groups=("disbursement", "quality"),
    own=True,
    projects=_approved,
)
