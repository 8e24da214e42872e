"""目标申报: a year's projects with their goal's state, also those whose goal nobody was asked for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, and_, case, or_

from budget.codes import GoalState
from budget.tables import Goal, Project, Section, Unit
from web import wording
from web.registers import scope
from web.registers.cases import ENDED, FURTHER, OVERDUE
from web.registers.model import CODE, NO_STATE, NUMBER, TAG, TEXT, WAN, Column, Register, Source, words_of

TONES = {
    str(GoalState.APPROVED): "ok",
    str(GoalState.RETURNED): "warn",
    str(GoalState.REJECTED): "bad",
    str(GoalState.SUBMITTED): "brand-tag",
}
#: What a project is marked as: 扶贫（衔接）, 上年结转, or both.
_MARKS = {
    "BOTH": ("扶贫、结转", "against poverty, carried over"),
    "POVERTY": ("扶贫（衔接）", "against poverty"),
    "CARRYOVER": ("上年结转", "carried over"),
}
_carried = Project.carryover_amount > 0
_MARK = case(
    (and_(Project.poverty_flag, _carried), "BOTH"),
    (Project.poverty_flag, "POVERTY"),
    (_carried, "CARRYOVER"),
)
_STATES = {**words_of(GoalState), NO_STATE: ("未布置", "not called for"), **FURTHER}


def joined(statement: Select[Any]) -> Select[Any]:
    """Put projects with their units, sections and goals under a select."""
    return (
        statement.select_from(Project)
        .join(Unit, Unit.code == Project.unit)
        .join(Section, Section.code == Project.section)
        .outerjoin(Goal, Goal.project_id == Project.id)
    )


SOURCE = Source(
    joined=joined,
    key=Project.code,
    instance=Goal.instance_id,
    year=Project.fiscal_year,
    project=Project.id,
    unit=Project.unit,
    unit_name=Unit.name,
    unit_parent=Unit.parent,
    section=Project.section,
    section_name=Section.name,
    name=Project.name,
    code=Project.code,
    amount=Project.annual_amount,
    secret=or_(Project.secret_flag, Unit.secret_flag),
    state=Goal.state,
    submitted=Goal.state.not_in((GoalState.DRAFTING, GoalState.WITHDRAWN)),
    draft=Goal.state == GoalState.DRAFTING,
)

REGISTER = Register(
    name="goal",
    title=lambda: gettext("目标申报"),
    icon="target",
    source=SOURCE,
    columns=(
        Column(
            "section",
            lambda: gettext("归口%(section)s室", section=wording.section()),
            Section.name,
            business=True,
            open=True,
        ),
        Column("amount", lambda: gettext("年度资金（万元）"), Project.annual_amount, WAN),
        Column("mark", lambda: gettext("标注"), _MARK, TAG, _MARKS, sorts=False),
        Column("state", lambda: gettext("状态"), Goal.state, TAG, _STATES, TONES, sorts=False, open=True),
        Column("grade", lambda: gettext("等级"), Goal.grade, TEXT, business=True),
        Column("round", lambda: gettext("轮次"), Goal.round, NUMBER, open=True),
        Column("number", lambda: gettext("批复文号"), Goal.number, CODE, open=True),
    ),
    states=_STATES,
    conditions={
        NO_STATE: Goal.id.is_(None),
        ENDED: Goal.state.not_in((GoalState.DRAFTING, GoalState.SUBMITTED, GoalState.RETURNED)),
        OVERDUE: and_(Goal.overdue_at.is_not(None), Goal.state.in_((GoalState.DRAFTING, GoalState.RETURNED))),
    },
    only=None,
    reads=dict.fromkeys((*sorted(scope.CHECKERS), scope.CONGRESS), Goal.state == GoalState.APPROVED),
    counted=lambda count: gettext("合计 %(count)s 个项目", count=count),
    advice=lambda: gettext("放宽上面的条件再看；如果本年度还没有项目，请先由财政局导入。"),
    endpoint="goals.register_page",
    beside=(("goals.progress_page", "share", lambda: gettext("进度通报")),),
)
