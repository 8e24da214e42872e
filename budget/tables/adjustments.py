"""The tables of adjustments: what was asked for (F8), and every budget amount that a project had, with since when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class Adjustment(Base):
    """An adjustment of a project's budget and goal, one a process instance; amounts in 分."""

    __tablename__ = "budget_adjustments"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    #: A code of :class:`budget.adjustments.AdjustmentType`.
    type: Mapped[str] = mapped_column(String(10))
    #: A code of :class:`budget.adjustments.AdjustmentReason`, and what was said about it.
    reason: Mapped[str] = mapped_column(String(20))
    reason_note: Mapped[str] = mapped_column(Text, default="")
    #: The papers that it rests on (依据文件).
    basis: Mapped[str] = mapped_column(Text, default="")
    impact: Mapped[str] = mapped_column(Text, default="")
    #: The monitoring or evaluation that led to it, as a page names it.
    source: Mapped[str] = mapped_column(String(100), default="")
    #: Where recalled, reused or transferred money goes.
    destination: Mapped[str] = mapped_column(Text, default="")
    amount_before: Mapped[int] = mapped_column(BigInteger)
    delta: Mapped[int] = mapped_column(BigInteger)
    amount_after: Mapped[int] = mapped_column(BigInteger)
    #: A code of :class:`budget.adjustments.AdjustmentState`.
    state: Mapped[str] = mapped_column(String(10))
    npc_required: Mapped[bool] = mapped_column(Boolean, default=False)
    goal_before_id: Mapped[int | None] = mapped_column(ForeignKey("budget_goal_versions.id"))
    goal_after_id: Mapped[int | None] = mapped_column(ForeignKey("budget_goal_versions.id"))
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


class BudgetAmount(Base):
    """A project's budget of its year since a moment, in 分; version 0 is the amount at the start of the year."""

    __tablename__ = "budget_amounts"
    __table_args__ = (
        UniqueConstraint("project_id", "version"),
        Index("ix_budget_amounts_since", "project_id", "since"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"))
    version: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(Moment)
    adjustment_id: Mapped[int | None] = mapped_column(ForeignKey("budget_adjustments.id"))
    #: Set where the approval was taken back: the amount counts no more.
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
