"""The tables of payments (form F9): what a unit asked for, what was decided each time, and what was paid."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment


class DisbursementRequest(Base):
    """A unit's request for a payment (拨付审批表) as it was submitted last; amounts in 分."""

    __tablename__ = "budget_disbursement_requests"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    #: A code of :class:`budget.disbursements.RequestState`.
    state: Mapped[str] = mapped_column(String(20), index=True)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)
    purpose: Mapped[str] = mapped_column(Text, default="")
    contract_amount: Mapped[int | None] = mapped_column(BigInteger)
    #: 形象进度, per cent.
    physical_progress: Mapped[Decimal | None] = mapped_column(Exact)
    #: The year's budget and what had been paid before, when it was submitted.
    budget: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_before: Mapped[int] = mapped_column(BigInteger, default=0)
    #: 审核次数: how often it was submitted for review (T10).
    submissions: Mapped[int] = mapped_column(Integer, default=0)
    #: Something speaks for supervision to look at it: a payment at the year's end, a use outside the scope.
    doubtful: Mapped[bool] = mapped_column(Boolean, default=False)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    reviews: Mapped[list[DisbursementReview]] = relationship(
        order_by="DisbursementReview.id", cascade="all, delete-orphan"
    )


class DisbursementReview(Base):
    """What D06 and the people said about a request at one moment."""

    __tablename__ = "budget_disbursement_reviews"
    __table_args__ = (Index("ix_budget_disbursement_reviews_decision", "decision", "at"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(
        ForeignKey("budget_disbursement_requests.instance_id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(Moment)
    #: Which submission of the request it is about, from 1.
    submission: Mapped[int] = mapped_column(Integer)
    #: What came next in the process: OPINIONS, APPROVAL or PAYMENT.
    stage: Mapped[str] = mapped_column(String(10))
    #: A code of :class:`budget.disbursements.Decision`.
    decision: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)


class Disbursement(Base):
    """A payment that the treasury section reported as made, in 分."""

    __tablename__ = "budget_disbursements"
    __table_args__ = (Index("ix_budget_disbursements_project", "project_id", "paid_on"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"))
    instance_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date] = mapped_column(Date)
    voucher: Mapped[str] = mapped_column(String(60), default="")
    registered_at: Mapped[datetime] = mapped_column(Moment)
    registered_by: Mapped[str] = mapped_column(String(100))
