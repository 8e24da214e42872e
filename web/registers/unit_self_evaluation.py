"""部门整体自评: each unit's overall score and grade, rounded as it is read (domain P10)."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.evaluations import EvaluationState
from budget.tables import Case, UnitEvaluation
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import POINTS, WAN, Column

REGISTER = case_register(
    CaseKind.UNIT_SELF_EVALUATION,
    joins=((UnitEvaluation, UnitEvaluation.instance_id == Case.instance_id),),
    amount=UnitEvaluation.budget_full,
    extra=(
        Column("executed", lambda: gettext("执行数（万元）"), UnitEvaluation.executed, WAN),
        Column("total", lambda: gettext("自评分"), UnitEvaluation.total, POINTS, sorts=False),
        Column("grade", lambda: gettext("等级"), UnitEvaluation.grade, sorts=False, business=True),
    ),
    results={"ACCEPTED": ("已认可", "accepted"), "OFFLINE": ("线下办理", "handled offline")},
    readers=scope.CHECKERS,
    reads={scope.CONGRESS: UnitEvaluation.state == EvaluationState.ACCEPTED},
)
