"""The register of self-evaluations: the unit's own score and grade, and the review's beside it."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from budget.cases import CaseKind
from budget.evaluations import EvaluationState, ScoreType
from budget.tables import Case, Evaluation
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import POINTS, Column

_OWN, _REVIEW = aliased(Evaluation, name="own"), aliased(Evaluation, name="reviewed")


def _newest(of: type[Evaluation], score_type: ScoreType) -> tuple[type[Evaluation], object]:
    """Join a case's newest score of a type that was not taken back."""
    other = aliased(Evaluation)
    last = (
        select(func.max(other.id))
        .where(
            other.instance_id == Case.instance_id,
            other.score_type == score_type,
            other.state != EvaluationState.WITHDRAWN,
        )
        .correlate(Case)
        .scalar_subquery()
    )
    return of, and_(of.instance_id == Case.instance_id, of.id == last)


REGISTER = case_register(
    CaseKind.SELF_EVALUATION,
    joins=(_newest(_OWN, ScoreType.SELF), _newest(_REVIEW, ScoreType.REVIEW)),
    amount=_OWN.budget_full,
    extra=(
        Column("score", lambda: gettext("自评分"), _OWN.total, POINTS, sorts=False),
        Column("grade", lambda: gettext("等级"), _OWN.grade, business=True),
        Column("review", lambda: gettext("复核分"), _REVIEW.total, POINTS, sorts=False),
        Column("review_grade", lambda: gettext("复核等级"), _REVIEW.grade, business=True),
    ),
    results={"ACCEPTED": ("已确认", "accepted"), "OFFLINE": ("线下办理", "handled offline")},
    readers=scope.CHECKERS,
    reads={scope.CONGRESS: Case.result == "ACCEPTED"},
)
