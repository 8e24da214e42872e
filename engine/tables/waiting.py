"""What is to be done by the clock, what went wrong, and what was asked and proposed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.tables.base import Id, Moment, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    #: ``timer``, or ``external`` for a service task that a worker outside does.
    Column("kind", String(20), nullable=False),
    Column("type", String(200), nullable=False),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False, index=True),
    Column("token", Integer, nullable=False),
    Column("element", String(200), nullable=False),
    #: ``open``, ``suspended`` with its instance, or ``failed`` (an incident says why); a row that is done is deleted,
    #: history keeps it.
    Column("state", String(20), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("due_provisional", Boolean, nullable=False),
    #: For a cycle: the ISO text of the interval, and how many times it still fires (null: without end).
    Column("cycle", String(100)),
    Column("repeats", Integer),
    Column("attempts", Integer, nullable=False),
    #: How many attempts are left, the present one included.
    Column("retries", Integer, nullable=False),
    #: How many seconds it rests after its first failure, where its task says so; longer after each further one.
    Column("backoff", Integer),
    #: Who holds it: a random id. One that is still here after ``leased_until`` belongs to a worker that died.
    Column("lease", String(40)),
    Column("leased_at", Moment),
    Column("leased_until", Moment),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Index(None, "kind", "state", "due_at"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False),
    Column("token", Integer, nullable=False),
    Column("element", String(200), nullable=False),
    Column("code", String(100), nullable=False),
    Column("params", Text, nullable=False),
    #: ``open`` or ``resolved``.
    Column("state", String(20), nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("resolved_by", String(120)),
    Index(None, "instance_id", "state"),
    Index(None, "state", "id"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("operation", String(40), nullable=False),
    Column("instance_id", Id, ForeignKey("instances.id")),
    Column("process_id", String(200)),
    Column("params", Text, nullable=False),
    Column("reason", Text, nullable=False),
    #: ``open``, ``confirmed`` or ``declined``.
    Column("state", String(20), nullable=False),
    Column("asked_by", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", Moment),
    Index(None, "state", "id"),
)

archives = Table(
    "archives",
    metadata,
    Column("instance_id", Id, ForeignKey("instances.id"), primary_key=True, autoincrement=False),
    Column("archived_at", Moment, nullable=False),
    Column("archived_by", String(120), nullable=False),
    #: From when the contents may be deleted; null: never.
    Column("due_at", Moment),
    Column("pruned_at", Moment),
    Index(None, "pruned_at", "due_at"),
)

requests = Table(
    "requests",
    metadata,
    Column("key", String(200), primary_key=True),
    #: The sha256 of what was asked, so that another request under the same key is found out.
    Column("asked", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
