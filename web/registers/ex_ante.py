"""事前评估结果: what ex-ante evaluations of new projects came to, on which DQ36 relies (domain P04)."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import case

from budget.tables import ExAnte, Project
from web.registers import scope
from web.registers.model import CODE, DAY, POINTS, TAG, WAN, Column, Register
from web.registers.records import SECTION_NAME, record_source

PASSED, REJECTED = "PASSED", "REJECTED"
_STATES = {PASSED: ("通过", "passed"), REJECTED: ("不予通过", "rejected")}
_STATE = case((ExAnte.passed, PASSED), else_=REJECTED)

REGISTER = Register(
    name="ex_ante",
    title=lambda: gettext("事前评估结果"),
    icon="clipboard-check",
    source=record_source(
        ExAnte,
        key=ExAnte.id,
        state=_STATE,
        project=ExAnte.project_id,
        year=Project.fiscal_year,
        amount=Project.annual_amount,
    ),
    columns=(
        Column("section", lambda: gettext("归口"), SECTION_NAME, business=True, open=True),
        Column("number", lambda: gettext("评估编号"), ExAnte.number, CODE),
        Column("amount", lambda: gettext("金额（万元）"), Project.annual_amount, WAN),
        Column("score", lambda: gettext("评估得分"), ExAnte.score, POINTS, sorts=False),
        Column(
            "state",
            lambda: gettext("结论"),
            _STATE,
            TAG,
            _STATES,
            {PASSED: "ok", REJECTED: "bad"},
            sorts=False,
        ),
        Column("concluded", lambda: gettext("结论日期"), ExAnte.concluded_on, DAY),
    ),
    states=_STATES,
    conditions={PASSED: ExAnte.passed, REJECTED: ~ExAnte.passed},
    only=None,
    readers=scope.CHECKERS,
    of_cases=False,
    counted=lambda count: gettext("合计 %(count)s 项", count=count),
    advice=lambda: gettext("放宽上面的条件再看；没有登记评估结果时，这里是空的。"),
)
