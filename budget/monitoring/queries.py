"""What pages ask of monitoring: each project's spending beside what it achieved, and what figures there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from budget.cases import CaseKind
from budget.monitoring.codes import FigureState, Light, RecordState
from budget.monitoring.progress import percent
from budget.tables import Case, ExecutionFigure, MonitoringRecord, Project, Unit

_INNER = aliased(MonitoringRecord)
#: The newest record of a case that counts: at most one row a case, for outer joins with cases.
NEWEST = MonitoringRecord.id == (
    select(func.max(_INNER.id))
    .where(_INNER.instance_id == Case.instance_id, _INNER.state != RecordState.WITHDRAWN)
    .correlate(Case)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Point:
    """A project at a checkpoint: the share of its money that was spent and of its goal that was achieved, in per cent."""

    project_id: int
    instance_id: int
    code: str
    name: str
    unit: str
    section: str
    amount: int
    spent: Decimal
    achieved: Decimal
    deviation: Decimal | None
    light: Light | None


def scatter(
    session: Session, fiscal_year: int, period: str = "", only: ColumnElement[bool] | None = None
) -> list[Point]:
    """Return each monitored project's spending and achievement, at one checkpoint or at each project's newest.

    ``only`` is a condition on cases, projects and units: what one may see, what was filtered. Secret projects and those
    without a rate are left out.
    """
    query = (
        select(MonitoringRecord, Project, Unit.name)
        .select_from(Case)
        .join(Project, Project.id == Case.project_id)
        .join(Unit, Unit.code == Project.unit)
        .join(MonitoringRecord, NEWEST)
        .where(
            Case.kind == CaseKind.MONITORING,
            Case.fiscal_year == fiscal_year,
            MonitoringRecord.money_actual.is_not(None),
            MonitoringRecord.goal_actual.is_not(None),
            ~or_(Project.secret_flag, Unit.secret_flag),
        )
        .order_by(Project.code, MonitoringRecord.as_of.desc())
    )
    if period:
        query = query.where(Case.period == period)
    if only is not None:
        query = query.where(only)
    found: dict[int, Point] = {}
    for record, project, unit in session.execute(query):
        if project.id in found:
            continue
        found[project.id] = Point(
            project_id=project.id,
            instance_id=record.instance_id,
            code=project.code,
            name=project.name,
            unit=unit,
            section=project.section,
            amount=record.budget_adjusted,
            spent=percent(record.money_actual) or Decimal(0),
            achieved=percent(record.goal_actual) or Decimal(0),
            deviation=percent(record.deviation),
            light=Light[record.light] if record.light else None,
        )
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of a month: for how many projects, how much in 分, and when it was last imported."""

    month: int
    projects: int
    amount: int
    imported_at: datetime


def months(session: Session, fiscal_year: int) -> Sequence[Month]:
    """Return the months of a budget year of which there are figures, the newest first."""
    rows = session.execute(
        select(
            ExecutionFigure.month,
            func.count(func.distinct(ExecutionFigure.project_id)),
            func.sum(ExecutionFigure.amount),
            func.max(ExecutionFigure.imported_at),
        )
        .join(Project, Project.id == ExecutionFigure.project_id)
        .where(Project.fiscal_year == fiscal_year, ExecutionFigure.state == FigureState.CURRENT)
        .group_by(ExecutionFigure.month)
        .order_by(ExecutionFigure.month.desc())
    )
    return [Month(month, projects, int(amount), at) for month, projects, amount, at in rows]
