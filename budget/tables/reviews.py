"""The tables of joint reviews: who may not review whose goals, each review, and each reviewer's seat with its scores."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment


class ExpertRelation(Base):
    """An expert's relation to a unit: an office held there, or consulting; while it lasts they don't review (§6.5)."""

    __tablename__ = "budget_expert_relations"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: The expert's account.
    person: Mapped[str] = mapped_column(String(100), index=True)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    #: A code of :class:`budget.reviews.RelationKind`.
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[date | None] = mapped_column(Date)
    #: The last day; None while it lasts.
    until: Mapped[date | None] = mapped_column(Date)


class Review(Base):
    """A joint review of a project's goal: why it was called, what the scores say, and how it was concluded."""

    __tablename__ = "budget_reviews"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: The goal declaration (or another process) that called it.
    instance_id: Mapped[int] = mapped_column(BigInteger, index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: The round of the goal that was reviewed.
    round: Mapped[int] = mapped_column(Integer)
    #: What called for it, in Chinese as the decision table says.
    reason: Mapped[str] = mapped_column(String(100))
    #: A code of :class:`budget.reviews.ReviewState`.
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    #: The mean of the totals, 0 to 100, not rounded.
    score: Mapped[Decimal | None] = mapped_column(Exact)
    #: How far apart the totals are, and the weakest dimension's share of its points, 0 to 1.
    spread: Mapped[Decimal | None] = mapped_column(Exact)
    weakest: Mapped[Decimal | None] = mapped_column(Exact)
    #: The points that the meeting agreed on, where there was one.
    agreed: Mapped[Decimal | None] = mapped_column(Exact)
    grade: Mapped[str | None] = mapped_column(String(4))
    sample_candidate: Mapped[bool] = mapped_column(Boolean, default=False)
    concluded_by: Mapped[str | None] = mapped_column(String(100))
    seats: Mapped[list[ReviewSeat]] = relationship(
        back_populates="review", order_by="ReviewSeat.id", cascade="all, delete-orphan"
    )


class ReviewSeat(Base):
    """Who is asked for a form F5 of their own; the scores once they have signed, ``absent_at`` where they did not."""

    __tablename__ = "budget_review_seats"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("budget_reviews.id", ondelete="CASCADE"), index=True)
    #: The principal who is asked: ``user:…`` for an expert, ``role:…@org`` for an office.
    principal: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    #: A code of :class:`budget.reviews.Party`.
    party: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    absent_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    completeness: Mapped[int | None] = mapped_column(Integer)
    relevance: Mapped[int | None] = mapped_column(Integer)
    appropriateness: Mapped[int | None] = mapped_column(Integer)
    feasibility: Mapped[int | None] = mapped_column(Integer)
    total: Mapped[int | None] = mapped_column(Integer)
    opinion: Mapped[str | None] = mapped_column(Text)
    sample_candidate: Mapped[bool] = mapped_column(Boolean, default=False)
    review: Mapped[Review] = relationship(back_populates="seats")
