"""Projects that relieve poverty, told apart: what was monitored, spent and evaluated of them (S4-12, S4-22, A16)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from budget.evaluations import EvaluationState, ScoreType
from budget.statistics import spending
from budget.statistics.model import Figure, Scope, read_once
from budget.statistics.spending import Spending
from budget.tables import Evaluation, Project, Unit


@read_once
def _monitored(session: Session, scope: Scope) -> Sequence[Spending]:
    query = select(Project.id).where(Project.fiscal_year == scope.year, Project.poverty_flag)
    labelled = set(session.scalars(query))
    return [
        one
        for one in spending.by_project(session, scope)
        if one.project_id in labelled and one.light is not None
    ]


def projects(session: Session, scope: Scope) -> int:
    """Count the poverty projects that were monitored."""
    return len(_monitored(session, scope))


def amount(session: Session, scope: Scope) -> int:
    """Add up their budgets, in 分."""
    return sum(one.budget for one in _monitored(session, scope))


def rate(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of what was monitored that is spent."""
    return spending.rate_of(_monitored(session, scope))


def _of_last_year(scope: Scope) -> Select[int]:
    """Select how many poverty projects the year before had."""
    return (
        select(func.count())
        .select_from(Project)
        .join(Unit, Unit.code == Project.unit)
        .where(Project.fiscal_year == scope.year - 1, Project.poverty_flag, *scope.covers())
    )


def _accepted(scope: Scope) -> Select[Any]:
    """Select the projects whose self-evaluation is accepted by then."""
    return select(Evaluation.project_id).where(
        Evaluation.score_type == ScoreType.SELF,
        Evaluation.state == EvaluationState.ACCEPTED,
        Evaluation.activity_year == scope.year,
        Evaluation.accepted_at <= scope.as_of,
    )


def evaluated(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of the poverty projects of the year before whose self-evaluation is accepted."""
    count = session.execute(_of_last_year(scope)).scalar_one()
    return Decimal(evaluated_projects(session, scope)) / count if count else None


def evaluated_projects(session: Session, scope: Scope) -> int:
    """Count the poverty projects of the year before whose self-evaluation is accepted."""
    return session.execute(_of_last_year(scope).where(Project.id.in_(_accepted(scope)))).scalar_one()


FIGURES = (
    Figure("monitor.poverty.projects", "其中：扶贫监控项目", "of them poverty projects", "个", projects),
    Figure("monitor.poverty.amount", "其中：扶贫监控资金", "of it for poverty projects", "万元", amount),
    Figure("poverty.exec.rate", "扶贫项目支出进度", "Poverty projects: share spent", "%", rate),
    Figure(
        "poverty.selfeval.projects",
        "扶贫项目自评",
        "Poverty projects evaluated",
        "个",
        evaluated_projects,
        offset=-1,
    ),
    Figure(
        "poverty.selfeval.rate",
        "扶贫项目自评率",
        "Poverty projects: share evaluated",
        "%",
        evaluated,
        offset=-1,
    ),
)
