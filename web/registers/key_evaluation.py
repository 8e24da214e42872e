"""重点评价: who evaluates each project, its score beside the unit's own, and how the evaluation ended."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.key_codes import Evaluator
from budget.tables import Case, KeyEvaluation
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import NUMBER, TAG, TEXT, Column

_GRADES = {"优": "ok", "良": "brand-tag", "中": "warn", "差": "danger"}

REGISTER = case_register(
    CaseKind.KEY_EVALUATION,
    joins=((KeyEvaluation, KeyEvaluation.instance_id == Case.instance_id),),
    extra=(
        Column("evaluator", lambda: gettext("评价主体"), KeyEvaluation.evaluator, words=Evaluator),
        Column("self_score", lambda: gettext("自评分"), KeyEvaluation.self_score, NUMBER, sorts=False),
        Column("score", lambda: gettext("评价得分"), KeyEvaluation.score, NUMBER, sorts=False),
        Column("grade", lambda: gettext("等级"), KeyEvaluation.grade, TAG, tones=_GRADES, business=True),
        Column("note", lambda: gettext("提示"), Case.note, TEXT, sorts=False, business=True),
    ),
    results={
        "FINALIZED": ("已定稿", "final"),
        "ABORTED": ("已终止", "aborted"),
        "WITHDRAWN": ("已撤销", "withdrawn"),
    },
    readers=frozenset({"supervision_staff", "supervision_chief"}),
    reads={scope.CONGRESS: Case.result == "FINALIZED"},
)
