"""What the year's projects may spend and have spent, by project and for the county."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from budget.monitoring.codes import FigureState, RecordState
from budget.statistics import goals
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import ExecutionFigure, MonitoringRecord, Project, Section, Unit


@dataclass(frozen=True, slots=True)
class Spending:
    """A project's money in 分: what it may spend, what it has spent (None: nothing is known), and how its goal stands.

    ``goal`` is the completion of its goal as a fraction, ``light`` the code of the last monitoring, where there was one.
    """

    project_id: int
    name: str
    unit: str
    section: str
    section_name: str
    budget: int
    spent: int | None
    goal: Decimal | None
    light: str | None

    @property
    def rate(self) -> Decimal | None:
        """The share of the money that is spent."""
        return None if self.spent is None or not self.budget else Decimal(self.spent) / self.budget


@read_once
def by_project(session: Session, scope: Scope) -> list[Spending]:
    """Return the projects of the year, secret ones left out: the treasury's figure counts before the unit's own."""
    paid = _paid(session, scope)
    reported = _reported(session, scope)
    query = (
        select(Project, Unit.name, Section.name)
        .join(Unit, Unit.code == Project.unit)
        .join(Section, Section.code == Project.section)
        .where(Project.fiscal_year == scope.year, *scope.covers())
        .order_by(Project.code)
    )
    found = []
    for project, unit, section in session.execute(query):
        record = reported.get(project.id)
        own = record.executed if record is not None else None
        found.append(
            Spending(
                project.id,
                project.name,
                unit,
                project.section,
                section,
                project.annual_amount if record is None else record.budget_adjusted,
                paid.get(project.id, own),
                record.goal_actual if record is not None else None,
                record.light if record is not None else None,
            )
        )
    return found


def _paid(session: Session, scope: Scope) -> Mapping[int, int]:
    """Return what the treasury says was spent by the last month that is known, by project."""
    figure = ExecutionFigure
    known = and_(
        figure.as_of <= scope.as_of.date(),
        figure.imported_at <= scope.as_of,
        figure.state == FigureState.CURRENT,
        figure.book == "",
        Project.fiscal_year == scope.year,
    )
    last = (
        select(figure.project_id, func.max(figure.month).label("month"))
        .join(Project, Project.id == figure.project_id)
        .where(known)
        .group_by(figure.project_id)
        .subquery()
    )
    query = (
        select(figure.project_id, figure.amount)
        .join(last, and_(last.c.project_id == figure.project_id, last.c.month == figure.month))
        .where(figure.state == FigureState.CURRENT, figure.book == "")
    )
    return {row.project_id: row.amount for row in session.execute(query)}


def _reported(session: Session, scope: Scope) -> Mapping[int, MonitoringRecord]:
    """Return the last monitoring record of each project that counts by then."""
    query = (
        select(MonitoringRecord)
        .where(
            MonitoringRecord.fiscal_year == scope.year,
            MonitoringRecord.submitted_at <= scope.as_of,
            MonitoringRecord.state != RecordState.WITHDRAWN,
        )
        .order_by(MonitoringRecord.as_of, MonitoringRecord.id)
    )
    return {record.project_id: record for record in session.scalars(query)}


@read_once
def projects(session: Session, scope: Scope) -> int:
    """Count the year's projects."""
    query = (select(func.count()).select_from(Project).join(Unit, Unit.code == Project.unit)).where(
        Project.fiscal_year == scope.year, *scope.covers()
    )
    return session.execute(query).scalar_one()


def budget(session: Session, scope: Scope) -> int:
    """Add up what the year's projects may spend, in 分."""
    return sum(one.budget for one in by_project(session, scope))


def spent(session: Session, scope: Scope) -> int:
    """Add up what is known to be spent, in 分."""
    return sum(one.spent or 0 for one in by_project(session, scope))


def rate(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of the money that is spent, of the projects of which it is known."""
    return rate_of(by_project(session, scope))


def rate_of(found: Sequence[Spending]) -> Decimal | None:
    """Return the share that some projects have spent together, of those of which it is known."""
    known = [one for one in found if one.spent is not None]
    whole = sum(one.budget for one in known)
    return Decimal(sum(one.spent or 0 for one in known)) / whole if whole else None


def goal_coverage(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of the year's projects whose goal is approved."""
    whole = projects(session, scope)
    return Decimal(goals.projects(session, scope)) / whole if whole else None


FIGURES = (
    Figure("budget.projects", "预算项目", "Projects in the budget", "个", projects),
    Figure("budget.amount", "预算项目资金", "Money of the projects", "万元", budget),
    Figure("budget.spent", "累计支出", "Spent so far", "万元", spent),
    Figure("budget.rate", "预算执行率", "Share of the budget spent", "%", rate),
    Figure("goal.coverage", "绩效目标覆盖率", "Coverage by goals", "%", goal_coverage),
)
