"""The tables of report reviews (报告评审, P11): rounds, who read it, the points of each aspect, the problems."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment, SeatColumns


class ReportReview(Base):
    """The review of one report, one process instance; score and grade are of its newest round."""

    __tablename__ = "budget_report_reviews"
    __table_args__ = (Index("ix_budget_report_reviews_year", "fiscal_year", "report_type"),)
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: A code of :class:`budget.report_reviews.ReportType`, which decides the template.
    report_type: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    #: None for the report on a whole department.
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: The budget year that the report is about.
    fiscal_year: Mapped[int] = mapped_column(Integer)
    #: How often the report was handed in; 2 where it was rewritten once.
    round: Mapped[int] = mapped_column(Integer, default=0)
    self_score: Mapped[Decimal | None] = mapped_column(Exact)
    #: The third party that wrote the report, where the unit did not; its people don't review it (domain §6.5).
    agency: Mapped[str | None] = mapped_column(String(40))
    #: How many characters the chapters have together.
    words: Mapped[int] = mapped_column(Integer, default=0)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    graded_at: Mapped[datetime | None] = mapped_column(Moment)
    #: The mean of the totals, not rounded; how far apart they are; the weakest aspect's share of its points, 0 to 1.
    score: Mapped[Decimal | None] = mapped_column(Exact)
    spread: Mapped[Decimal | None] = mapped_column(Exact)
    weakest: Mapped[Decimal | None] = mapped_column(Exact)
    grade: Mapped[str | None] = mapped_column(String(4))
    #: Whether the problems go on into a rectification.
    rectify: Mapped[bool] = mapped_column(Boolean, default=False)
    seats: Mapped[list[ReportSeat]] = relationship(order_by="ReportSeat.id", cascade="all, delete-orphan")
    issues: Mapped[list[ReportIssue]] = relationship(
        order_by="ReportIssue.position", cascade="all, delete-orphan"
    )


def _review() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_report_reviews.instance_id", ondelete="CASCADE"), index=True)


class ReportSeat(SeatColumns, Base):
    """Who is asked to read a report in a round."""

    __tablename__ = "budget_report_seats"
    review_id: Mapped[int] = _review()
    points: Mapped[list[ReportPoint]] = relationship(
        order_by="ReportPoint.position", cascade="all, delete-orphan"
    )


class ReportPoint(Base):
    """What a reviewer gave for an aspect, of how many points, and why not more."""

    __tablename__ = "budget_report_points"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("budget_report_seats.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.report_reviews.Aspect`.
    aspect: Mapped[str] = mapped_column(String(20))
    points: Mapped[Decimal] = mapped_column(Exact)
    score: Mapped[Decimal] = mapped_column(Exact)
    reason: Mapped[str] = mapped_column(Text, default="")


class ReportIssue(Base):
    """A problem that the review names, with what it suggests (S1-14)."""

    __tablename__ = "budget_report_issues"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    review_id: Mapped[int] = _review()
    position: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    suggestion: Mapped[str] = mapped_column(Text, default="")
