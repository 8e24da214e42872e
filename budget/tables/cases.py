"""The tables of what is going on: a campaign asks many to report, a case is one process instance about one of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class Campaign(Base):
    """A call to report, opened by the calendar or by hand: goals of a year, the monitoring of May (domain P18)."""

    __tablename__ = "budget_campaigns"
    __table_args__ = (UniqueConstraint("kind", "fiscal_year", "period"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: What is reported, a code of :class:`budget.cases.CaseKind`.
    kind: Mapped[str] = mapped_column(String(20))
    #: The budget year that is reported on.
    fiscal_year: Mapped[int] = mapped_column(Integer)
    #: Which of several in a year: the month of a checkpoint (05), the empty string where there is one.
    period: Mapped[str] = mapped_column(String(20), default="")
    title: Mapped[str] = mapped_column(String(100))
    #: A code of :class:`budget.cases.CampaignState`.
    state: Mapped[str] = mapped_column(String(20))
    #: Figures are asked for as they stood at the end of this day.
    as_of: Mapped[date | None] = mapped_column(Date)
    opens_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    #: The instance of the process ``campaign`` that conducts it.
    instance_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Case(Base):
    """A process instance about a project or a unit: which business of which year it is, and how far it has come.

    Every process of the county writes its case first, so that lists, counts and secrecy need one table only; what a
    business records besides has tables of its own.
    """

    __tablename__ = "budget_cases"
    __table_args__ = (
        Index("ix_budget_cases_kind", "kind", "fiscal_year", "period"),
        Index("ix_budget_cases_campaign", "campaign_id", "state"),
    )
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: A code of :class:`budget.cases.CaseKind`.
    kind: Mapped[str] = mapped_column(String(20))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    period: Mapped[str] = mapped_column(String(20), default="")
    #: The unit whose business it is; None for the county's own, as an annual report.
    unit: Mapped[str | None] = mapped_column(ForeignKey("budget_units.code"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("budget_campaigns.id"))
    #: A code of :class:`budget.cases.CaseState`.
    state: Mapped[str] = mapped_column(String(20))
    #: How the process ended, in its own words: APPROVED, HELD, FINALIZED (domain §7.1).
    result: Mapped[str | None] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    #: When the unit reported first, and last.
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    resubmitted_at: Mapped[datetime | None] = mapped_column(Moment)
    #: How often it was sent back to the unit.
    returns: Mapped[int] = mapped_column(Integer, default=0)
    #: How many warnings the checks had of what was reported first.
    warnings: Mapped[int] = mapped_column(Integer, default=0)
    #: Set when the deadline passed before the unit reported.
    overdue_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    #: What lists show beside it, for example why it ended so.
    note: Mapped[str | None] = mapped_column(Text)
