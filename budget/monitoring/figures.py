"""Execution figures: what projects had spent by the end of each month, as the treasury's system says (国库集中支付).

Plain functions on a session; none commits. A newer figure replaces the older one, which stays as a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from budget.codes import FundBook
from budget.monitoring.codes import FigureSource, FigureState, RecordState
from budget.tables import ExecutionFigure, MonitoringRecord, Project


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to be registered: cumulated spending in 分 by the end of a month, of one budget or (``""``) of all."""

    project_id: int
    month: int
    amount: int
    book: str = ""


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def register(
    session: Session,
    figures: Sequence[Figure],
    *,
    source: FigureSource,
    by: str,
    now: datetime,
    note: str = "",
) -> int:
    """Write figures; what says the same as before stays. Return how many are new or changed.

    The project of each must be there; raises :class:`sqlalchemy.exc.NoResultFound` else.
    """
    changed = 0
    for figure in figures:
        project = session.get_one(Project, figure.project_id)
        before = session.scalar(
            select(ExecutionFigure).where(
                ExecutionFigure.project_id == figure.project_id,
                ExecutionFigure.month == figure.month,
                ExecutionFigure.book == figure.book,
                ExecutionFigure.state == FigureState.CURRENT,
            )
        )
        if before is not None:
            if before.amount == figure.amount:
                continue
            before.state = FigureState.REPLACED
        session.add(
            ExecutionFigure(
                project_id=figure.project_id,
                month=figure.month,
                book=figure.book,
                amount=figure.amount,
                as_of=month_end(project.fiscal_year, figure.month),
                source=source,
                state=FigureState.CURRENT,
                imported_at=now,
                imported_by=by,
                note=note[:200],
            )
        )
        changed += 1
    session.flush()
    return changed


def executed_by(session: Session, project_id: int, as_of: date) -> int | None:
    """Return what a project had spent by a day in 分, None where no month that ended by then is known.

    Figures of single budgets are added where there is none of all together.
    """
    rows = session.scalars(
        select(ExecutionFigure)
        .where(
            ExecutionFigure.project_id == project_id,
            ExecutionFigure.as_of <= as_of,
            ExecutionFigure.state == FigureState.CURRENT,
        )
        .order_by(ExecutionFigure.month.desc())
    ).all()
    if not rows:
        return None
    newest = [row for row in rows if row.month == rows[0].month]
    whole = next((row.amount for row in newest if not row.book), None)
    return whole if whole is not None else sum(row.amount for row in newest)


@dataclass(frozen=True, slots=True)
class Difference:
    """A project whose unit reported another amount than the treasury's system has; both in 分, by the same day."""

    project_id: int
    code: str
    name: str
    unit: str
    period: str
    as_of: date
    reported: int
    registered: int
    instance_id: int

    @property
    def amount(self) -> int:
        """What the unit reported more (or, negative, less)."""
        return self.reported - self.registered


def differences(
    session: Session, fiscal_year: int, units: Sequence[str] | None = None, *, tolerance: int = 0
) -> list[Difference]:
    """Return where the units' newest reports and the treasury's figures for the same day differ by more than a tolerance.

    ``units`` narrows to some units' projects, None means all; ``tolerance`` is in 分: forms round to 0.01 万元.
    """
    newest = (
        select(
            MonitoringRecord.project_id,
            MonitoringRecord.period,
            func.max(MonitoringRecord.id).label("id"),
        )
        .where(
            MonitoringRecord.fiscal_year == fiscal_year,
            MonitoringRecord.state.in_((RecordState.SUBMITTED, RecordState.ACCEPTED)),
        )
        .group_by(MonitoringRecord.project_id, MonitoringRecord.period)
        .subquery()
    )
    whole = (
        select(
            ExecutionFigure.project_id,
            ExecutionFigure.as_of,
            func.sum(ExecutionFigure.amount).label("total"),
            func.sum(case((ExecutionFigure.book == "", ExecutionFigure.amount))).label("whole"),
        )
        .where(ExecutionFigure.state == FigureState.CURRENT)
        .group_by(ExecutionFigure.project_id, ExecutionFigure.as_of)
        .subquery()
    )
    amount = func.coalesce(whole.c.whole, whole.c.total)
    query = (
        select(MonitoringRecord, Project, amount)
        .join(newest, newest.c.id == MonitoringRecord.id)
        .join(Project, Project.id == MonitoringRecord.project_id)
        .join(
            whole,
            and_(whole.c.project_id == MonitoringRecord.project_id, whole.c.as_of == MonitoringRecord.as_of),
        )
        .where(func.abs(MonitoringRecord.executed - amount) > tolerance)
        .order_by(Project.unit, Project.code, MonitoringRecord.as_of)
    )
    if units is not None:
        query = query.where(Project.unit.in_(units))
    return [
        Difference(
            project_id=project.id,
            code=project.code,
            name=project.name,
            unit=project.unit,
            period=record.period,
            as_of=record.as_of,
            reported=record.executed,
            registered=int(registered),
            instance_id=record.instance_id,
        )
        for record, project, registered in session.execute(query)
    ]


def by_book(session: Session, project_id: int, as_of: date) -> Mapping[FundBook, int]:
    """Return what each budget had paid by the newest month that ended by a day, in 分, as far as it is known."""
    rows = session.scalars(
        select(ExecutionFigure)
        .where(
            ExecutionFigure.project_id == project_id,
            ExecutionFigure.as_of <= as_of,
            ExecutionFigure.state == FigureState.CURRENT,
            ExecutionFigure.book != "",
        )
        .order_by(ExecutionFigure.month)
    )
    return {FundBook[row.book]: row.amount for row in rows}
