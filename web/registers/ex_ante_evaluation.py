"""事前评估: which new projects are evaluated, with the scores of both sheets, the cut, and the conclusion (domain P04)."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext

from budget.cases import CaseKind
from budget.ex_ante import Conclusion
from budget.tables import Case, ExAnteEvaluation, Policy
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import NUMBER, POINTS, TAG, WAN, Column

_TONES = {"PASS": "ok", "PARTIAL": "warn", "REJECT": "danger"}

REGISTER = replace(
    case_register(
        CaseKind.EX_ANTE_EVALUATION,
        joins=(
            (ExAnteEvaluation, ExAnteEvaluation.instance_id == Case.instance_id),
            (Policy, Policy.id == ExAnteEvaluation.policy_id),
        ),
        amount=ExAnteEvaluation.amount,
        extra=(
            Column("policy", lambda: gettext("政策"), Policy.name, sorts=False, business=True),
            Column("round", lambda: gettext("轮次"), ExAnteEvaluation.round, NUMBER),
            Column("score", lambda: gettext("评估得分"), ExAnteEvaluation.score, POINTS, sorts=False),
            Column(
                "invest", lambda: gettext("投资评审得分"), ExAnteEvaluation.invest_score, POINTS, sorts=False
            ),
            Column("cut", lambda: gettext("核减（万元）"), ExAnteEvaluation.cut_amount, WAN),
            Column(
                "conclusion",
                lambda: gettext("结论"),
                ExAnteEvaluation.conclusion,
                TAG,
                Conclusion,
                _TONES,
                sorts=False,
            ),
        ),
        results={
            "PASSED": ("已通过", "passed"),
            "REJECTED": ("不予安排", "rejected"),
            "OFFLINE": ("线下办理", "handled offline"),
            "WITHDRAWN": ("已撤回", "withdrawn"),
        },
        readers=scope.CHECKERS,
    ),
    beside=(("policies.page", "list-details", lambda: gettext("政策事前评估")),),
)
