"""The tables of what followed from the responsibility ledger, and of the oversight by the people's congress."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment


class Accountability(Base):
    """What followed for a unit from entries of the ledger: a talk (约谈), a bulletin (通报), points."""

    __tablename__ = "budget_accountability"
    __table_args__ = (Index("ix_budget_accountability_unit", "unit", "fiscal_year"),)
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.accountability.AccountabilityState`.
    state: Mapped[str] = mapped_column(String(20))
    #: The gravest of the entries' events, a code of :class:`budget.ledger.LedgerEvent`.
    event: Mapped[str] = mapped_column(String(20))
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    #: A code of :class:`budget.accountability.Measure`.
    measure: Mapped[str | None] = mapped_column(String(20))
    points: Mapped[Decimal | None] = mapped_column(Exact)
    #: Whether the unit appealed.
    appealed: Mapped[bool] = mapped_column(Boolean, default=False)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    issued_by: Mapped[str | None] = mapped_column(String(80))
    talked_on: Mapped[date | None] = mapped_column(Date)
    received_at: Mapped[datetime | None] = mapped_column(Moment)


class Oversight(Base):
    """An inspection of a project by the people's congress, or questions to its unit (人大视察、质询)."""

    __tablename__ = "budget_oversights"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: A code of :class:`budget.oversight.OversightKind`.
    kind: Mapped[str] = mapped_column(String(20))
    #: A code of :class:`budget.oversight.OversightState`.
    state: Mapped[str] = mapped_column(String(20))
    planned_on: Mapped[date | None] = mapped_column(Date)
    held_on: Mapped[date | None] = mapped_column(Date)
    led_by: Mapped[str] = mapped_column(String(100), default="")
    #: Who took part, one sentence: committee members, deputies, special committees.
    members: Mapped[str] = mapped_column(Text, default="")
    #: Which of the four links are looked at (S5-21): codes of :class:`budget.oversight.Link`, comma-separated.
    links: Mapped[str] = mapped_column(String(80), default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    opinions: Mapped[list[OversightOpinion]] = relationship(
        order_by="OversightOpinion.no", cascade="all, delete-orphan"
    )


class OversightOpinion(Base):
    """One opinion of the congress; those that need it are put right under P07."""

    __tablename__ = "budget_oversight_opinions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(
        ForeignKey("budget_oversights.instance_id", ondelete="CASCADE"), index=True
    )
    no: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.oversight.Link`.
    link: Mapped[str] = mapped_column(String(20))
    opinion: Mapped[str] = mapped_column(Text)
    rectify: Mapped[bool] = mapped_column(Boolean, default=False)
    answer: Mapped[str | None] = mapped_column(Text)
