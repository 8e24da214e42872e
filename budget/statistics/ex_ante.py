"""What was evaluated before money was planned: projects, money, second reviews, how many passed, what was cut (A09)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.ex_ante import Conclusion
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import ExAnteEvaluation, Project, Unit


@read_once
def _concluded(session: Session, scope: Scope) -> Sequence[ExAnteEvaluation]:
    """Return the evaluations that were concluded in the scope's year by then; secret projects are left out."""
    query = (
        select(ExAnteEvaluation)
        .join(Project, Project.id == ExAnteEvaluation.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            ExAnteEvaluation.concluded_at >= scope.begins,
            ExAnteEvaluation.concluded_at <= scope.ends,
            *scope.covers(),
        )
    )
    return session.scalars(query).all()


def _passed(session: Session, scope: Scope) -> Sequence[ExAnteEvaluation]:
    return [one for one in _concluded(session, scope) if one.conclusion == Conclusion.PASS]


def projects(session: Session, scope: Scope) -> int:
    """Count the projects that were evaluated."""
    return len(_concluded(session, scope))


def amount(session: Session, scope: Scope) -> int:
    """Add up what was asked for them, in 分."""
    return sum(one.amount for one in _concluded(session, scope))


def rereviewed(session: Session, scope: Scope) -> int:
    """Count those that were reviewed a second time."""
    return sum(one.rereviewed for one in _concluded(session, scope))


def passed(session: Session, scope: Scope) -> int:
    """Count those that passed."""
    return len(_passed(session, scope))


def rate(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of those that passed."""
    whole = projects(session, scope)
    return Decimal(passed(session, scope)) / whole if whole else None


def cut(session: Session, scope: Scope) -> int:
    """Add up what was cut: of those that passed the cut itself, of the others all that was asked for; in 分."""
    return sum(
        one.cut_amount if one.conclusion == Conclusion.PASS else one.amount
        for one in _concluded(session, scope)
    )


def lowest(session: Session, scope: Scope) -> Decimal | None:
    """Return the lowest score that passed (S5-18)."""
    return min((one.score for one in _passed(session, scope) if one.score is not None), default=None)


FIGURES = (
    Figure("exante.projects", "事前评估项目", "Projects evaluated ex ante", "个", projects, 1),
    Figure("exante.amount", "事前评估资金", "Money evaluated ex ante", "万元", amount, 1),
    Figure("exante.rereview", "专家复评的项目", "Projects reviewed a second time", "个", rereviewed, 1),
    Figure("exante.passed", "事前评估通过的项目", "Projects that passed ex ante", "个", passed, 1),
    Figure("exante.rate", "事前评估通过率", "Share that passed ex ante", "%", rate, 1),
    Figure("exante.cut", "事前评估核减和不予安排的资金", "Money cut or refused ex ante", "万元", cut, 1),
    Figure("exante.lowest", "事前评估通过的最低分", "Lowest score that passed ex ante", "分", lowest, 1),
)
