"""The tables of what evaluations lead to (结果应用, P14): the decision on each project, and next year's control figures."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment
from budget.tables.register import Project


class ResultApplication(Base):
    """What the result of a project's evaluation leads to, one process instance; amounts in 分."""

    __tablename__ = "budget_result_applications"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: The year that was evaluated; the money is the next year's.
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    #: KEY or SELF: which evaluation counts.
    score_type: Mapped[str | None] = mapped_column(String(10))
    score: Mapped[Decimal | None] = mapped_column(Exact)
    grade: Mapped[str | None] = mapped_column(String(4))
    #: A code of :class:`budget.result_codes.Rectified`.
    rectified: Mapped[str] = mapped_column(String(20))
    #: The unit's quality score of its reports, where there is one.
    quality: Mapped[Decimal | None] = mapped_column(Exact)
    #: What D04 proposes and what was decided, codes of :class:`budget.result_codes.Action`.
    proposed_action: Mapped[str | None] = mapped_column(String(20))
    action: Mapped[str | None] = mapped_column(String(20))
    base_amount: Mapped[int] = mapped_column(BigInteger)
    proposed_delta: Mapped[int | None] = mapped_column(BigInteger)
    delta: Mapped[int | None] = mapped_column(BigInteger)
    #: A code of :class:`budget.result_codes.ResultState`.
    state: Mapped[str] = mapped_column(String(20))
    #: Why it was waived, or decided otherwise than proposed.
    reason: Mapped[str | None] = mapped_column(Text)
    #: What the unit objected to, and what the bureau answered.
    appeal: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    project: Mapped[Project] = relationship()


class BudgetControl(Base):
    """A control figure (预算控制数): what a project may ask for in a year because of last year's result; 分."""

    __tablename__ = "budget_controls"
    __table_args__ = (UniqueConstraint("fiscal_year", "project_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: The year that the figure is for.
    fiscal_year: Mapped[int] = mapped_column(Integer)
    #: The project of the year before that it follows from.
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    base_amount: Mapped[int] = mapped_column(BigInteger)
    delta: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    #: The instance of the process ``result_application`` that set it.
    instance_id: Mapped[int] = mapped_column(BigInteger, index=True)
    applied_at: Mapped[datetime] = mapped_column(Moment)
    project: Mapped[Project] = relationship()
