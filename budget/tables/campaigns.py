"""The tables of a campaign's list of those who must report, of what was done about lateness, and of the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class CampaignMember(Base):
    """One who is called to report, as the list stood when the campaign was issued; its instance once it is started."""

    __tablename__ = "budget_campaign_members"
    __table_args__ = (
        UniqueConstraint("campaign_id", "business_key"),
        Index("ix_budget_campaign_members_waiting", "campaign_id", "instance_id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("budget_campaigns.id", ondelete="CASCADE"))
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"))
    business_key: Mapped[str] = mapped_column(String(200))
    #: In 分; 0 for a secret one, which counts without its amount.
    amount: Mapped[int] = mapped_column(BigInteger, default=0)
    secret: Mapped[bool] = mapped_column(Boolean, default=False)
    instance_id: Mapped[int | None] = mapped_column(BigInteger)


class Escalation(Base):
    """That a step of the chain of reminders and escalations was taken for a case and a deadline of it (domain §5.1)."""

    __tablename__ = "budget_escalations"
    __table_args__ = (UniqueConstraint("instance_id", "due_at", "step"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("budget_cases.instance_id", ondelete="CASCADE"))
    #: The deadline that it is about: a later one begins the chain anew.
    due_at: Mapped[datetime] = mapped_column(Moment)
    #: A code of :class:`budget.escalation.Step`.
    step: Mapped[str] = mapped_column(String(20))
    taken_at: Mapped[datetime] = mapped_column(Moment)


class CalendarMark(Base):
    """What became of a campaign of the year's plan: its planning was begun, or it is skipped with a reason."""

    __tablename__ = "budget_calendar_marks"
    #: The key of :class:`workflows.profiles.calendar.Entry`.
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    #: The calendar year in whose plan it stands.
    year: Mapped[int] = mapped_column(Integer, index=True)
    #: The instance of the process ``campaign`` that was begun; None where it is skipped.
    instance_id: Mapped[int | None] = mapped_column(BigInteger)
    #: Why it is skipped.
    reason: Mapped[str | None] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment)


class LedgerEntry(Base):
    """An entry of the responsibility ledger (责任台账): which unit, about which case, what, and since when."""

    __tablename__ = "budget_ledger"
    __table_args__ = (
        UniqueConstraint("instance_id", "event", "since"),
        Index("ix_budget_ledger_year", "fiscal_year", "unit"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"))
    #: The case that it is about.
    instance_id: Mapped[int | None] = mapped_column(BigInteger)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("budget_campaigns.id"))
    #: A code of :class:`budget.ledger.LedgerEvent`.
    event: Mapped[str] = mapped_column(String(20))
    #: What happened, one sentence.
    what: Mapped[str] = mapped_column(Text)
    #: Since when it is so: for a late report its deadline.
    since: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    #: When it was made good, for example reported after all.
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    #: The instance of the process ``accountability`` in which something followed from it; None while it waits.
    handled_by: Mapped[int | None] = mapped_column(BigInteger, index=True)
