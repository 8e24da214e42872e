"""The tables of publication (信息公开, P15): what a unit publishes in one version, item by item, where, and objections."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Key, Moment
from budget.tables.register import Unit


class Publication(Base):
    """What a unit publishes of a year's goals, evaluations or the like in one version: one process instance.

    A version that was released is never changed, only its state is; a correction is the next version.
    """

    __tablename__ = "budget_publications"
    __table_args__ = (Index("ix_budget_publications_year", "fiscal_year", "kind", "unit_code"),)
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    unit_code: Mapped[str] = mapped_column(ForeignKey("budget_units.code"))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    #: A code of :class:`budget.publishing.codes.PublicationKind`.
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    #: The version that this one corrects.
    replaces: Mapped[int | None] = mapped_column(ForeignKey("budget_publications.instance_id"))
    #: A code of :class:`budget.publishing.codes.PublicationState`.
    state: Mapped[str] = mapped_column(String(20), index=True)
    #: What D09 decided, a code of :class:`budget.publishing.codes.Audience`; None until it did.
    audience: Mapped[str | None] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    #: The two pairs of eyes: who confirmed for the unit, and who agreed for the performance section.
    confirmed_by: Mapped[str | None] = mapped_column(String(100))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    reviewed_by: Mapped[str | None] = mapped_column(String(100))
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    #: 公示: from when until when objections are heard, where the county's rules want it.
    notice_from: Mapped[datetime | None] = mapped_column(Moment)
    notice_until: Mapped[datetime | None] = mapped_column(Moment)
    #: The day from which on it may stand anywhere, and until which it should.
    release_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    #: The hash of what was released.
    sha256: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    #: The first day on which it stood somewhere.
    published_on: Mapped[date | None] = mapped_column(Date)
    #: To whom it was given where the public doesn't get it.
    recipients: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[Unit] = relationship()
    items: Mapped[list[PublicationItem]] = relationship(
        order_by="PublicationItem.position", cascade="all, delete-orphan"
    )
    channels: Mapped[list[PublicationChannel]] = relationship(
        order_by="PublicationChannel.channel", cascade="all, delete-orphan"
    )
    objections: Mapped[list[PublicationObjection]] = relationship(
        order_by="PublicationObjection.id", cascade="all, delete-orphan"
    )


def _publication() -> Mapped[int]:
    return mapped_column(ForeignKey("budget_publications.instance_id", ondelete="CASCADE"), index=True)


class PublicationItem(Base):
    """A goal, an evaluation or the like as it is to be read; ``amount`` in 分."""

    __tablename__ = "budget_publication_items"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    publication_id: Mapped[int] = _publication()
    position: Mapped[int] = mapped_column(Integer)
    #: None where the unit as a whole is told of.
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    #: What is read (JSON), as :class:`budget.publishing.content.Content` writes it, redacted.
    content: Mapped[str] = mapped_column(Text)
    #: False where the unit keeps it back, for the ``reason`` (a code of ``WithheldReason``) and ``note`` given.
    published: Mapped[bool] = mapped_column(Boolean, default=True)
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")


class PublicationChannel(Base):
    """Where a version stands: the address, since when, who filled it in, the screenshots (ids with commas)."""

    __tablename__ = "budget_publication_channels"
    __table_args__ = (UniqueConstraint("publication_id", "channel"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    publication_id: Mapped[int] = _publication()
    #: A code of :class:`budget.publishing.codes.Channel`.
    channel: Mapped[str] = mapped_column(String(10))
    url: Mapped[str] = mapped_column(String(500))
    published_on: Mapped[date] = mapped_column(Date)
    screenshot: Mapped[str] = mapped_column(String(300), default="")
    recorded_by: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class PublicationObjection(Base):
    """What somebody objected to while it was on show (公示), and what was decided; ``upheld`` is None until then."""

    __tablename__ = "budget_publication_objections"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    publication_id: Mapped[int] = _publication()
    received_on: Mapped[date] = mapped_column(Date)
    #: How it came, a code of :class:`budget.publishing.codes.ObjectionWay`.
    way: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text)
    #: Who objected and how to reach them, as they wrote on the public page; only the performance section reads it.
    contact: Mapped[str] = mapped_column(String(200), default="", server_default="")
    #: What was made on the public page has a receipt, by which its answer is found there.
    receipt: Mapped[str | None] = mapped_column(String(40), unique=True)
    recorded_by: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    upheld: Mapped[bool | None] = mapped_column(Boolean)
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
