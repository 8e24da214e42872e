"""What goes out to people by mail, SMS and robots: who wants what, how they are reached, and what became of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.tables.base import Id, Moment, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    #: What is told, to whom and through which channel: nobody is told the same thing twice.
    Column("key", String(200), nullable=False, unique=True),
    Column("channel", String(60), nullable=False),
    Column("person", String(100), ForeignKey("people.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("instance_id", Id, ForeignKey("instances.id")),
    Column("item_id", Id, ForeignKey("work_items.id")),
    #: What the message says, as JSON; never anything of a secret case.
    Column("body", Text, nullable=False),
    #: ``open``, ``sending`` under a lease, ``sent``, ``failed`` for good, or ``dropped`` because there was nothing left to
    #: tell.
    Column("state", String(20), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    #: How many attempts are left, the present one included.
    Column("retries", Integer, nullable=False),
    #: Who sends it: a random id. One that is still here after ``leased_until`` belongs to a worker that died.
    Column("lease", String(40)),
    Column("leased_until", Moment),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Index(None, "state", "due_at", "id"),
    Index(None, "instance_id"),
    Index(None, "created_at"),
)

#: How far the sources of messages have been read, and when what is done by the clock was done last.
watermarks = Table(
    "watermarks",
    metadata,
    Column("name", String(60), primary_key=True),
    #: The greatest id that was read.
    Column("position", BigInteger, nullable=False),
    #: Ids below it that were not there then, with the time when that was seen: their transactions may still run.
    Column("gaps", Text, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

wishes = Table(
    "wishes",
    metadata,
    Column("person", String(100), ForeignKey("people.id"), primary_key=True),
    Column("channel", String(60), primary_key=True),
    Column("kind", String(20), primary_key=True),
    #: ``now``, ``digest`` or ``never``; without a row the county's default holds.
    Column("how", String(10), nullable=False),
    sqlite_with_rowid=False,
)

#: An address that a person has named and not yet confirmed.
confirmations = Table(
    "confirmations",
    metadata,
    Column("person", String(100), ForeignKey("people.id"), primary_key=True),
    #: ``email`` or ``mobile``.
    Column("kind", String(20), primary_key=True),
    Column("address", String(200), nullable=False),
    #: The sha256 of the code that was sent there.
    Column("code_sha256", String(64), nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    sqlite_with_rowid=False,
)

#: Passwords and keys of the channels: written by administrators, read only when something is sent.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
