"""What runs: instances, their work items with the rows of the inbox, documents, signatures, opinions, files."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.tables.base import Id, Moment, metadata

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
    #: The code of the organisation in charge (归口科室).
    Column("section", String(50)),
    Column("reference", String(200)),
    Column("amount", BigInteger),
    Column("initiator", String(120), nullable=False),
    #: The post in which they did: ``role:<role>@<organisation>``.
    Column("started_as", String(120)),
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
    #: What the search doesn't know yet: 0 nothing, 1 who may know of it, 2 its words.
    Column("unsearched", SmallInteger, nullable=False, server_default="0"),
    Index(None, "initiator", "started_at", "id"),
    Index(None, "definition_id", "state"),
    Index(None, "reference"),
    Index(None, "unit", "subject"),
    Index(
        "ix_instances_unsearched",
        "id",
        sqlite_where=text("unsearched > 0"),
        postgresql_where=text("unsearched > 0"),
    ),
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
    #: The post in which they did: ``role:<role>@<organisation>``, of whoever they acted for.
    Column("completed_as", String(120)),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(120)),
    #: From when on the item is shown as urgent.
    Column("urgent_at", Moment),
    Index(None, "instance_id", "state"),
    Index(None, "completed_by", "completed_at", "id"),
    Index(None, "definition_id", "element", "completed_at"),
    #: Where cases wait and since when, for operators.
    Index(
        "ix_work_items_open",
        "definition_id",
        "element",
        "due_at",
        "created_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
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
    Column("instance_id", Id, nullable=False, server_default="0"),
    Column("process_id", String(200), nullable=False),
    Column("element", String(200), nullable=False, server_default=""),
    Column("unit", String(200)),
    Column("section", String(50)),
    Column("reference", String(200)),
    #: 0 where the item has none.
    Column("amount", BigInteger, nullable=False, server_default="0"),
    Column("priority", Integer, nullable=False, server_default="50"),
    Column("urgent_at", Moment),
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
    #: The author's post, and for whom they acted as a substitute.
    Column("author_as", String(120)),
    Column("author_for", String(120)),
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
    Index(None, "person", "saved_at", "item_id"),
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
