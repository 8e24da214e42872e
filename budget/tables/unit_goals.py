"""Overall goals of units: each submitted version with its money and its tasks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Key, Moment


class UnitGoal(Base):
    """A submitted version of a unit's overall goal (form F2), never changed but for its state; amounts in 分."""

    __tablename__ = "budget_unit_goals"
    __table_args__ = (UniqueConstraint("instance_id", "version"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    fiscal_year: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.codes.VersionState`.
    state: Mapped[str] = mapped_column(String(20))
    #: The engine's document that it was read from, and that document's hash.
    document_version: Mapped[int] = mapped_column(Integer)
    document_sha256: Mapped[str] = mapped_column(String(64))
    basic_personnel: Mapped[int] = mapped_column(BigInteger)
    basic_public: Mapped[int] = mapped_column(BigInteger)
    project_amount: Mapped[int] = mapped_column(BigInteger)
    total_amount: Mapped[int] = mapped_column(BigInteger)
    #: How many goals and indicators it has.
    goals: Mapped[int] = mapped_column(Integer)
    indicators: Mapped[int] = mapped_column(Integer)
    number: Mapped[str | None] = mapped_column(String(60))
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(String(100))
    frozen_at: Mapped[datetime | None] = mapped_column(Moment)
    frozen_by: Mapped[str | None] = mapped_column(String(100))
    #: The whole form as it was approved (JSON), taken when it is frozen.
    snapshot: Mapped[str | None] = mapped_column(Text)
    tasks: Mapped[list[UnitTask]] = relationship(order_by="UnitTask.position", cascade="all, delete-orphan")


class UnitTask(Base):
    """A main task of the year with its amount in 分."""

    __tablename__ = "budget_unit_tasks"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    unit_goal_id: Mapped[int] = mapped_column(
        ForeignKey("budget_unit_goals.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    projects: Mapped[str] = mapped_column(Text, default="")
