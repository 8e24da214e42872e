"""What goals and self-evaluations are compared with: texts with an index of similarity, samples, ex-ante results."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Exact, Key, Moment


class GoalText(Base):
    """The text of a project's newest submitted goal in its normal form, with its signature; see :mod:`budget.similarity`."""

    __tablename__ = "budget_goal_texts"
    project_id: Mapped[int] = mapped_column(
        ForeignKey("budget_projects.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unit: Mapped[str] = mapped_column(String(40))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class GoalTextBand(Base):
    """Texts that share a band of their signatures are alike, probably."""

    __tablename__ = "budget_goal_text_bands"
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("budget_goal_texts.project_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )


class EvaluationText(Base):
    """What a project's newest self-evaluation tells of its goal, in its normal form, with its signature."""

    __tablename__ = "budget_evaluation_texts"
    project_id: Mapped[int] = mapped_column(
        ForeignKey("budget_projects.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unit: Mapped[str] = mapped_column(String(40))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class EvaluationTextBand(Base):
    """As :class:`GoalTextBand`, of self-evaluations."""

    __tablename__ = "budget_evaluation_text_bands"
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("budget_evaluation_texts.project_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )


class Sample(Base):
    """An approved goal from which others of its type may learn (精品样本): graded 优, and recommended by who reviewed it."""

    __tablename__ = "budget_samples"
    __table_args__ = (Index("ix_budget_samples_type", "type", "project_id"),)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("budget_projects.id"), primary_key=True, autoincrement=False
    )
    goal_version_id: Mapped[int] = mapped_column(
        ForeignKey("budget_goal_versions.id", ondelete="CASCADE"), index=True
    )
    #: The project's type and the number of its indicators.
    type: Mapped[str] = mapped_column(String(20))
    indicators: Mapped[int] = mapped_column(Integer)
    #: JOINT where a joint review recommended it, SECTION where the section did.
    recommended_by: Mapped[str] = mapped_column(String(20))
    chosen_at: Mapped[datetime] = mapped_column(Moment)


class ExAnte(Base):
    """What an ex-ante evaluation of a new project came to (事前绩效评估, form F6), as it is recorded."""

    __tablename__ = "budget_ex_ante"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: Of a project, or of a policy: one of both.
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("budget_policies.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    #: Whether the project may go into the register (D05).
    passed: Mapped[bool] = mapped_column(Boolean)
    score: Mapped[Decimal | None] = mapped_column(Exact)
    concluded_on: Mapped[date] = mapped_column(Date)
