"""How much of what was called for came in time, and what stands in the responsibility ledger (§8.1: 按时/应办, 台账)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind, CaseState
from budget.statistics.model import Figure, Scope
from budget.tables import Case, LedgerEntry, Project, Unit


def in_time(kind: CaseKind, offset: int = 0) -> Callable[[Session, Scope], Decimal | None]:
    """Return how to compute which share of a business of a budget year was reported before its day.

    ``offset`` is the budget year counted from the year of the work. What was withdrawn or is handled offline was not
    called for here.
    """

    def share(session: Session, scope: Scope) -> Decimal | None:
        query = (
            select(func.count(), func.sum(case((Case.overdue_at.is_(None), 1), else_=0)))
            .select_from(Case)
            .join(Unit, Unit.code == Case.unit)
            .outerjoin(Project, Project.id == Case.project_id)
            .where(
                Case.kind == kind,
                Case.fiscal_year == scope.year + offset,
                Case.campaign_id.is_not(None),
                Case.opened_at <= scope.as_of,
                Case.state.not_in((CaseState.WITHDRAWN, CaseState.OFFLINE)),
                ~Unit.secret_flag,
                or_(Project.id.is_(None), ~Project.secret_flag),
            )
        )
        if scope.section:
            query = query.where(func.coalesce(Project.section, Unit.section) == scope.section)
        if scope.unit:
            query = query.where(Case.unit == scope.unit)
        called, punctual = session.execute(query).one()
        return Decimal(int(punctual or 0)) / called if called else None

    return share


def entries(session: Session, scope: Scope) -> int:
    """Count what was entered in the year into the ledgers of units that are not secret."""
    query = (
        select(func.count())
        .select_from(LedgerEntry)
        .join(Unit, Unit.code == LedgerEntry.unit)
        .where(
            LedgerEntry.recorded_at >= scope.begins,
            LedgerEntry.recorded_at <= scope.ends,
            ~Unit.secret_flag,
        )
    )
    if scope.section:
        query = query.where(Unit.section == scope.section)
    if scope.unit:
        query = query.where(Unit.code == scope.unit)
    return session.execute(query).scalar_one()


FIGURES = (
    Figure("goal.intime", "目标按时申报率", "Goals declared in time", "%", in_time(CaseKind.GOAL)),
    Figure("monitor.intime", "监控按时报送率", "Monitoring in time", "%", in_time(CaseKind.MONITORING)),
    Figure(
        "selfeval.intime",
        "自评按时完成率",
        "Self-evaluations in time",
        "%",
        in_time(CaseKind.SELF_EVALUATION, -1),
        offset=-1,
    ),
    Figure("ledger.entries", "记入责任台账", "Entries in the responsibility ledger", "次", entries),
)
