"""A unit's monitoring of its overall spending (S4-13): what its projects add up to, and what it reports besides.

Plain functions on a session, called by the process's handlers inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from budget.answers import number, text
from budget.codes import VersionState
from budget.money import fen_from_wan, wan_from_fen
from budget.monitoring.codes import ACTIONS, LIGHTS, RecordState
from budget.monitoring.figures import executed_by
from budget.monitoring.progress import Rules, completion, deviation, percent, planned
from budget.monitoring.records import MonitoringError
from budget.tables import Project, Unit, UnitGoal, UnitMonitoring
from engine.plugins import Document


def projects_of(session: Session, unit: str, year: int) -> Sequence[Project]:
    """Return the year's projects of a unit and of the units under it, without secret ones (domain §6.4)."""
    query = (
        select(Project)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == year,
            or_(Unit.code == unit, Unit.parent == unit),
            ~or_(Project.secret_flag, Unit.secret_flag),
        )
        .order_by(Project.code)
    )
    return session.scalars(query).all()


def unit_baseline(session: Session, unit: str, year: int, as_of: date, rules: Rules) -> dict[str, Any]:
    """Return the variable ``baseline`` with which the form begins; amounts in 万元, rates in per cent.

    Of a unit's own running no plan is known: its planned progress is the months that have passed.
    """
    projects = projects_of(session, unit, year)
    spent = [executed_by(session, project.id, as_of) for project in projects]
    return {
        "as_of": as_of.isoformat(),
        "budget": _approved_budget(session, unit, year),
        "projects": len(projects),
        "project_budget": wan_from_fen(sum(project.annual_amount for project in projects)),
        "project_executed": wan_from_fen(sum(amount or 0 for amount in spent)),
        "unknown": sum(amount is None for amount in spent),
        "plan_rate": percent(planned((), as_of, rules, year=year)),
    }


def _approved_budget(session: Session, unit: str, year: int) -> Decimal | None:
    """Return the whole budget under the unit's approved overall goal in 万元, None where none is approved."""
    query = select(UnitGoal.total_amount).where(
        UnitGoal.unit == unit, UnitGoal.fiscal_year == year, UnitGoal.state == VersionState.FROZEN
    )
    amount = session.scalar(query.order_by(UnitGoal.id.desc()).limit(1))
    return None if amount is None else wan_from_fen(amount)


@dataclass(frozen=True, slots=True)
class UnitAnswers:
    """The unit's form, amounts in 万元 as typed, rates as fractions of 1."""

    budget: Decimal
    executed: Decimal
    forecast: Decimal
    plan: Decimal
    progress: str
    statement: str
    measures: str

    @classmethod
    def read(cls, answers: Mapping[str, Any], as_of: date, year: int, rules: Rules) -> UnitAnswers:
        """Read the whole form; what is no number counts as none."""
        return cls(
            budget=number(answers.get("budget")) or Decimal(0),
            executed=number(answers.get("executed")) or Decimal(0),
            forecast=number(answers.get("forecast_exec")) or Decimal(0),
            plan=planned((), as_of, rules, year=year),
            progress=text(answers.get("progress")),
            statement=text(answers.get("deviation_statement")),
            measures=text(answers.get("corrective_measures")),
        )

    @property
    def spent(self) -> Decimal | None:
        """The share of the money that was spent, None where there is none."""
        return completion(self.budget, self.executed) if self.budget else None

    def deviation(self, rules: Rules) -> Decimal:
        """Return how far the spending is behind the months that have passed."""
        return Decimal(0) if self.spent is None else deviation(self.plan, self.spent, rules)


def submit(
    session: Session,
    instance_id: int,
    unit: str,
    document: Document,
    *,
    year: int,
    period: str,
    as_of: date,
    baseline: Mapping[str, Any],
    rules: Rules,
) -> UnitMonitoring:
    """Write a submitted form as the next version of the instance's record."""
    answers = UnitAnswers.read(document.body, as_of, year, rules)
    latest = session.scalar(
        select(func.max(UnitMonitoring.version)).where(UnitMonitoring.instance_id == instance_id)
    )
    record = UnitMonitoring(
        instance_id=instance_id,
        unit=unit,
        fiscal_year=year,
        period=period,
        as_of=as_of,
        version=(latest or 0) + 1,
        state=RecordState.SUBMITTED,
        document_version=document.version,
        document_sha256=document.sha256,
        budget=fen_from_wan(answers.budget),
        executed=fen_from_wan(answers.executed),
        forecast=fen_from_wan(answers.forecast),
        projects=int(baseline["projects"]),
        project_budget=fen_from_wan(baseline["project_budget"]),
        project_executed=fen_from_wan(baseline["project_executed"]),
        money_planned=answers.plan,
        money_actual=answers.spent,
        deviation=answers.deviation(rules),
        progress=answers.progress,
        statement=answers.statement,
        measures=answers.measures,
        submitted_at=document.saved_at,
        submitted_by=document.author,
    )
    session.add(record)
    session.flush()
    return record


def newest(session: Session, instance_id: int) -> UnitMonitoring:
    """Return the newest record that was not withdrawn; raises :class:`MonitoringError` where there is none."""
    record = session.scalar(
        select(UnitMonitoring)
        .where(UnitMonitoring.instance_id == instance_id, UnitMonitoring.state != RecordState.WITHDRAWN)
        .order_by(UnitMonitoring.version.desc())
        .limit(1)
    )
    if record is None:
        raise MonitoringError(f"nothing was reported in instance {instance_id}")
    return record


def change_state(session: Session, instance_id: int, state: RecordState) -> UnitMonitoring:
    """Set what the newest record is."""
    record = newest(session, instance_id)
    record.state = state
    session.flush()
    return record


def decide(session: Session, instance_id: int, verdict: Mapping[str, Any] | None) -> None:
    """Write the light and the action on which D03 decided, or take them back with None."""
    record = newest(session, instance_id)
    record.light = None if verdict is None else LIGHTS[text(verdict["light"])]
    record.action = None if verdict is None else ACTIONS[text(verdict["action"])]
    session.flush()


def erase(session: Session, instance_id: int) -> None:
    """Forget what was reported of a unit that turned out to be secret (domain §6.4)."""
    for record in session.scalars(select(UnitMonitoring).where(UnitMonitoring.instance_id == instance_id)):
        session.delete(record)
    session.flush()
