"""The tables of budget years: which are carried over, and for whom one is open for corrections."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class BudgetYear(Base):
    """A budget year that was carried over into the next (年度结转): it can be read, and corrected where that is opened."""

    __tablename__ = "budget_years"
    fiscal_year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    closed_at: Mapped[datetime] = mapped_column(Moment)
    closed_by: Mapped[str] = mapped_column(String(80))
    #: How many projects went on into the next year.
    continued: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(String(500), default="")


class Correction(Base):
    """That a unit may correct what it reported about a closed year, until a day and for a reason."""

    __tablename__ = "budget_corrections"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(ForeignKey("budget_years.fiscal_year"), index=True)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"))
    reason: Mapped[str] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
