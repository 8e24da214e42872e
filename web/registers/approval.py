"""目标批复: each batch with the paper that approved the budget, its letters and their money, and how many are received."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, select

from budget.approvals import BatchState
from budget.cases import CaseKind
from budget.tables import Case, GoalApproval, GoalLetter
from web.registers.cases import case_register
from web.registers.model import CODE, NUMBER, Column, words_of


def _of_letters(value: object) -> object:
    """Return a figure of the letters of a case's batch."""
    return (
        select(value)  # type: ignore[call-overload]
        .where(GoalLetter.approval_id == Case.instance_id)
        .correlate(Case)
        .scalar_subquery()
    )


REGISTER = case_register(
    CaseKind.APPROVAL,
    joins=((GoalApproval, GoalApproval.instance_id == Case.instance_id),),
    amount=_of_letters(func.sum(GoalLetter.amount)),
    extra=(
        Column("doc_no", lambda: gettext("批复依据"), GoalApproval.doc_no, CODE),
        Column("letters", lambda: gettext("批复单位（个）"), _of_letters(func.count()), NUMBER),
        Column("goals", lambda: gettext("目标（个）"), _of_letters(func.sum(GoalLetter.goals)), NUMBER),
        Column(
            "received",
            lambda: gettext("已签收（个）"),
            _of_letters(func.count(GoalLetter.received_at)),
            NUMBER,
        ),
    ),
    results=words_of(BatchState),
    units_see=False,
)
