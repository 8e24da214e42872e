"""The tables of the approval of goals (目标批复, P05): a batch, each unit's letter, and the goals that it approves."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Key, Moment
from budget.tables.register import Unit


class GoalApproval(Base):
    """A batch of approvals, one instance of the process ``goal_approval``: what the people's congress approved and when."""

    __tablename__ = "budget_goal_approvals"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    #: The number of the paper that approved the budget, and its day.
    doc_no: Mapped[str] = mapped_column(String(100))
    approved_on: Mapped[date] = mapped_column(Date)
    #: A code of :class:`budget.approvals.BatchState`.
    state: Mapped[str] = mapped_column(String(20))
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    issued_by: Mapped[str | None] = mapped_column(String(100))
    letters: Mapped[list[GoalLetter]] = relationship(
        order_by="GoalLetter.unit_code", cascade="all, delete-orphan", back_populates="approval"
    )


class GoalLetter(Base):
    """A unit's approval (批复函) with its number once it is issued, and who signed it for receipt; amounts in 分."""

    __tablename__ = "budget_goal_letters"
    __table_args__ = (UniqueConstraint("approval_id", "unit_code"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    approval_id: Mapped[int] = mapped_column(
        ForeignKey("budget_goal_approvals.instance_id", ondelete="CASCADE")
    )
    unit_code: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    number: Mapped[str | None] = mapped_column(String(60))
    goals: Mapped[int] = mapped_column(Integer)
    #: The money of the goals as they were approved.
    amount: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    #: The instance of the process ``goal_letter`` that brings it to the unit.
    instance_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    received_by: Mapped[str | None] = mapped_column(String(100))
    approval: Mapped[GoalApproval] = relationship(back_populates="letters")
    unit: Mapped[Unit] = relationship()
    items: Mapped[list[GoalLetterItem]] = relationship(
        order_by="GoalLetterItem.project_id", cascade="all, delete-orphan", back_populates="letter"
    )


class GoalLetterItem(Base):
    """A goal in a letter: the frozen version that is the baseline (基线版本) of monitoring and evaluation."""

    __tablename__ = "budget_goal_letter_items"
    __table_args__ = (UniqueConstraint("letter_id", "project_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("budget_goal_letters.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    goal_version_id: Mapped[int] = mapped_column(
        ForeignKey("budget_goal_versions.id", ondelete="CASCADE"), index=True
    )
    letter: Mapped[GoalLetter] = relationship(back_populates="items")
