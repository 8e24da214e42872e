"""The tables of third parties' engagements (第三方委托, P13): the procurement, the contract, the performance, the credit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment


class Engagement(Base):
    """An engagement, one process instance; amounts in 分. What it came to is the agency's credit record."""

    __tablename__ = "budget_engagements"
    __table_args__ = (Index("ix_budget_engagements_agency", "agency", "closed_at"),)
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    title: Mapped[str] = mapped_column(String(100), default="")
    #: Codes of :class:`budget.engagements.WorkKind`, :class:`~budget.engagements.EngagementState` and
    #: :class:`~budget.engagements.Procurement`.
    kind: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    method: Mapped[str | None] = mapped_column(String(20))
    budget: Mapped[int | None] = mapped_column(BigInteger)
    procurement_no: Mapped[str | None] = mapped_column(String(60))
    #: The organisation's code of the agency that won.
    agency: Mapped[str | None] = mapped_column(String(40))
    contract_no: Mapped[str | None] = mapped_column(String(60))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    signed_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    delivered_on: Mapped[date | None] = mapped_column(Date)
    #: The performance less what lateness costs, the credit (优, 良, 中, 差), and until when a poor one keeps the agency out.
    score: Mapped[Decimal | None] = mapped_column(Exact)
    credit: Mapped[str | None] = mapped_column(String(4))
    restricted_until: Mapped[date | None] = mapped_column(Date)
    #: What is to be paid, when the treasury section received the notice of it, and when it paid, under which voucher.
    paid: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    received_by: Mapped[str | None] = mapped_column(String(80))
    paid_on: Mapped[date | None] = mapped_column(Date)
    paid_by: Mapped[str | None] = mapped_column(String(80))
    voucher_no: Mapped[str | None] = mapped_column(String(60))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    objects: Mapped[list[EngagementObject]] = relationship(
        order_by="EngagementObject.id", cascade="all, delete-orphan"
    )
    points: Mapped[list[EngagementPoint]] = relationship(
        order_by="EngagementPoint.position", cascade="all, delete-orphan"
    )


def _engagement() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_engagements.instance_id", ondelete="CASCADE"), index=True)


class EngagementObject(Base):
    """A project that an agency is engaged for."""

    __tablename__ = "budget_engagement_objects"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    engagement_id: Mapped[int] = _engagement()
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)


class EngagementPoint(Base):
    """What the performance got by a criterion of the county, of how many points."""

    __tablename__ = "budget_engagement_points"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    engagement_id: Mapped[int] = _engagement()
    position: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.engagements.Criterion`.
    criterion: Mapped[str] = mapped_column(String(20))
    points: Mapped[Decimal] = mapped_column(Exact)
    score: Mapped[Decimal] = mapped_column(Exact)
    reason: Mapped[str] = mapped_column(Text, default="")
