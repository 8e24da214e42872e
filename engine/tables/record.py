"""The record: chained events, and the daily roots over them."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, String, Table, Text

from engine.tables.base import Moment, metadata

events = Table(
    "events",
    metadata,
    #: ``instance:<id>``, or the name of a chain of its own: identity, deployments, settings.
    Column("chain", String(100), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("element", String(200)),
    #: Null when retention has removed it; its hash stays, so the chain stays whole.
    Column("body", Text),
    Column("body_sha256", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    sqlite_with_rowid=False,
)

chains = Table(
    "chains",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", String(64), nullable=False),
)

roots = Table(
    "roots",
    metadata,
    Column("day", Date, primary_key=True),
    Column("chains", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("computed_at", Moment, nullable=False),
)
