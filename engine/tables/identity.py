"""People, their posts and the working days; the settings of a county."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from engine.tables.base import Id, Moment, metadata

settings = Table(
    "settings",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)


organisations = Table(
    "organisations",
    metadata,
    Column("code", String(50), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(50), nullable=False),
    Column("parent", String(50), ForeignKey("organisations.code")),
    #: Its first and last day; null: open. Posts at it are held on these days only.
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("phone", String(50)),
    #: The organisation that it became part of: whoever has a post there acts for this one too.
    Column("successor", String(50)),
    Index(
        "ix_organisations_successor",
        "successor",
        sqlite_where=text("successor IS NOT NULL"),
        postgresql_where=text("successor IS NOT NULL"),
    ),
)

people = Table(
    "people",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", Text),
    Column("must_change", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("active", Boolean, nullable=False),
    #: The office phone.
    Column("phone", String(50)),
    #: Where messages go, once confirmed by the person or set by an administrator.
    Column("email", String(200)),
    Column("mobile", String(40)),
    #: What came before is no news to the person: they have marked it all as read.
    Column("caught_up_at", Moment),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(100), ForeignKey("people.id"), nullable=False, index=True),
    Column("role", String(100), nullable=False),
    Column("org", String(50), ForeignKey("organisations.code"), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Index(None, "role", "org"),
)

working_days = Table(
    "working_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("name", String(100)),
)
