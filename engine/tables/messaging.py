"""The tables of what instances await and what is on its way to them: subscriptions, messages, signals, starts."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from engine.tables.base import Id, Moment, metadata

#: How long a name of a message or a signal, and a correlation key, may be.
MAX_NAME = 200

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    #: ``message``, ``signal``, or ``condition``, which nothing from outside meets.
    Column("kind", String(20), nullable=False),
    Column("name", String(MAX_NAME), nullable=False),
    #: Empty where the name alone must do.
    Column("key", String(MAX_NAME), nullable=False),
    #: The process that the element stands in: a message is correlated once a process.
    Column("process_id", String(200), nullable=False),
    #: Null for a start event, which waits in the newest version of its process.
    Column("instance_id", Id, ForeignKey("instances.id"), index=True),
    Column("definition_id", Id, ForeignKey("definitions.id")),
    Column("token", Integer, nullable=False),
    Column("element", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Index(None, "kind", "name", "key"),
    #: A number is never given twice: a signal on its way may name a subscription that is gone.
    sqlite_autoincrement=True,
)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    #: ``message``; or ``signal``: one row for each that awaited it when it was thrown.
    Column("kind", String(20), nullable=False),
    Column("name", String(MAX_NAME), nullable=False),
    Column("key", String(MAX_NAME), nullable=False),
    #: What the sender calls it; a second one of the same name, key and id is the first one again.
    Column("message_id", String(MAX_NAME)),
    #: The subscription that a signal is for; it may be gone when the signal comes.
    Column("subscription_id", Id),
    Column("variables", Text, nullable=False),
    Column("actor", String(120), nullable=False),
    #: The instance that sent it, null where it came from outside.
    Column("sender_id", Id, ForeignKey("instances.id"), index=True),
    Column("published_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    #: ``new``, ``buffered`` (nobody awaited it yet), or ``done``: kept for its id only.
    Column("state", String(20), nullable=False),
    #: Before this it is not tried again, because trying has failed.
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    UniqueConstraint("name", "key", "message_id"),
    Index(None, "state", "due_at"),
    sqlite_autoincrement=True,
)

correlations = Table(
    "correlations",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    #: The process that has got the message; it gets it once, whatever its version and however many wait.
    Column("process_id", String(200), primary_key=True),
    Column("instance_id", Id, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

business_keys = Table(
    "business_keys",
    metadata,
    #: The keys of running instances that must be the only ones of their process with it.
    Column("process_id", String(200), primary_key=True),
    Column("key", String(MAX_NAME), primary_key=True),
    Column("instance_id", Id, nullable=False, index=True),
    sqlite_with_rowid=False,
)

start_timers = Table(
    "start_timers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("process_id", String(200), nullable=False, index=True),
    Column("definition_id", Id, ForeignKey("definitions.id"), nullable=False),
    Column("element", String(200), nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("due_provisional", Boolean, nullable=False),
    #: For a cycle: the ISO text of the interval, and how many times it still starts an instance (null: without end).
    Column("cycle", String(100)),
    Column("repeats", Integer),
    #: Before this it is not tried again, because trying has failed.
    Column("retry_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
)
