"""The table of policies (政策) that units bring in or prolong: no projects, but evaluated before money is planned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class Policy(Base):
    """A policy of one budget year for which a unit asks for money; amounts in 分."""

    __tablename__ = "budget_policies"
    __table_args__ = (UniqueConstraint("fiscal_year", "code"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    #: A code of :class:`budget.policies.PolicyAttr`.
    attr: Mapped[str] = mapped_column(String(20))
    #: How many years it is to last, and on what it rests.
    years: Mapped[int] = mapped_column(Integer)
    basis: Mapped[str] = mapped_column(Text)
    annual_amount: Mapped[int] = mapped_column(BigInteger)
    entered_by: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[datetime] = mapped_column(Moment)
