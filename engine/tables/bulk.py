"""The tables of bulk runs: who wants what done to which tasks, and what became of each."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from engine.tables.base import Id, Moment, metadata

bulks = Table(
    "bulks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(120), nullable=False),
    #: Null while the list is only chosen, and nothing was asked yet.
    Column("operation", String(20)),
    #: The outcome, the opinion, the person named, the post in which it was asked, as JSON.
    Column("asked", Text, nullable=False),
    #: The run whose failures this one tries again.
    Column("retry_of", Id, ForeignKey("bulks.id")),
    Column("chosen_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("stopped_at", Moment),
    #: Null while tasks are still waiting for their turn, or nothing was asked yet.
    Column("finished_at", Moment),
    Index(None, "person", "id"),
    Index(None, "finished_at", "confirmed_at"),
    # The number of a list that was forgotten is never another one's.
    sqlite_autoincrement=True,
)

bulk_items = Table(
    "bulk_items",
    metadata,
    Column("bulk_id", Id, ForeignKey("bulks.id"), primary_key=True, autoincrement=False),
    #: What was asked for, whether there is such a task or not.
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("place", Integer, nullable=False),
    #: The item's version as the list showed it.
    Column("version", Integer, nullable=False),
    #: Null where the person may not know of the task.
    Column("instance_id", Id, ForeignKey("instances.id"), index=True),
    #: ``chosen``, ``waiting``, ``done``, ``refused``, ``conflict``, ``left_out`` or ``stopped``.
    Column("state", String(20), nullable=False),
    Column("code", String(100)),
    #: Why, as sentences by language.
    Column("said", Text),
    Column("at", Moment),
    Index(None, "bulk_id", "state", "place"),
    sqlite_with_rowid=False,
)
