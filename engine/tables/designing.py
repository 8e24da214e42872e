"""The tables of process design: drafts of files with every revision, and who has one open."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from engine.tables.base import Id, Moment, metadata

_OPEN = text("state = 'open'")

design_drafts = Table(
    "design_drafts",
    metadata,
    Column("id", Id, primary_key=True),
    #: The file's name; of each file one draft is open at most, on which everybody works.
    Column("name", String(200), nullable=False),
    Column("kind", String(10), nullable=False),
    #: ``open``, ``deployed`` or ``dropped``.
    Column("state", String(20), nullable=False),
    #: The deployment that it was begun from, and the hash of the file there; null for a new file.
    Column("base_id", Id, ForeignKey("deployments.id")),
    Column("base_sha256", String(64)),
    Column("revision", Integer, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("saved_by", String(120), nullable=False),
    Column("saved_at", Moment, nullable=False),
    Index("uq_design_drafts_open", "name", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)

design_revisions = Table(
    "design_revisions",
    metadata,
    Column("draft_id", Id, ForeignKey("design_drafts.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    #: The file as zlib packs it: people save often, and diagrams repeat themselves.
    Column("packed", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    #: The revision whose content was taken up again; null for one that was typed.
    Column("restored", Integer),
    Column("saved_by", String(120), nullable=False),
    Column("saved_at", Moment, nullable=False),
)

design_editors = Table(
    "design_editors",
    metadata,
    Column("draft_id", Id, ForeignKey("design_drafts.id"), primary_key=True, autoincrement=False),
    Column("person", String(120), primary_key=True),
    Column("seen_at", Moment, nullable=False),
)
