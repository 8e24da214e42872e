"""批复签收: each unit's letter with its number, how many goals it approves, and who signed for it when."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.tables import Case, GoalLetter
from web.registers.cases import case_register
from web.registers.model import CODE, MOMENT, NUMBER, Column

REGISTER = case_register(
    CaseKind.GOAL_LETTER,
    joins=((GoalLetter, GoalLetter.instance_id == Case.instance_id),),
    amount=GoalLetter.amount,
    extra=(
        Column("number", lambda: gettext("批复文号"), GoalLetter.number, CODE),
        Column("goals", lambda: gettext("目标（个）"), GoalLetter.goals, NUMBER),
        Column("received", lambda: gettext("签收时间"), GoalLetter.received_at, MOMENT),
    ),
    results={"RECEIVED": ("已签收", "received")},
    readers=frozenset({"invest_staff", "invest_chief", "supervision_staff", "supervision_chief"}),
)
