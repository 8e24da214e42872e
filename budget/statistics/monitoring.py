"""What was monitored: projects, units and money at the year's checkpoints, and the lights."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, distinct, func, select
from sqlalchemy.orm import Session

from budget.monitoring.codes import Light, RecordState
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import MonitoringRecord, Project, Unit


def _records(scope: Scope, of: ColumnElement[int]) -> Select[int]:
    """Select something of the last record of each project of the year that counts by then."""
    other = MonitoringRecord.__table__.alias("last")
    last = (
        select(func.max(other.c.id))
        .where(
            other.c.project_id == MonitoringRecord.project_id,
            other.c.fiscal_year == scope.year,
            other.c.state != RecordState.WITHDRAWN,
            other.c.submitted_at <= scope.as_of,
        )
        .correlate(MonitoringRecord)
        .scalar_subquery()
    )
    return (
        select(of)
        .select_from(MonitoringRecord)
        .join(Project, Project.id == MonitoringRecord.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(MonitoringRecord.fiscal_year == scope.year, MonitoringRecord.id == last, *scope.covers())
    )


def units(session: Session, scope: Scope) -> int:
    """Count units with a monitored project."""
    return session.execute(_records(scope, func.count(distinct(Project.unit)))).scalar_one()


def projects(session: Session, scope: Scope) -> int:
    """Count monitored projects, each once however many checkpoints there were."""
    return session.execute(_records(scope, func.count())).scalar_one()


def amount(session: Session, scope: Scope) -> int:
    """Add up the budgets of the monitored projects as they were at their last checkpoint, in 分."""
    query = _records(scope, func.sum(MonitoringRecord.budget_adjusted))
    return int(session.execute(query).scalar_one() or 0)


def reports(session: Session, scope: Scope) -> int:
    """Count monitoring reports, every checkpoint's."""
    query = (
        select(func.count(distinct(MonitoringRecord.instance_id)))
        .select_from(MonitoringRecord)
        .join(Project, Project.id == MonitoringRecord.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            MonitoringRecord.fiscal_year == scope.year,
            MonitoringRecord.submitted_at <= scope.as_of,
            MonitoringRecord.state != RecordState.WITHDRAWN,
            *scope.covers(),
        )
    )
    return session.execute(query).scalar_one()


@read_once
def _checkpoints(session: Session, scope: Scope) -> Mapping[int, set[str]]:
    """Return at which of the year's checkpoints each project was reported on by then."""
    query = (
        select(MonitoringRecord.project_id, MonitoringRecord.period)
        .join(Project, Project.id == MonitoringRecord.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            MonitoringRecord.fiscal_year == scope.year,
            MonitoringRecord.submitted_at <= scope.as_of,
            MonitoringRecord.state != RecordState.WITHDRAWN,
            *scope.covers(),
        )
        .distinct()
    )
    found: dict[int, set[str]] = {}
    for project, period in session.execute(query):
        found.setdefault(project, set()).add(period)
    return found


def checkpoints(session: Session, scope: Scope) -> int:
    """Count the checkpoints at which anything was reported (监控批次)."""
    return len(set().union(*_checkpoints(session, scope).values()))


def at_every(session: Session, scope: Scope) -> int:
    """Count projects that were reported on at every checkpoint (A13); one that came later has fewer."""
    found = _checkpoints(session, scope)
    most = checkpoints(session, scope)
    return sum(len(periods) == most for periods in found.values()) if most else 0


def deviating(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of the monitored projects that are red: beyond the line from which they must be put right."""
    whole = projects(session, scope)
    red = session.execute(
        _records(scope, func.count()).where(MonitoringRecord.light == Light.RED)
    ).scalar_one()
    return Decimal(red) / whole if whole else None


def _with(light: Light) -> Figure:
    def count(session: Session, scope: Scope) -> int:
        query = _records(scope, func.count()).where(MonitoringRecord.light == light)
        return session.execute(query).scalar_one()

    return Figure(
        f"monitor.{light.value.lower()}",
        f"监控项目：{light.zh}",
        f"Monitored projects: {light.en}",
        "个",
        count,
    )


FIGURES = (
    Figure("monitor.units", "运行监控单位", "Units monitored", "家", units),
    Figure("monitor.projects", "运行监控项目", "Projects monitored", "个", projects),
    Figure("monitor.amount", "运行监控资金", "Money monitored", "万元", amount),
    Figure("monitor.checkpoints", "运行监控批次", "Checkpoints", "次", checkpoints),
    Figure("monitor.reports", "运行监控报送", "Monitoring reports", "份", reports),
    Figure("monitor.every", "各批次均报送的项目", "Projects reported on at every checkpoint", "个", at_every),
    *(_with(light) for light in Light),
    Figure("monitor.deviating", "偏差率（红灯项目）", "Share of projects that are red", "%", deviating),
)
