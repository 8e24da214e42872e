"""The tables of monitoring: what the treasury paid out month by month, and what units reported at each checkpoint."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment


class ExecutionFigure(Base):
    """What a project had spent of a budget year by the end of a month, in 分; a later import replaces, never changes."""

    __tablename__ = "budget_execution_figures"
    __table_args__ = (Index("ix_budget_execution_figures_month", "project_id", "month", "state"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"))
    #: The month of the budget year, 1 to 12; the amount is cumulated from January.
    month: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.codes.FundBook`; the empty string for all budgets together.
    book: Mapped[str] = mapped_column(String(20), default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[date] = mapped_column(Date)
    #: A code of :class:`budget.monitoring.codes.FigureSource`.
    source: Mapped[str] = mapped_column(String(10))
    #: A code of :class:`budget.monitoring.codes.FigureState`.
    state: Mapped[str] = mapped_column(String(10))
    imported_at: Mapped[datetime] = mapped_column(Moment)
    imported_by: Mapped[str] = mapped_column(String(100))
    #: The file's name, or what the sending system calls itself.
    note: Mapped[str] = mapped_column(String(200), default="")


class MonitoringRecord(Base):
    """One submitted version of a project's monitoring form (F3); a record is never changed, only its state is.

    Amounts are in 分, rates are fractions of 1.
    """

    __tablename__ = "budget_monitoring_records"
    __table_args__ = (
        UniqueConstraint("instance_id", "version"),
        Index("ix_budget_monitoring_records_project", "project_id", "period"),
        Index("ix_budget_monitoring_records_light", "fiscal_year", "period", "light"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    instance_id: Mapped[int] = mapped_column(BigInteger)
    #: The checkpoint (监控批次), for example 05 or 08.
    period: Mapped[str] = mapped_column(String(20))
    as_of: Mapped[date] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.monitoring.codes.RecordState`.
    state: Mapped[str] = mapped_column(String(20))
    #: The approved version of the goal that was monitored.
    goal_version_id: Mapped[int | None] = mapped_column(ForeignKey("budget_goal_versions.id"))
    document_version: Mapped[int] = mapped_column(Integer)
    document_sha256: Mapped[str] = mapped_column(String(64))
    budget_initial: Mapped[int] = mapped_column(BigInteger)
    budget_adjusted: Mapped[int] = mapped_column(BigInteger)
    executed: Mapped[int] = mapped_column(BigInteger)
    forecast: Mapped[int] = mapped_column(BigInteger)
    work_progress: Mapped[Decimal | None] = mapped_column(Exact)
    goal_progress: Mapped[str] = mapped_column(Text, default="")
    #: The planned and the actual share of the money, and how far it is behind.
    money_planned: Mapped[Decimal] = mapped_column(Exact)
    money_actual: Mapped[Decimal | None] = mapped_column(Exact)
    money_deviation: Mapped[Decimal] = mapped_column(Exact)
    #: The mean completion rate of the indicators that have one, each counted up to 1, and the largest deviation.
    goal_actual: Mapped[Decimal | None] = mapped_column(Exact)
    goal_deviation: Mapped[Decimal] = mapped_column(Exact)
    #: The larger of both.
    deviation: Mapped[Decimal] = mapped_column(Exact)
    #: Codes of :class:`budget.monitoring.codes.Light` and ``Action``, set when D03 has decided.
    light: Mapped[str | None] = mapped_column(String(10))
    action: Mapped[str | None] = mapped_column(String(10))
    statement: Mapped[str] = mapped_column(Text, default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    #: Codes of :class:`budget.monitoring.codes.FundIssue`, with commas; empty for none.
    fund_issues: Mapped[str] = mapped_column(String(60), default="")
    #: Whether the unit names a policy or force majeure as the cause.
    excused: Mapped[bool] = mapped_column(Boolean, default=False)
    #: A code of :class:`budget.monitoring.codes.MonitorMode`.
    mode: Mapped[str] = mapped_column(String(20))
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(String(100))
    indicators: Mapped[list[MonitoringIndicator]] = relationship(
        order_by="MonitoringIndicator.position", cascade="all, delete-orphan"
    )
    books: Mapped[list[MonitoringBook]] = relationship(cascade="all, delete-orphan")


class MonitoringCheck(Base):
    """A third party's check on site of what a unit reported (第三方重点监控, S2-10); without findings none was handed in."""

    __tablename__ = "budget_monitoring_checks"
    #: The monitoring's instance.
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: The organisation of the third party.
    agency: Mapped[str] = mapped_column(String(40))
    closed_at: Mapped[datetime] = mapped_column(Moment)
    closed_by: Mapped[str] = mapped_column(String(100))
    checked_on: Mapped[date | None] = mapped_column(Date)
    #: The progress that was found, in per cent.
    progress: Mapped[Decimal | None] = mapped_column(Exact)
    #: Whether it agrees with the unit's report.
    consistent: Mapped[bool | None] = mapped_column(Boolean)
    findings: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[str] = mapped_column(Text, default="")


