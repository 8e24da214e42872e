"""The table of units' evaluations of their overall spending."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Exact, Moment


class UnitEvaluation(Base):
    """What a unit's overall self-evaluation came to; its rows are in the engine's document, every version of it."""

    __tablename__ = "budget_unit_evaluations"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    #: A code of :class:`budget.evaluations.EvaluationState`.
    state: Mapped[str] = mapped_column(String(10))
    document_version: Mapped[int] = mapped_column(Integer)
    #: In 分.
    budget_full: Mapped[int] = mapped_column(BigInteger)
    executed: Mapped[int] = mapped_column(BigInteger)
    execution_points: Mapped[Decimal] = mapped_column(Exact)
    total: Mapped[Decimal] = mapped_column(Exact)
    grade: Mapped[str] = mapped_column(String(4), default="")
    problems: Mapped[str] = mapped_column(Text, default="")
    improvement: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
