"""The tables of letters (公文): the templates in all their versions, and each letter from draft to receipt."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Key, Moment


class LetterTemplate(Base):
    """A version of a kind of letter's Word template; the newest counts, a letter keeps the one that it was made with."""

    __tablename__ = "budget_letter_templates"
    __table_args__ = (UniqueConstraint("kind", "version"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: A code of :class:`budget.letters.LetterKind`.
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(200), default="")
    uploaded_by: Mapped[str] = mapped_column(String(100))
    uploaded_at: Mapped[datetime] = mapped_column(Moment)


class Letter(Base):
    """A letter, one process instance: what it says, its number, who signed, sealed and received it."""

    __tablename__ = "budget_letters"
    __table_args__ = (
        UniqueConstraint("kind", "year", "serial"),
        Index("ix_budget_letters_origin", "origin_instance"),
    )
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: A code of :class:`budget.letters.LetterKind`.
    kind: Mapped[str] = mapped_column(String(20))
    #: The unit that it is sent to; None for a report or minutes.
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("budget_units.code"), index=True)
    #: The case that it is about.
    origin_instance: Mapped[int | None] = mapped_column(BigInteger)
    #: A code of :class:`budget.letters.LetterState`.
    state: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200), default="")
    #: 主送, 抄送, and the text, a paragraph a line.
    addressee: Mapped[str] = mapped_column(String(200), default="")
    copies_to: Mapped[str] = mapped_column(String(300), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    #: What was known of the case when the letter was begun (JSON, :mod:`budget.letter_facts`), for its template.
    facts: Mapped[str | None] = mapped_column(Text)
    #: The meeting whose minutes it is.
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("budget_meetings.id"), index=True)
    #: The year and the running number that make the number, given when it is signed.
    year: Mapped[int | None] = mapped_column(Integer)
    serial: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    #: The template that it is made with from then on; None for the one that comes with the package.
    template_id: Mapped[int | None] = mapped_column(ForeignKey("budget_letter_templates.id"))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    drafted_by: Mapped[str | None] = mapped_column(String(100))
    signed_by: Mapped[str | None] = mapped_column(String(100))
    signed_on: Mapped[date | None] = mapped_column(Date)
    #: 用印: who used which seal when on how many copies.
    seal: Mapped[str] = mapped_column(String(60), default="")
    sealed_copies: Mapped[int | None] = mapped_column(Integer)
    sealed_by: Mapped[str | None] = mapped_column(String(100))
    sealed_at: Mapped[datetime | None] = mapped_column(Moment)
    received_by: Mapped[str | None] = mapped_column(String(100))
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    template: Mapped[LetterTemplate | None] = relationship()
