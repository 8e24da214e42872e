"""What a person had made in the background and comes back for: a file, when it is ready."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.tables.base import Id, Moment, metadata

errands = Table(
    "errands",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("person", String(120), nullable=False),
    Column("instance_id", Id, ForeignKey("instances.id"), index=True),
    #: What was asked for, as JSON.
    Column("params", Text, nullable=False),
    #: ``open``, ``done``, ``failed``, or ``gone`` when the file was deleted again.
    Column("state", String(20), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    #: Who makes it: a random id. One that is still here after ``leased_until`` belongs to a worker that died.
    Column("lease", String(40)),
    Column("leased_until", Moment),
    Column("finished_at", Moment),
    #: How far it is, as its maker says: so many parts of so many.
    Column("parts_done", Integer),
    Column("parts", Integer),
    Column("error", Text),
    Column("name", String(300)),
    Column("type", String(100)),
    Column("size", BigInteger),
    Column("sha256", String(64), index=True),
    Index(None, "person", "id"),
    Index(None, "state", "id"),
)
