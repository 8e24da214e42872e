"""Several signers of one step, asking others first, substitutes, receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0003"
down_revision = "engine_0002"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the signers' table, and who acted for whom to the work items."""
    op.add_column("work_items", sa.Column("delegated_by", sa.String(length=120), nullable=True))
    op.add_column("work_items", sa.Column("completed_for", sa.String(length=120), nullable=True))
    op.add_column("work_items", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("work_items", sa.Column("acknowledged_by", sa.String(length=120), nullable=True))
    op.add_column("work_items", sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "signatures",
        sa.Column("item_id", Id, autoincrement=False, nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("follows", sa.Text(), nullable=False),
        sa.Column("locals", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("opinion_audience", sa.Text(), nullable=True),
        sa.Column("added_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_signatures_instance_id_instances")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["work_items.id"], name=op.f("fk_signatures_item_id_work_items")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_signatures")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_signatures_instance_id_token"), "signatures", ["instance_id", "token"], unique=False
    )
