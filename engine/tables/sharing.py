"""What people tell one another about a case, and who acts for whom."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Text, text

from engine.tables.base import Id, Moment, metadata

notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    #: Null where it is about no case: long work has finished, ``text`` is then the sentence's code and parameters.
    Column("instance_id", Id, ForeignKey("instances.id")),
    Column("item_id", Id, ForeignKey("work_items.id")),
    #: ``copy`` (抄送), ``mention`` (评论里点名), ``urge`` (催办), or one of :mod:`engine.commands.informing`.
    Column("kind", String(20), nullable=False),
    #: To whom: a person, or all who hold a role.
    Column("principal", String(120), nullable=False),
    Column("sender", String(120), nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("text", Text, nullable=False),
    #: Where it leads to inside the site, where that is no case.
    Column("link", String(300)),
    Column("read_at", Moment),
    Column("read_by", String(120)),
    Index(None, "principal", "sent_at", "id"),
    #: What is unread is counted on every page, and few notes are.
    Index(
        "ix_notes_unread",
        "principal",
        "sent_at",
        "id",
        sqlite_where=text("read_at IS NULL"),
        postgresql_where=text("read_at IS NULL"),
    ),
    Index(None, "instance_id"),
    Index(None, "item_id"),
)

follows = Table(
    "follows",
    metadata,
    Column("person", String(120), primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), primary_key=True, autoincrement=False),
    Column("since", Moment, nullable=False),
    Index(None, "person", "since", "instance_id"),
    sqlite_with_rowid=False,
)

extensions = Table(
    "extensions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False, index=True),
    Column("item_id", Id, ForeignKey("work_items.id"), nullable=False),
    Column("asked_by", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    #: A list of principals: the owners of the deadline, one of whom decides.
    Column("owners", Text, nullable=False),
    #: ``open``, ``granted`` or ``refused``.
    Column("state", String(20), nullable=False, index=True),
    Column("decided_by", String(120)),
    Column("decided_at", Moment),
    Column("answer", Text),
)

substitutions = Table(
    "substitutions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(100), ForeignKey("people.id"), nullable=False, index=True),
    Column("substitute", String(100), ForeignKey("people.id"), nullable=False, index=True),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    #: A list of process ids, or null: all processes.
    Column("processes", Text),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("ended_at", Moment),
    #: Why somebody else arranged it.
    Column("reason", Text),
)
