"""The engine's tables; a county's schema or file holds one set of them, no table has a tenant column.

JSON columns are text that the engine writes and reads itself (numbers as ``Decimal``), never a database's own JSON
type, which would re-order keys and turn decimals into floats.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")

#: What the inbox sorts a work item without a due date as: after all that have one.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """An aware time, stored in UTC; a naive one is refused, because nobody can say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


settings = Table(
    "settings",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

# --- people ---------------------------------------------------------------------------------------------------------

organisations = Table(
    "organisations",
    metadata,
    Column("code", String(50), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(50), nullable=False),
    Column("parent", String(50), ForeignKey("organisations.code")),
)

people = Table(
    "people",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", Text),
    Column("must_change", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("active", Boolean, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(100), ForeignKey("people.id"), nullable=False, index=True),
    Column("role", String(100), nullable=False),
    Column("org", String(50), ForeignKey("organisations.code"), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Index(None, "role", "org"),
)

working_days = Table(
    "working_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("name", String(100)),
)

# --- what is deployed -----------------------------------------------------------------------------------------------

deployments = Table(
    "deployments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("deployed_at", Moment, nullable=False),
    Column("deployed_by", String(120), nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deployment_id", Id, ForeignKey("deployments.id"), nullable=False),
    Column("name", String(300), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("key", String(200)),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("deployment_id", "name"),
)

definitions = Table(
    "definitions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("process_id", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(300), nullable=False),
    Column("deployment_id", Id, ForeignKey("deployments.id"), nullable=False),
    Column("resource_id", Id, ForeignKey("resources.id"), nullable=False),
    #: The element names in the order that state blobs refer to; written once, so that no later reader shifts them.
    Column("names", Text, nullable=False),
    #: Process id → definition id of the processes that call activities reach, bound when this was deployed.
    Column("called", Text, nullable=False),
    #: Since when no new instance of it may start.
    Column("suspended_at", Moment),
    UniqueConstraint("process_id", "version"),
)

# --- what runs ------------------------------------------------------------------------------------------------------

instances = Table(
    "instances",
    metadata,
    Column("id", Id, primary_key=True),
    Column("definition_id", Id, ForeignKey("definitions.id"), nullable=False),
    #: ``waiting``, ``incident``, ``suspended``, ``ended`` or ``terminated``.
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("business_key", String(200), index=True),
    Column("subject", String(500)),
    Column("unit", String(200)),
    Column("reference", String(200)),
    Column("amount", BigInteger),
    Column("initiator", String(120), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    #: The live tokens, as :mod:`engine.runtime` encodes them.
    Column("tokens", LargeBinary, nullable=False),
    #: Scopes with their variables.
    Column("variables", Text, nullable=False),
    #: What is needed at every step and stays small: newest documents, rounds, who did what, who takes part.
    Column("progress", Text, nullable=False),
    Column("history_seq", Integer, nullable=False),
    Column("history_head", String(64), nullable=False),
    Index(None, "initiator", "started_at", "id"),
    Index(None, "definition_id", "state"),
)

work_items = Table(
    "work_items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False),
    #: The definition that the element stands in: the instance's own or a called one.
    Column("definition_id", Id, ForeignKey("definitions.id"), nullable=False),
    Column("token", Integer, nullable=False),
    Column("element", String(200), nullable=False),
    Column("step", String(300), nullable=False),
    Column("item", Integer, nullable=False),
    #: ``open``, ``completed``, ``cancelled``, ``returned`` by whoever had it to an earlier step, ``withdrawn`` by
    #: whoever had completed it, or ``pending``: a signer
    #: whose turn has not come.
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    #: A list of principals.
    Column("candidates", Text, nullable=False),
    Column("assignee", String(120)),
    Column("drafter", String(120)),
    #: When the drafter handed the draft in; the item is then with its holder again.
    Column("handed_in_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("due_provisional", Boolean, nullable=False),
    Column("follow_up_at", Moment),
    Column("priority", Integer, nullable=False),
    Column("completed_at", Moment),
    Column("completed_by", String(120)),
    Column("outcome", String(100)),
    #: Who asked the assignee first and gets the item back from them.
    Column("delegated_by", String(120)),
    #: For whom ``completed_by`` acted as a substitute.
    Column("completed_for", String(120)),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(120)),
    #: From when on the item is shown as urgent.
    Column("urgent_at", Moment),
    Index(None, "instance_id", "state"),
    Index(None, "completed_by", "completed_at", "id"),
    Index(None, "definition_id", "element", "completed_at"),
    #: Who waits for their turn, or for an answer, stands in no inbox; few rows do.
    Index(
        "ix_work_items_pending",
        "assignee",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_work_items_delegated",
        "delegated_by",
        sqlite_where=text("delegated_by IS NOT NULL"),
        postgresql_where=text("delegated_by IS NOT NULL"),
    ),
)

signatures = Table(
    "signatures",
    metadata,
    Column("item_id", Id, ForeignKey("work_items.id"), primary_key=True, autoincrement=False),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False),
    #: All signers of one signing have the same token.
    Column("token", Integer, nullable=False),
    #: Whether this signer concludes after all others (主办).
    Column("lead", Boolean, nullable=False),
    #: The indices of the signers who must be done before this one's turn comes.
    Column("follows", Text, nullable=False),
    #: The signer's own variables: the element of the input collection, the loop counter, the input mappings.
    Column("locals", Text, nullable=False),
    #: The value of the output element, as JSON; null until it was evaluated.
    Column("result", Text),
    Column("opinion", Text, nullable=False),
    #: A list of principals, or null: everybody who takes part in the instance.
    Column("opinion_audience", Text),
    #: Who added the signer (加签); null for those whom the file names.
    Column("added_by", String(120)),
    Index(None, "instance_id", "token"),
    sqlite_with_rowid=False,
)

inbox = Table(
    "inbox",
    metadata,
    Column("principal", String(120), primary_key=True),
    Column("item_id", Id, ForeignKey("work_items.id"), primary_key=True, autoincrement=False),
    #: ``NEVER`` where the item has no due date, so that one index orders all.
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("process_id", String(200), nullable=False),
    Column("unit", String(200)),
    #: 0 where the item has none.
    Column("amount", BigInteger, nullable=False, server_default="0"),
    Column("search", String(900), nullable=False),
    Index(None, "principal", "due_at", "item_id"),
    Index(None, "principal", "created_at", "item_id"),
    Index(None, "principal", "amount", "item_id"),
    Index(None, "item_id"),
    sqlite_with_rowid=False,
)

documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False),
    #: 0, or the token of the call activity whose process saved it.
    Column("scope", Integer, nullable=False),
    #: 0, or for a signer's own document the signer's index counted from 1.
    Column("item", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("element", String(200), nullable=False),
    Column("form_resource_id", Id, ForeignKey("resources.id")),
    Column("body", Text),
    Column("sha256", String(64), nullable=False),
    Column("author", String(120), nullable=False),
    Column("saved_at", Moment, nullable=False),
    #: A list of principals, or null: everybody who takes part in the instance.
    Column("audience", Text),
    UniqueConstraint("instance_id", "scope", "item", "name", "version"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("item_id", Id, ForeignKey("work_items.id"), primary_key=True, autoincrement=False),
    Column("person", String(120), primary_key=True),
    Column("revision", Integer, nullable=False),
    #: The version of the document that the typing began with.
    Column("based_on", Integer),
    Column("answers", Text, nullable=False),
    Column("opinion", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

#: Who has opened an open item's page, and the notice for them when it was withdrawn meanwhile.
openings = Table(
    "openings",
    metadata,
    Column("item_id", Id, ForeignKey("work_items.id"), primary_key=True, autoincrement=False),
    Column("person", String(120), primary_key=True),
    Column("opened_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("told_by", String(120)),
    #: When the person put the notice away.
    Column("seen_at", Moment),
    Index(None, "person", "told_at"),
    sqlite_with_rowid=False,
)

pins = Table(
    "pins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False),
    Column("item_id", Id, ForeignKey("work_items.id"), nullable=False),
    Column("element", String(200), nullable=False),
    Column("scope", Integer, nullable=False),
    Column("document", String(200), nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("field", String(200), nullable=False),
    Column("row", String(100)),
    Column("text", Text, nullable=False),
    Column("author", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("audience", Text),
    #: ``open``, ``answered`` or ``closed``.
    Column("state", String(20), nullable=False),
    #: ``changed`` or ``explained``.
    Column("reply", String(20)),
    Column("reply_text", Text),
    Column("replied_by", String(120)),
    Column("replied_at", Moment),
    Column("reply_version", Integer),
    Index(None, "instance_id", "state"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False, index=True),
    Column("item_id", Id, ForeignKey("work_items.id")),
    Column("field", String(200)),
    Column("name", String(300), nullable=False),
    Column("type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("author", String(120), nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("audience", Text),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), nullable=False),
    Column("item_id", Id, ForeignKey("work_items.id")),
    #: ``copy`` (抄送), ``mention`` (评论里点名) or ``urge`` (催办).
    Column("kind", String(20), nullable=False),
    #: To whom: a person, or all who hold a role.
    Column("principal", String(120), nullable=False),
    Column("sender", String(120), nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("text", Text, nullable=False),
    Column("read_at", Moment),
    Column("read_by", String(120)),
    Index(None, "principal", "sent_at", "id"),
    Index(None, "instance_id"),
    Index(None, "item_id"),
)

follows = Table(
    "follows",
    metadata,
    Column("person", String(120), primary_key=True),
    Column("instance_id", Id, ForeignKey("instances.id"), primary_key=True, autoincrement=False),
    Column("since", Moment, nullable=False),
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
)

# --- what is to be done by the clock, and what went wrong -------------------------------------------------------------

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

# --- history --------------------------------------------------------------------------------------------------------

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
