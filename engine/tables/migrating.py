"""The tables of migrations between versions: what was asked, what became of each instance, and the state before."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from engine.tables.base import Id, Moment, metadata

migrations = Table(
    "migrations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("process_id", String(200), nullable=False),
    Column("source_id", Id, ForeignKey("definitions.id"), nullable=False),
    Column("target_id", Id, ForeignKey("definitions.id"), nullable=False),
    Column("plan", Text, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
    #: Null while instances are still waiting for their turn.
    Column("finished_at", Moment),
    Index(None, "finished_at", "id"),
)

migrated = Table(
    "migrated",
    metadata,
    Column("migration_id", Id, ForeignKey("migrations.id"), primary_key=True, autoincrement=False),
    Column("instance_id", Id, ForeignKey("instances.id"), primary_key=True, autoincrement=False),
    #: ``waiting``, ``done``, ``refused``, ``undoing`` or ``undone``.
    Column("state", String(20), nullable=False),
    Column("code", String(100)),
    Column("params", Text),
    #: The instance's version after it: it may be undone while this is still so.
    Column("version", Integer),
    #: The rows as they were before.
    Column("before", Text),
    Index(None, "migration_id", "state"),
    sqlite_with_rowid=False,
)
