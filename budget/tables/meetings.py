"""The tables of meetings (上会): the agenda, each item's decision and what came of it, and the minutes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Key, Moment


class Meeting(Base):
    """A meeting that decides on several cases at once; its chair does what was decided, in one act."""

    __tablename__ = "budget_meetings"
    __table_args__ = (UniqueConstraint("kind", "year", "serial"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: A code of :class:`budget.meetings.MeetingKind`.
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    serial: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    held_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(100), default="")
    #: The person whose items are decided, and who closes the meeting.
    chair: Mapped[str] = mapped_column(String(100))
    attendees: Mapped[str] = mapped_column(Text, default="")
    #: A code of :class:`budget.meetings.MeetingState`.
    state: Mapped[str] = mapped_column(String(20))
    #: The minutes' name and content, kept once for all cases.
    minutes_name: Mapped[str | None] = mapped_column(String(300))
    minutes_sha256: Mapped[str | None] = mapped_column(String(64))
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    items: Mapped[list[MeetingItem]] = relationship(
        order_by="MeetingItem.position", cascade="all, delete-orphan"
    )


class MeetingItem(Base):
    """An item of an agenda: the work item that is decided, the decision in one line, and what came of it."""

    __tablename__ = "budget_meeting_items"
    __table_args__ = (UniqueConstraint("meeting_id", "item_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("budget_meetings.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    item_id: Mapped[int] = mapped_column(BigInteger, index=True)
    instance_id: Mapped[int] = mapped_column(BigInteger, index=True)
    step: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(500))
    unit: Mapped[str] = mapped_column(String(200), default="")
    #: An outcome of the step, as the meeting decided, and what it adds.
    decision: Mapped[str] = mapped_column(String(100), default="")
    remark: Mapped[str] = mapped_column(Text, default="")
    #: The step's form as the meeting decided (JSON: ``answers``, and how many places were ``missing`` then); None where
    #: nobody filled it in.
    answers: Mapped[str | None] = mapped_column(Text)
    attached: Mapped[bool] = mapped_column(Boolean, default=False)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    #: Why it could not be done, in both languages (JSON); None where it was, or nobody tried.
    failure: Mapped[str | None] = mapped_column(Text)
