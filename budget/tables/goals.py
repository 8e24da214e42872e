"""The tables of goals: each submitted version with its typed rows, and what the checks found in it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment
from budget.tables.register import Project


class Goal(Base):
    """A project's goal: where it is, in which round, and under which number it was approved."""

    __tablename__ = "budget_goals"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), unique=True)
    #: The process instance that works on it.
    instance_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    round: Mapped[int] = mapped_column(Integer, default=1)
    #: The grade of the final decision, once there is one.
    grade: Mapped[str | None] = mapped_column(String(4))
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    #: Set when the deadline passed before the goal was submitted.
    overdue_at: Mapped[datetime | None] = mapped_column(Moment)
    project: Mapped[Project] = relationship()
    versions: Mapped[list[GoalVersion]] = relationship(
        back_populates="goal", order_by="GoalVersion.version", cascade="all, delete-orphan"
    )


class GoalVersion(Base):
    """One submitted version of a goal with its typed rows; a version is never changed, only its state is."""

    __tablename__ = "budget_goal_versions"
    __table_args__ = (
        UniqueConstraint("goal_id", "version"),
        Index("ix_budget_goal_versions_state", "state"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("budget_goals.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    number: Mapped[str | None] = mapped_column(String(60))
    #: The engine's document that it was read from, and that document's hash.
    document_version: Mapped[int] = mapped_column(Integer)
    document_sha256: Mapped[str] = mapped_column(String(64))
    goal_annual: Mapped[str] = mapped_column(Text)
    goal_longterm: Mapped[str | None] = mapped_column(Text)
    total_amount: Mapped[int] = mapped_column(BigInteger)
    annual_amount: Mapped[int] = mapped_column(BigInteger)
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(String(100))
    frozen_at: Mapped[datetime | None] = mapped_column(Moment)
    frozen_by: Mapped[str | None] = mapped_column(String(100))
    #: The whole form as it was approved (JSON), taken when it is frozen: next year's goal starts from it.
    snapshot: Mapped[str | None] = mapped_column(Text)
    goal: Mapped[Goal] = relationship(back_populates="versions")
    indicators: Mapped[list[Indicator]] = relationship(
        order_by="Indicator.position", cascade="all, delete-orphan"
    )
    funds: Mapped[list[FundSource]] = relationship(cascade="all, delete-orphan")
    expenses: Mapped[list[ExpenseItem]] = relationship(
        order_by="ExpenseItem.position", cascade="all, delete-orphan"
    )
    milestones: Mapped[list[Milestone]] = relationship(
        order_by="Milestone.position", cascade="all, delete-orphan"
    )
    quality: Mapped[list[QualityResult]] = relationship(
        order_by="QualityResult.position", cascade="all, delete-orphan"
    )


def _version_key() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_goal_versions.id", ondelete="CASCADE"), index=True)


class Indicator(Base):
    """A row of the indicator table (form F0)."""

    __tablename__ = "budget_indicators"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    goal_version_id: Mapped[int] = _version_key()
    position: Mapped[int] = mapped_column(Integer)
    #: The row's stable id on the form, which pinned opinions name.
    row_id: Mapped[str] = mapped_column(String(60), default="")
    level1: Mapped[str] = mapped_column(String(20))
    level2: Mapped[str] = mapped_column(String(20))
    level3_name: Mapped[str] = mapped_column(String(200))
    nature: Mapped[str] = mapped_column(String(10))
    operator: Mapped[str] = mapped_column(String(10))
    #: The target as a number; None where it is words or a date, which ``target_text`` holds.
    target_value: Mapped[Decimal | None] = mapped_column(Exact)
    target_value_max: Mapped[Decimal | None] = mapped_column(Exact)
    target_text: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(10))
    longterm_target: Mapped[str | None] = mapped_column(Text)
    weight_score: Mapped[Decimal | None] = mapped_column(Exact)
    formula: Mapped[str | None] = mapped_column(Text)
    standard_source: Mapped[str | None] = mapped_column(String(20))
    standard_note: Mapped[str | None] = mapped_column(Text)
    evidence_required: Mapped[str | None] = mapped_column(Text)
    last_year_actual: Mapped[Decimal | None] = mapped_column(Exact)
    library_id: Mapped[str | None] = mapped_column(String(60))


class FundSource(Base):
    """The amount in 分 that one budget gives to a goal's project."""

    __tablename__ = "budget_fund_sources"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    goal_version_id: Mapped[int] = _version_key()
    book: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)


class ExpenseItem(Base):
    """A line of the year's expenses (支出明细), in 分."""

    __tablename__ = "budget_expense_items"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    goal_version_id: Mapped[int] = _version_key()
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int] = mapped_column(BigInteger)
    basis: Mapped[str] = mapped_column(Text, default="")


class Milestone(Base):
    """A line of the plan (实施计划)."""

    __tablename__ = "budget_milestones"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    goal_version_id: Mapped[int] = _version_key()
    position: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    start_date: Mapped[date | None] = mapped_column(Date)
    end_date: Mapped[date | None] = mapped_column(Date)


class QualityResult(Base):
    """What a data-quality check found in a submitted version, with the reason that the clerk gave."""

    __tablename__ = "budget_quality_results"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    goal_version_id: Mapped[int] = _version_key()
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(20), index=True)
    severity: Mapped[str] = mapped_column(String(10))
    field: Mapped[str | None] = mapped_column(String(200))
    message_zh: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
