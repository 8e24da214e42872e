"""The tables of rectifications (form F7): the notice, its issues, what the unit did, and how that was verified."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Key, Moment
from budget.tables.register import Project


class Rectification(Base):
    """A call to put a project's problems right: why, until when, and how it ended."""

    __tablename__ = "budget_rectifications"
    __table_args__ = (Index("ix_budget_rectifications_origin", "origin_instance", "origin_kind"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: 整改编号, given when the notice is issued.
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    #: What brought it about, a code of :class:`budget.rectification.Source`.
    source: Mapped[str] = mapped_column(String(20))
    origin_kind: Mapped[str] = mapped_column(String(20), default="")
    origin_instance: Mapped[int | None] = mapped_column(BigInteger)
    origin_period: Mapped[str] = mapped_column(String(20), default="")
    #: A code of :class:`budget.rectification.RectificationState`.
    state: Mapped[str] = mapped_column(String(20), index=True)
    requirement: Mapped[str] = mapped_column(Text, default="")
    #: 联动措施, a code of :class:`budget.rectification.LinkedAction`.
    linked_action: Mapped[str] = mapped_column(String(10), default="NONE")
    opened_at: Mapped[datetime] = mapped_column(Moment)
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    issued_by: Mapped[str | None] = mapped_column(String(100))
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    #: 签收.
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    received_by: Mapped[str | None] = mapped_column(String(100))
    planned_at: Mapped[datetime | None] = mapped_column(Moment)
    reported_at: Mapped[datetime | None] = mapped_column(Moment)
    #: What the unit says of the whole, a code of :class:`budget.rectification.Result`.
    result: Mapped[str | None] = mapped_column(String(10))
    #: How often the deadline was put off, and by how many days in all.
    extensions: Mapped[int] = mapped_column(Integer, default=0)
    extension_days: Mapped[int] = mapped_column(Integer, default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    project: Mapped[Project] = relationship()
    issues: Mapped[list[RectificationIssue]] = relationship(
        order_by="RectificationIssue.no", cascade="all, delete-orphan"
    )
    actions: Mapped[list[RectificationAction]] = relationship(
        order_by="RectificationAction.position", cascade="all, delete-orphan"
    )
    verifications: Mapped[list[RectificationVerification]] = relationship(
        order_by="RectificationVerification.round", cascade="all, delete-orphan"
    )
    escalations: Mapped[list[RectificationEscalation]] = relationship(
        order_by="RectificationEscalation.id", cascade="all, delete-orphan"
    )


def _rectification_key() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_rectifications.id", ondelete="CASCADE"), index=True)


class RectificationIssue(Base):
    """A line of 问题清单."""

    __tablename__ = "budget_rectification_issues"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    rectification_id: Mapped[int] = _rectification_key()
    no: Mapped[int] = mapped_column(Integer)
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(20), default="")
    severity: Mapped[str] = mapped_column(String(20), default="")
    evidence: Mapped[str] = mapped_column(Text, default="")


class RectificationAction(Base):
    """A line of 整改措施: planned, then reported with its result and evidence; the newest report stands."""

    __tablename__ = "budget_rectification_actions"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    rectification_id: Mapped[int] = _rectification_key()
    position: Mapped[int] = mapped_column(Integer)
    issue_no: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(60), default="")
    finish_date: Mapped[date | None] = mapped_column(Date)
    result: Mapped[str | None] = mapped_column(String(10))
    evidence: Mapped[str] = mapped_column(Text, default="")


class RectificationVerification(Base):
    """What the section verified in one round, and what the performance section decided on it (D12)."""

    __tablename__ = "budget_rectification_verifications"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    rectification_id: Mapped[int] = _rectification_key()
    round: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.rectification.Verdict`.
    verdict: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    verified_by: Mapped[str] = mapped_column(String(100))
    verified_at: Mapped[datetime] = mapped_column(Moment)


class RectificationEscalation(Base):
    """A step that was taken because something was late (D13): the receipt, the deadline, hold, stop, cut."""

    __tablename__ = "budget_rectification_escalations"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    rectification_id: Mapped[int] = _rectification_key()
    #: A code of :class:`budget.rectification.Step`.
    step: Mapped[str] = mapped_column(String(10))
    #: Days after the deadline.
    days: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)
    #: Whether it was carried out; a stop waits for the leader, who may refuse.
    taken: Mapped[bool] = mapped_column(default=True)