def _record_key() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_monitoring_records.id", ondelete="CASCADE"), index=True)


class MonitoringIndicator(Base):
    """A row of the monitoring form: an approved indicator, and how far it has come."""

    __tablename__ = "budget_monitoring_indicators"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    record_id: Mapped[int] = _record_key()
    position: Mapped[int] = mapped_column(Integer)
    #: The indicator of the approved version, where it is known.
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("budget_indicators.id"))
    row_id: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    level1: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(10))
    #: What was reached so far as it was typed, and as a number where it is one.
    actual: Mapped[str] = mapped_column(Text)
    actual_value: Mapped[Decimal | None] = mapped_column(Exact)
    completion: Mapped[Decimal | None] = mapped_column(Exact)
    planned: Mapped[Decimal | None] = mapped_column(Exact)
    deviation: Mapped[Decimal | None] = mapped_column(Exact)
    forecast: Mapped[str] = mapped_column(Text, default="")
    #: Codes of :class:`budget.monitoring.codes.Cause`, with commas.
    causes: Mapped[str] = mapped_column(String(100), default="")
    cause_note: Mapped[str] = mapped_column(Text, default="")
    #: A code of :class:`budget.monitoring.codes.Likelihood`.
    likelihood: Mapped[str] = mapped_column(String(20))
    remark: Mapped[str] = mapped_column(Text, default="")


class MonitoringBook(Base):
    """How much of what was spent each budget paid, in 分."""

    __tablename__ = "budget_monitoring_books"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    record_id: Mapped[int] = _record_key()
    book: Mapped[str] = mapped_column(String(20))
    executed: Mapped[int] = mapped_column(BigInteger)


class UnitMonitoring(Base):
    """One submitted version of a unit's monitoring of its overall spending (S4-13); amounts in 分, rates fractions of 1."""

    __tablename__ = "budget_unit_monitoring"
    __table_args__ = (
        UniqueConstraint("instance_id", "version"),
        Index("ix_budget_unit_monitoring_unit", "unit", "fiscal_year", "period"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    period: Mapped[str] = mapped_column(String(20))
    as_of: Mapped[date] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.monitoring.codes.RecordState`.
    state: Mapped[str] = mapped_column(String(20))
    document_version: Mapped[int] = mapped_column(Integer)
    document_sha256: Mapped[str] = mapped_column(String(64))
    #: The whole of the unit's spending, of its projects and for its own running.
    budget: Mapped[int] = mapped_column(BigInteger)
    executed: Mapped[int] = mapped_column(BigInteger)
    forecast: Mapped[int] = mapped_column(BigInteger)
    #: Of which its projects: how many there are, and what they had and spent.
    projects: Mapped[int] = mapped_column(Integer)
    project_budget: Mapped[int] = mapped_column(BigInteger)
    project_executed: Mapped[int] = mapped_column(BigInteger)
    money_planned: Mapped[Decimal] = mapped_column(Exact)
    money_actual: Mapped[Decimal | None] = mapped_column(Exact)
    deviation: Mapped[Decimal] = mapped_column(Exact)
    light: Mapped[str | None] = mapped_column(String(10))
    action: Mapped[str | None] = mapped_column(String(10))
    progress: Mapped[str] = mapped_column(Text, default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(String(100))
