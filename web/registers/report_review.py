"""报告评审: which self-evaluation reports were reviewed, with the unit's own score beside the review's, and the grade."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.report_reviews import ReportType
from budget.tables import Case, ReportReview
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import NUMBER, POINTS, TAG, Column

_GRADES = {"优": "ok", "良": "brand-tag", "中": "warn", "差": "danger"}

REGISTER = case_register(
    CaseKind.REPORT_REVIEW,
    joins=((ReportReview, ReportReview.instance_id == Case.instance_id),),
    extra=(
        Column("report_type", lambda: gettext("报告类型"), ReportReview.report_type, words=ReportType),
        Column("round", lambda: gettext("轮次"), ReportReview.round, NUMBER),
        Column("self_score", lambda: gettext("自评分"), ReportReview.self_score, POINTS, sorts=False),
        Column("score", lambda: gettext("评审得分"), ReportReview.score, POINTS, sorts=False),
        Column("grade", lambda: gettext("等级"), ReportReview.grade, TAG, tones=_GRADES, business=True),
    ),
    results={
        "GRADED": ("已评审", "graded"),
        "OFFLINE": ("线下办理", "handled offline"),
        "WITHDRAWN": ("已撤销", "withdrawn"),
    },
    readers=scope.CHECKERS,
    reads={scope.CONGRESS: Case.result == "GRADED"},
)
