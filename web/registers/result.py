"""结果应用: which evaluation counts, what the rules propose and what was decided, and next year's change of money."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.result_codes import Action
from budget.tables import Case, ResultApplication
from web.registers.cases import case_register
from web.registers.model import NUMBER, TAG, WAN, Column

_GRADES = {"优": "ok", "良": "brand-tag", "中": "warn", "差": "danger"}

REGISTER = case_register(
    CaseKind.RESULT,
    joins=((ResultApplication, ResultApplication.instance_id == Case.instance_id),),
    extra=(
        Column("score", lambda: gettext("评价得分"), ResultApplication.score, NUMBER, sorts=False),
        Column("grade", lambda: gettext("等级"), ResultApplication.grade, TAG, tones=_GRADES, business=True),
        Column("action", lambda: gettext("处理"), ResultApplication.action, words=Action),
        Column("delta", lambda: gettext("下年度变动（万元）"), ResultApplication.delta, WAN),
    ),
    results={
        "APPLIED": ("已应用", "applied"),
        "APPEALED": ("申辩后改定", "changed on appeal"),
        "WAIVED": ("不作应用", "waived"),
        "OFFLINE": ("线下办理", "offline"),
        "WITHDRAWN": ("已撤销", "withdrawn"),
    },
)
