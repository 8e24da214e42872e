"""What people set up for themselves: how a list is shown to them, and filters that they saved."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint

from engine.tables.base import Id, Moment, metadata

preferences = Table(
    "preferences",
    metadata,
    Column("person", String(100), ForeignKey("people.id"), primary_key=True),
    Column("name", String(100), primary_key=True),
    #: JSON.
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", Id, primary_key=True),
    #: Whose it is: a person, or all who hold a role at an organisation.
    Column("owner", String(120), nullable=False),
    #: The list that it filters, and its name there.
    Column("list", String(50), nullable=False),
    Column("name", String(100), nullable=False),
    #: The address's query, as ``due=today&unit=…``.
    Column("query", Text, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("owner", "list", "name"),
)
