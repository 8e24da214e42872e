"""What a monitoring measures against: the approved goal, what the treasury paid, what was reported the time before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from statistics import median_low
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from budget.amounts import initial_amount
from budget.goals import approved_version
from budget.money import wan_from_fen
from budget.monitoring.codes import RecordState, checkpoint_name
from budget.monitoring.figures import executed_by
from budget.monitoring.progress import Rules, percent, planned, planned_of_limit
from budget.tables import MonitoringRecord, Project

_previous = (
    select(MonitoringRecord)
    .where(
        MonitoringRecord.project_id == bindparam("project"),
        MonitoringRecord.fiscal_year == bindparam("year"),
        MonitoringRecord.as_of < bindparam("before"),
        MonitoringRecord.state.in_((RecordState.SUBMITTED, RecordState.ACCEPTED)),
    )
    .order_by(MonitoringRecord.as_of.desc(), MonitoringRecord.version.desc())
    .limit(1)
)
_amounts = select(Project.annual_amount).where(
    Project.unit == bindparam("unit"), Project.fiscal_year <= bindparam("year")
)


def previous_record(session: Session, project: Project, as_of: date) -> MonitoringRecord | None:
    """Return what was reported at the checkpoint before a day of the same year, None at the first one."""
    wanted = {"project": project.id, "year": project.fiscal_year, "before": as_of}
    return session.scalar(_previous, wanted)


def baseline(session: Session, project: Project, as_of: date, rules: Rules) -> dict[str, Any]:
    """Return the variables ``baseline`` and ``indicators`` with which the monitoring form begins.

    Amounts are in 万元, rates in per cent. Everything in them is read-only on the form (DQ40); a project without an
    approved goal has no rows.
    """
    version = approved_version(session, project.id)
    before = previous_record(session, project, as_of)
    reported = {row.row_id: row.actual for row in before.indicators} if before else {}
    steps = [(one.start_date, one.end_date) for one in version.milestones] if version else []
    plan = planned(steps, as_of, rules, year=project.fiscal_year)
    spent = executed_by(session, project.id, as_of)
    rows = [
        {
            "_row": row.row_id or f"r{row.position}",
            "level1": row.level1,
            "level3_name": row.level3_name,
            "nature": row.nature,
            "operator": row.operator,
            "target_value": row.target_text,
            "target_value_max": row.target_value_max,
            "unit": row.unit or "",
            "direction": row.direction,
            "plan_rate": percent(planned_of_limit(plan, row.operator, row.direction)),
            "previous_actual": reported.get(row.row_id or f"r{row.position}", ""),
        }
        for row in (version.indicators if version else ())
    ]
    return {
        "baseline": {
            "as_of": as_of.isoformat(),
            "goal_version": version.id if version else None,
            "goal_number": version.number if version else None,
            "goal_annual": version.goal_annual if version else "",
            "budget_initial": wan_from_fen(initial_amount(session, project)),
            "budget_adjusted": wan_from_fen(project.annual_amount),
            "executed": None if spent is None else wan_from_fen(spent),
            "plan_rate": percent(plan),
            "usual_amount": _usual_amount(session, project),
            "previous_period": checkpoint_name(before.period) if before else None,
            "previous_executed": wan_from_fen(before.executed) if before else None,
            "previous_light": before.light if before else None,
        },
        "indicators": rows,
    }


def _usual_amount(session: Session, project: Project) -> Decimal | None:
    """Return the median of the money of the unit's projects in the years up to this one, in 万元."""
    amounts = session.scalars(_amounts, {"unit": project.unit, "year": project.fiscal_year}).all()
    return wan_from_fen(median_low(amounts)) if amounts else None
