"""How many units declared what they are to achieve as a whole, with how much money (trap T7: by their own count)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, Select, distinct, func, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind, CaseState
from budget.codes import VersionState
from budget.evaluations import EvaluationState
from budget.monitoring.codes import RecordState
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Case, Unit, UnitEvaluation, UnitGoal, UnitMonitoring


def _narrowed(query: Select[int], scope: Scope) -> Select[int]:
    query = query.where(~Unit.secret_flag)
    if scope.section:
        query = query.where(Unit.section == scope.section)
    return query.where(Unit.code == scope.unit) if scope.unit else query


def _approved(scope: Scope, of: ColumnElement[int]) -> Select[int]:
    """Select something of the versions that were approved by then; a unit has one of a year."""
    query = (
        select(of)
        .select_from(UnitGoal)
        .join(Unit, Unit.code == UnitGoal.unit)
        .where(
            UnitGoal.fiscal_year == scope.year,
            UnitGoal.state == VersionState.FROZEN,
            UnitGoal.frozen_at <= scope.as_of,
        )
    )
    return _narrowed(query, scope)


@read_once
def units(session: Session, scope: Scope) -> int:
    """Count units with an approved overall goal."""
    return session.execute(_approved(scope, func.count(distinct(UnitGoal.unit)))).scalar_one()


def amount(session: Session, scope: Scope) -> int:
    """Add up the whole budgets under approved overall goals, basic spending included, in 分."""
    return int(session.execute(_approved(scope, func.sum(UnitGoal.total_amount))).scalar_one() or 0)


def coverage(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of the units called to declare whose overall goal is approved."""
    query = (
        select(func.count(distinct(Case.unit)))
        .select_from(Case)
        .join(Unit, Unit.code == Case.unit)
        .where(
            Case.kind == CaseKind.UNIT_GOAL,
            Case.fiscal_year == scope.year,
            Case.opened_at <= scope.as_of,
            Case.state != CaseState.WITHDRAWN,
        )
    )
    called = session.execute(_narrowed(query, scope)).scalar_one()
    return Decimal(units(session, scope)) / called if called else None


def _monitored(scope: Scope, of: ColumnElement[int]) -> Select[int]:
    """Select something of the last report of each unit about its spending as a whole (S4-13)."""
    other = UnitMonitoring.__table__.alias("last")
    last = (
        select(func.max(other.c.id))
        .where(
            other.c.unit == UnitMonitoring.unit,
            other.c.fiscal_year == scope.year,
            other.c.state != RecordState.WITHDRAWN,
            other.c.submitted_at <= scope.as_of,
        )
        .correlate(UnitMonitoring)
        .scalar_subquery()
    )
    query = (
        select(of)
        .select_from(UnitMonitoring)
        .join(Unit, Unit.code == UnitMonitoring.unit)
        .where(UnitMonitoring.id == last)
    )
    return _narrowed(query, scope)


def monitored(session: Session, scope: Scope) -> int:
    """Count units that reported on their spending as a whole."""
    return session.execute(_monitored(scope, func.count())).scalar_one()


def monitored_amount(session: Session, scope: Scope) -> int:
    """Add up the whole budgets that were monitored, in 分."""
    return int(session.execute(_monitored(scope, func.sum(UnitMonitoring.budget))).scalar_one() or 0)


def checkpoints(session: Session, scope: Scope) -> int:
    """Count how often units reported on their spending as a whole in the year (S4-13)."""
    query = (
        select(func.count(distinct(UnitMonitoring.period)))
        .select_from(UnitMonitoring)
        .join(Unit, Unit.code == UnitMonitoring.unit)
        .where(
            UnitMonitoring.fiscal_year == scope.year,
            UnitMonitoring.state != RecordState.WITHDRAWN,
            UnitMonitoring.submitted_at <= scope.as_of,
        )
    )
    return session.execute(_narrowed(query, scope)).scalar_one()


def evaluated(session: Session, scope: Scope) -> int:
    """Count units whose evaluation of their overall spending was accepted in the year by then (S2-03, S5-05)."""
    query = (
        select(func.count(distinct(UnitEvaluation.unit)))
        .select_from(UnitEvaluation)
        .join(Unit, Unit.code == UnitEvaluation.unit)
        .where(
            UnitEvaluation.state == EvaluationState.ACCEPTED,
            UnitEvaluation.accepted_at >= scope.begins,
            UnitEvaluation.accepted_at <= scope.ends,
        )
    )
    return session.execute(_narrowed(query, scope)).scalar_one()


FIGURES = (
    Figure("dept.units", "部门整体目标单位", "Units with approved overall goals", "家", units),
    Figure("dept.amount", "部门整体目标资金", "Money under overall goals", "万元", amount),
    Figure("dept.coverage", "部门整体目标覆盖率", "Coverage of overall goals", "%", coverage),
    Figure("dept.monitor.checkpoints", "部门整体监控批次", "Overall checkpoints", "次", checkpoints),
    Figure("dept.monitor.units", "部门整体监控单位", "Units monitored as a whole", "家", monitored),
    Figure("dept.monitor.amount", "部门整体监控资金", "Money monitored as a whole", "万元", monitored_amount),
    Figure(
        "dept.evaluated",
        "部门整体自评单位",
        "Units that evaluated themselves as a whole",
        "家",
        evaluated,
        -1,
    ),
)
