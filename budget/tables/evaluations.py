"""The tables of evaluations: each scored version with the points of its indicators, and what the checks found."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment


class Evaluation(Base):
    """A score given to a project's or a unit's year; a version is never changed, only its state is.

    ``fiscal_year`` is the budget year that is judged, ``activity_year`` the one in which it is done (domain T4);
    ``score_type`` says whose score it is (T8): amounts in 分, points unrounded.
    """

    __tablename__ = "budget_evaluations"
    __table_args__ = (
        UniqueConstraint("instance_id", "score_type", "version"),
        Index("ix_budget_evaluations_year", "fiscal_year", "score_type", "state"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(BigInteger)
    #: A code of :class:`budget.evaluations.ScoreType`.
    score_type: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.evaluations.EvaluationState`.
    state: Mapped[str] = mapped_column(String(10))
    #: None where a unit's year as a whole is judged.
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    fiscal_year: Mapped[int] = mapped_column(Integer)
    activity_year: Mapped[int] = mapped_column(Integer)
    #: The approved goal that was judged; None where it is a unit's.
    goal_version_id: Mapped[int | None] = mapped_column(ForeignKey("budget_goal_versions.id"))
    #: The weight profile of D11.
    weight_profile: Mapped[str] = mapped_column(String(20), default="")
    budget_initial: Mapped[int | None] = mapped_column(BigInteger)
    budget_full: Mapped[int | None] = mapped_column(BigInteger)
    executed: Mapped[int | None] = mapped_column(BigInteger)
    execution_points: Mapped[Decimal | None] = mapped_column(Exact)
    total: Mapped[Decimal] = mapped_column(Exact)
    grade: Mapped[str] = mapped_column(String(4))
    goal_actual: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[str] = mapped_column(Text, default="")
    improvement: Mapped[str] = mapped_column(Text, default="")
    #: Whether the checks force a review by sample (DQ18).
    forced: Mapped[bool] = mapped_column(Boolean, default=False)
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(String(100))
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    points: Mapped[list[EvaluationPoint]] = relationship(
        order_by="EvaluationPoint.position", cascade="all, delete-orphan"
    )
    checks: Mapped[list[EvaluationCheck]] = relationship(
        order_by="EvaluationCheck.position", cascade="all, delete-orphan"
    )


def _evaluation() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_evaluations.id", ondelete="CASCADE"), index=True)


class EvaluationPoint(Base):
    """What was reached of one indicator, and its points."""

    __tablename__ = "budget_evaluation_points"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    evaluation_id: Mapped[int] = _evaluation()
    position: Mapped[int] = mapped_column(Integer)
    row_id: Mapped[str] = mapped_column(String(40))
    level1: Mapped[str] = mapped_column(String(20))
    level2: Mapped[str] = mapped_column(String(20), default="")
    name: Mapped[str] = mapped_column(String(200))
    method: Mapped[str] = mapped_column(String(10), default="")
    target: Mapped[str] = mapped_column(Text, default="")
    actual: Mapped[str] = mapped_column(Text, default="")
    band: Mapped[str | None] = mapped_column(String(10))
    weight: Mapped[Decimal] = mapped_column(Exact)
    #: What D10 suggested, and what counts.
    suggested: Mapped[Decimal | None] = mapped_column(Exact)
    points: Mapped[Decimal] = mapped_column(Exact)
    cause: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")


class EvaluationCheck(Base):
    """What a data-quality check found in an evaluation, with the reason that was given."""

    __tablename__ = "budget_evaluation_checks"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    evaluation_id: Mapped[int] = _evaluation()
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(20), index=True)
    severity: Mapped[str] = mapped_column(String(10))
    field: Mapped[str | None] = mapped_column(String(200))
    message_zh: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
