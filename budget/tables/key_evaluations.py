"""The tables of key evaluations (重点评价, P12): what was chosen, how it was examined, what was found."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment
from budget.tables.register import Project


class KeyChoice(Base):
    """A project that was proposed for key evaluation in a year (选题), and what the bureau's leaders said."""

    __tablename__ = "budget_key_choices"
    __table_args__ = (UniqueConstraint("instance_id", "project_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: The instance of the process ``key_selection`` that proposed it.
    instance_id: Mapped[int] = mapped_column(BigInteger)
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: Why it was proposed, a code of :class:`budget.key_codes.ChoiceReason`.
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    #: What D08 decides by: professionally complex, the finance bureau concerned itself, research, papers complete.
    complex: Mapped[bool] = mapped_column(Boolean, default=False)
    concerned: Mapped[bool] = mapped_column(Boolean, default=False)
    research: Mapped[bool] = mapped_column(Boolean, default=False)
    ready: Mapped[bool] = mapped_column(Boolean, default=False)
    #: A code of :class:`budget.key_codes.ChoiceState`.
    state: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    project: Mapped[Project] = relationship()


class KeyEvaluation(Base):
    """A key evaluation, one process instance: who evaluates, how far it is, its score and grade."""

    __tablename__ = "budget_key_evaluations"
    __table_args__ = (Index("ix_budget_key_evaluations_agency", "agency", "opened_at"),)
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    #: A code of :class:`budget.key_codes.KeyState`.
    state: Mapped[str] = mapped_column(String(20))
    #: Who evaluates, a code of :class:`budget.key_codes.Evaluator`; None until it is assigned.
    evaluator: Mapped[str | None] = mapped_column(String(20))
    #: The organisation's code of the third party.
    agency: Mapped[str | None] = mapped_column(String(40))
    #: 主评人.
    leader: Mapped[str] = mapped_column(String(60), default="")
    #: Codes of :class:`budget.key_codes.Method`, joined by commas.
    methods: Mapped[str] = mapped_column(String(200), default="")
    #: The draft is due by then (合同期).
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    #: When the unit acknowledged the notice.
    noticed_at: Mapped[datetime | None] = mapped_column(Moment)
    #: Whether the unit refused to cooperate to the end (S1-17): evidence that is missing counts nothing.
    refused: Mapped[bool] = mapped_column(Boolean, default=False)
    #: The report finds the project idle, without effect or inefficient, and advises to clear it up.
    ineffective: Mapped[bool] = mapped_column(Boolean, default=False)
    #: What the unit said to the draft, a code of :class:`budget.key_codes.Reply`.
    reply: Mapped[str | None] = mapped_column(String(20))
    #: The score of the unit's own evaluation, where one was accepted.
    self_score: Mapped[Decimal | None] = mapped_column(Exact)
    score: Mapped[Decimal | None] = mapped_column(Exact)
    grade: Mapped[str | None] = mapped_column(String(4))
    #: Whether the self-evaluation was too generous (自评偏松), by the profile's difference.
    loose: Mapped[bool] = mapped_column(Boolean, default=False)
    finalized_at: Mapped[datetime | None] = mapped_column(Moment)
    project: Mapped[Project] = relationship()
    indicators: Mapped[list[KeyIndicator]] = relationship(
        order_by="KeyIndicator.position", cascade="all, delete-orphan"
    )
    papers: Mapped[list[WorkingPaper]] = relationship(
        order_by="WorkingPaper.position", cascade="all, delete-orphan"
    )
    issues: Mapped[list[KeyIssue]] = relationship(order_by="KeyIssue.position", cascade="all, delete-orphan")
    survey: Mapped[KeySurvey | None] = relationship(cascade="all, delete-orphan")


def _evaluation() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_key_evaluations.instance_id", ondelete="CASCADE"), index=True)


class KeyIndicator(Base):
    """A row of the evaluation's indicator system, with its score once the report is final."""

    __tablename__ = "budget_key_indicators"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    evaluation_id: Mapped[int] = _evaluation()
    position: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.key_codes.Dimension`.
    level1: Mapped[str] = mapped_column(String(20))
    level2: Mapped[str] = mapped_column(String(60))
    level3: Mapped[str] = mapped_column(String(100))
    points: Mapped[Decimal] = mapped_column(Exact)
    score: Mapped[Decimal | None] = mapped_column(Exact)
    #: The evidence was missing, and the row therefore scored nothing.
    missing: Mapped[bool] = mapped_column(Boolean, default=False)
    basis: Mapped[str] = mapped_column(Text, default="")


class WorkingPaper(Base):
    """A working paper (工作底稿): what was read, asked or seen, when, and what it says."""

    __tablename__ = "budget_working_papers"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    evaluation_id: Mapped[int] = _evaluation()
    position: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.key_codes.PaperType`.
    type: Mapped[str] = mapped_column(String(20))
    held_on: Mapped[date] = mapped_column(Date)
    subject: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    #: Which attached file is the evidence.
    evidence: Mapped[str] = mapped_column(Text, default="")


class KeySurvey(Base):
    """The register of an evaluation's questionnaires: how many went out, came back and count."""

    __tablename__ = "budget_key_surveys"
    evaluation_id: Mapped[int] = mapped_column(
        ForeignKey("budget_key_evaluations.instance_id", ondelete="CASCADE"), primary_key=True
    )
    issued: Mapped[int] = mapped_column(Integer)
    returned: Mapped[int] = mapped_column(Integer)
    valid: Mapped[int] = mapped_column(Integer)
    #: How many people the project serves.
    served: Mapped[int | None] = mapped_column(Integer)
    #: Percent.
    satisfaction: Mapped[Decimal] = mapped_column(Exact)
    method: Mapped[str] = mapped_column(Text)


class KeyIssue(Base):
    """A problem that the final report names, with what it suggests."""

    __tablename__ = "budget_key_issues"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    evaluation_id: Mapped[int] = _evaluation()
    position: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    suggestion: Mapped[str] = mapped_column(Text, default="")


class AgencyService(Base):
    """A service of a third party for a project: who advised on it may not evaluate it afterwards (domain §3.4)."""

    __tablename__ = "budget_agency_services"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    agency: Mapped[str] = mapped_column(String(40), index=True)
    #: The year's project that was served; the same project of other years counts too.
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: A code of :class:`budget.key_codes.ServiceKind`.
    kind: Mapped[str] = mapped_column(String(20))
    served_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")
    project: Mapped[Project] = relationship()
