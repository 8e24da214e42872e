"""Preferences and saved filters of people, and the orders in which their copies, drafts and followed cases are listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0014"
down_revision = "engine_0013"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the two tables and the indexes."""
    op.create_table(
        "preferences",
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_preferences_person_people")),
        sa.PrimaryKeyConstraint("person", "name", name=op.f("pk_preferences")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", Id, nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("list", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("owner", "list", "name", name=op.f("uq_saved_filters_owner_list_name")),
    )
    op.create_index(
        "ix_notes_unread",
        "notes",
        ["principal", "sent_at", "id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        op.f("ix_follows_person_since_instance_id"),
        "follows",
        ["person", "since", "instance_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_drafts_person_saved_at_item_id"), "drafts", ["person", "saved_at", "item_id"], unique=False
    )
