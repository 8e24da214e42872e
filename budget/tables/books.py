"""The tables of books that are kept by hand (登记簿), of draws by lot, and of codes in the budget system."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class BookEntry(Base):
    """A line of a book: what every book has in columns, what is special to one in ``values``; never deleted."""

    __tablename__ = "budget_book_entries"
    __table_args__ = (Index("ix_budget_book_entries_book", "book", "fiscal_year"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: The name of a :class:`budget.books.Book`.
    book: Mapped[str] = mapped_column(String(20))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str | None] = mapped_column(ForeignKey("budget_units.code"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    on: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    #: In 分.
    amount: Mapped[int | None] = mapped_column(BigInteger)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(Integer, default=1)
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_for: Mapped[str | None] = mapped_column(String(300))


class BookVersion(Base):
    """What a line was before it was changed or struck out."""

    __tablename__ = "budget_book_versions"
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("budget_book_entries.id"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    was: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment)


class Draw(Base):
    """A draw of experts or agencies by lot, which anybody can repeat: the seed, who could be drawn, who was."""

    __tablename__ = "budget_draws"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: ``expert`` or ``agency``.
    book: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(200))
    #: The engagement for which was drawn, None for a draw from a book's page.
    instance_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    units: Mapped[list[str]] = mapped_column(JSON)
    field: Mapped[str] = mapped_column(String(60), default="")
    seed: Mapped[str] = mapped_column(String(64))
    #: The ids and titles of entries in the order in which they lay in the urn, and of those drawn in their order.
    candidates: Mapped[list[Any]] = mapped_column(JSON)
    drawn: Mapped[list[Any]] = mapped_column(JSON)
    #: Who stayed out, and why.
    left_out: Mapped[list[Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment)


class SystemCode(Base):
    """What a code of ours is called in the budget system (预算一体化)."""

    __tablename__ = "budget_system_codes"
    __table_args__ = (UniqueConstraint("kind", "theirs"),)
    #: A code of :class:`budget.integration.CodeKind`.
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    ours: Mapped[str] = mapped_column(String(60), primary_key=True)
    theirs: Mapped[str] = mapped_column(String(60))
