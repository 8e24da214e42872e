"""How many goals were declared, with how much money and how many indicators, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, distinct, func, select
from sqlalchemy.orm import Session

from budget.codes import FundBook, VersionState
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import FundSource, Goal, GoalVersion, Indicator, Project, Unit


def _approved(scope: Scope, of: ColumnElement[int]) -> Select[int]:
    """Select something of the versions that were approved by then, the newest of each goal."""
    frozen = (
        select(func.max(GoalVersion.version))
        .where(
            GoalVersion.goal_id == Goal.id,
            GoalVersion.state == VersionState.FROZEN,
            GoalVersion.frozen_at <= scope.as_of,
        )
        .correlate(Goal)
        .scalar_subquery()
    )
    return (
        select(of)
        .select_from(GoalVersion)
        .join(Goal, Goal.id == GoalVersion.goal_id)
        .join(Project, Project.id == Goal.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(Project.fiscal_year == scope.year, GoalVersion.version == frozen, *scope.covers())
    )


def _reviewed(scope: Scope, of: ColumnElement[int]) -> Select[int]:
    """Select something of the versions that were handed in by then, withdrawn ones left out."""
    return (
        select(of)
        .select_from(GoalVersion)
        .join(Goal, Goal.id == GoalVersion.goal_id)
        .join(Project, Project.id == Goal.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == scope.year,
            GoalVersion.submitted_at <= scope.as_of,
            GoalVersion.state != VersionState.WITHDRAWN,
            Goal.instance_id.is_not(None),
            *scope.covers(),
        )
    )


def units(session: Session, scope: Scope) -> int:
    """Count units with an approved goal of a project."""
    return session.execute(_approved(scope, func.count(distinct(Project.unit)))).scalar_one()


@read_once
def _by_book(session: Session, scope: Scope) -> dict[str, int]:
    """Return what each budget gives to the approved goals, in 分."""
    query = (
        _approved(scope, func.sum(FundSource.amount))
        .join(FundSource, FundSource.goal_version_id == GoalVersion.id)
        .add_columns(FundSource.book)
        .group_by(FundSource.book)
    )
    return {book: int(amount) for amount, book in session.execute(query)}


def _of_book(book: FundBook) -> Figure:
    def amount_of(session: Session, scope: Scope) -> int:
        return _by_book(session, scope).get(book, 0)

    return Figure(
        f"goal.amount.{book.value.lower()}",
        f"其中：{book.zh}",
        f"of it from the {book.en}",
        "万元",
        amount_of,
    )


def books(session: Session, scope: Scope) -> int:
    """Count the budgets that pay for projects with approved goals (S3-09: 四本预算)."""
    return sum(amount > 0 for book, amount in _by_book(session, scope).items() if book != FundBook.OTHER)


@read_once
def projects(session: Session, scope: Scope) -> int:
    """Count projects whose goal is approved."""
    return session.execute(_approved(scope, func.count())).scalar_one()


def amount(session: Session, scope: Scope) -> int:
    """Add up the year's money of the approved goals, in 分."""
    return int(session.execute(_approved(scope, func.sum(GoalVersion.annual_amount))).scalar_one() or 0)


def reviewed(session: Session, scope: Scope) -> int:
    """Count projects whose goal was handed in for review, each once (trap T10)."""
    return session.execute(_reviewed(scope, func.count(distinct(Goal.id)))).scalar_one()


def reviews(session: Session, scope: Scope) -> int:
    """Count how often a goal was handed in for review, every round (trap T10)."""
    return session.execute(_reviewed(scope, func.count())).scalar_one()


def indicators(session: Session, scope: Scope) -> int:
    """Count the indicators of the newest version of each goal that was handed in."""
    newest = _newest(scope.as_of)
    query = (
        _reviewed(scope, func.count(Indicator.id))
        .join(Indicator, Indicator.goal_version_id == GoalVersion.id)
        .where(GoalVersion.version == newest)
    )
    return session.execute(query).scalar_one()


def _newest(as_of: datetime) -> ColumnElement[int]:
    other = GoalVersion.__table__.alias("newest")
    return (
        select(func.max(other.c.version))
        .where(
            other.c.goal_id == Goal.id,
            other.c.submitted_at <= as_of,
            other.c.state != VersionState.WITHDRAWN,
        )
        .correlate(Goal)
        .scalar_subquery()
    )


FIGURES = (
    Figure("goal.units", "项目绩效目标管理单位", "Units with approved goals", "家", units),
    Figure("goal.projects", "批复绩效目标的项目", "Projects with approved goals", "个", projects),
    Figure("goal.amount", "批复绩效目标的资金", "Money under approved goals", "万元", amount),
    *(_of_book(book) for book in FundBook if book != FundBook.OTHER),
    Figure("goal.books", "绩效目标涉及的预算", "Budgets with approved goals", "本", books),
    Figure("goal.reviewed", "审核绩效目标的项目（去重）", "Projects reviewed (each once)", "个", reviewed),
    Figure("goal.reviews", "审核绩效目标的次数", "Reviews (every round)", "次", reviews),
    Figure("indicator.reviewed", "审核绩效指标", "Indicators reviewed", "条", indicators),
)
