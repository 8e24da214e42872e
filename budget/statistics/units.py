"""How many budget units there are, and how many of them do performance management (coverage, traps T1 and T7)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session

from budget.cases import CaseState
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Case, Unit


def _units(scope: Scope, *extra: object) -> Select[int]:
    query = select(func.count()).select_from(Unit)
    if scope.section:
        query = query.where(Unit.section == scope.section)
    if scope.unit:
        query = query.where(Unit.code == scope.unit)
    return query.where(*extra)  # type: ignore[arg-type]


def level1(session: Session, scope: Scope) -> int:
    """Count first-level budget units."""
    return session.execute(_units(scope, Unit.level == 1)).scalar_one()


def level2(session: Session, scope: Scope) -> int:
    """Count second-level budget units."""
    return session.execute(_units(scope, Unit.level == 2)).scalar_one()


def secret(session: Session, scope: Scope) -> int:
    """Count secret units: they are named as a number beside the denominator, and nowhere else."""
    return session.execute(_units(scope, Unit.secret_flag)).scalar_one()


def new(session: Session, scope: Scope) -> int:
    """Count units that were established in the year before or later, and so have no last year."""
    return session.execute(
        _units(scope, func.extract("year", Unit.established_at) >= scope.year - 1)
    ).scalar_one()


@read_once
def covered(session: Session, scope: Scope) -> int:
    """Count first-level units of which anything was reported that is not secret."""
    query = (
        select(func.count(distinct(Case.unit)))
        .join(Unit, Unit.code == Case.unit)
        .where(
            Case.fiscal_year.in_((scope.year, scope.year - 1)),
            Case.submitted_at <= scope.as_of,
            Case.state != CaseState.WITHDRAWN,
            Unit.level == 1,
            ~Unit.secret_flag,
        )
    )
    if scope.section:
        query = query.where(Unit.section == scope.section)
    if scope.unit:
        query = query.where(Unit.code == scope.unit)
    return session.execute(query).scalar_one()


def coverage_all(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of all first-level units that are covered, the secret ones among them (T1)."""
    due = session.execute(_units(scope, Unit.level == 1)).scalar_one()
    return Decimal(covered(session, scope)) / due if due else None


def coverage_settled(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of first-level units, without the secret and the new ones, that are covered (T1)."""
    old = func.coalesce(func.extract("year", Unit.established_at), 0) < scope.year - 1
    due = session.execute(_units(scope, Unit.level == 1, ~Unit.secret_flag, old)).scalar_one()
    return min(Decimal(1), Decimal(covered(session, scope)) / due) if due else None


def coverage(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of first-level units, without the secret ones, that are covered."""
    due = session.execute(_units(scope, Unit.level == 1, ~Unit.secret_flag)).scalar_one()
    return Decimal(covered(session, scope)) / due if due else None


FIGURES = (
    Figure("units.level1", "一级预算单位", "First-level budget units", "家", level1),
    Figure("units.level2", "二级预算单位", "Second-level budget units", "家", level2),
    Figure("units.secret", "涉密单位", "Secret units", "家", secret),
    Figure("units.new", "新成立单位", "New units", "家", new),
    Figure("units.covered", "开展绩效管理的单位", "Units covered", "家", covered),
    Figure("coverage", "覆盖率（不含涉密单位）", "Coverage (without secret units)", "%", coverage),
    Figure("coverage.all", "覆盖率（全部单位）", "Coverage (of all units)", "%", coverage_all),
    Figure(
        "coverage.settled",
        "覆盖率（不含涉密和新设单位）",
        "Coverage (without secret and new units)",
        "%",
        coverage_settled,
    ),
)
