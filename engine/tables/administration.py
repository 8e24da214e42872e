"""What administration keeps: sessions and sign-ins, requests for a second person, who read what, what auditors may read."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

from engine.tables.base import Id, Moment, metadata

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    #: The sha256 of what the browser keeps; the database alone lets nobody in.
    Column("key", String(64), nullable=False, unique=True),
    Column("person", String(100), ForeignKey("people.id"), nullable=False),
    Column("began_at", Moment, nullable=False),
    #: When it was last heard of, correct to some minutes.
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
    #: ``out`` by its person, ``password`` by a change of it, ``ended`` from elsewhere, ``closed`` with the account,
    #: ``expired``.
    Column("ending", String(20)),
    Column("ended_by", String(120)),
    #: ``password`` or ``oidc``.
    Column("how", String(20), nullable=False),
    Column("address", String(60), nullable=False),
    Column("agent", String(200), nullable=False),
    Index(None, "person", "ended_at"),
    Index(None, "ended_at", "seen_at"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    #: As it was typed; nobody needs to have it.
    Column("account", String(100), nullable=False),
    #: ``in``, ``wrong``, ``locked``, ``refused``, ``out`` or ``ended``.
    Column("what", String(20), nullable=False),
    Column("how", String(20), nullable=False),
    Column("address", String(60), nullable=False),
    Column("agent", String(200), nullable=False),
    Index(None, "account", "at"),
)

#: Wrong passwords for accounts that don't exist are counted too, so that a lock-out tells nothing.
guesses = Table(
    "guesses",
    metadata,
    #: The sha256 of the account as it was typed.
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("at", Moment, nullable=False, index=True),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Id, primary_key=True),
    #: One of :data:`engine.admin.approvals.KINDS`.
    Column("kind", String(40), nullable=False),
    #: Whom or what it is about: a person's id, or a setting.
    Column("subject", String(120), nullable=False),
    Column("params", Text, nullable=False),
    Column("reason", Text, nullable=False),
    #: ``open``, ``confirmed`` or ``declined``; an open one is worth nothing after ``expires_at``.
    Column("state", String(20), nullable=False),
    Column("asked_by", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", Moment),
    Column("answer", Text),
    Index(None, "state", "id"),
)

reads = Table(
    "reads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("person", String(100), nullable=False),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False, index=True),
    #: ``case``, ``task``, ``document`` or ``attachment``.
    Column("what", String(20), nullable=False),
    #: The names of what was shown that not everybody who takes part may read.
    Column("names", Text, nullable=False),
    #: ``audience``, ``secret`` or ``audit``.
    Column("why", String(20), nullable=False),
    Column("address", String(60), nullable=False),
    Index(None, "person", "at"),
)

audit_scopes = Table(
    "audit_scopes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(100), ForeignKey("people.id"), nullable=False, index=True),
    #: Lists of codes of organisations, of years and of process ids; null: all.
    Column("units", Text),
    Column("years", Text),
    Column("processes", Text),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    #: The letter or decision on which it rests.
    Column("reason", Text, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_by", String(120)),
    Column("ended_at", Moment),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(100), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    #: The file's name, and its rows until they are applied.
    Column("name", String(200), nullable=False),
    Column("rows", Text, nullable=False),
)
