"""The tables of process design: drafts of files with every revision, their releases, and the test cases of processes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

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
    #: Of a diagram of another engine: which engine, and what became of what; null for any other file.
    Column("converted", Text),
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

design_releases = Table(
    "design_releases",
    metadata,
    Column("id", Id, primary_key=True),
    #: ``review``, ``approved``, ``deployed``, ``declined``, ``withdrawn`` or ``failed``.
    Column("state", String(20), nullable=False),
    #: ``drafts``, ``files`` that somebody brought, or ``rollback``.
    Column("origin", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    #: Whether running instances ``finish`` on their version, or ``migrate``.
    Column("running", String(20), nullable=False),
    Column("asked_by", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
    #: When it is to be deployed; null for as soon as it may.
    Column("due_at", Moment),
    Column("decided_by", String(120)),
    Column("decided_at", Moment),
    Column("opinion", Text),
    Column("deployed_at", Moment),
    #: What came of it: the deployments with the processes' versions, or why it failed.
    Column("outcome", Text),
    #: The migrations that were begun; null while none has been.
    Column("migrations", Text),
    Index(None, "state", "due_at"),
)

design_release_files = Table(
    "design_release_files",
    metadata,
    Column("release_id", Id, ForeignKey("design_releases.id"), primary_key=True, autoincrement=False),
    Column("name", String(200), primary_key=True),
    #: The draft's revision that it is; null for a file that was brought.
    Column("draft_id", Id, ForeignKey("design_drafts.id")),
    Column("revision", Integer),
    Column("packed", LargeBinary, nullable=False),
)

design_cases = Table(
    "design_cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("process_id", String(200), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    #: How it begins and the answers, as a play has them; and what must come of them.
    Column("play", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("saved_by", String(120), nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("removed_at", Moment),
)
