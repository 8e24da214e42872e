"""Notes to people (copies, mentions, urges), and who follows a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0008"
down_revision = "engine_0007"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "notes",
        sa.Column("id", Id, nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("principal", sa.String(length=120), nullable=False),
        sa.Column("sender", sa.String(length=120), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_notes_instance_id_instances")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["work_items.id"], name=op.f("fk_notes_item_id_work_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_instance_id"), "notes", ["instance_id"], unique=False)
    op.create_index(op.f("ix_notes_item_id"), "notes", ["item_id"], unique=False)
    op.create_index(
        op.f("ix_notes_principal_sent_at_id"), "notes", ["principal", "sent_at", "id"], unique=False
    )
    op.create_table(
        "follows",
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("instance_id", Id, autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_follows_instance_id_instances")
        ),
        sa.PrimaryKeyConstraint("person", "instance_id", name=op.f("pk_follows")),
        sqlite_with_rowid=False,
    )
