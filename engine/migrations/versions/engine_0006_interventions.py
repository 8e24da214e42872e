"""Processes can be suspended; interventions that need two people are proposed; open incidents are found by their state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0006"
down_revision = "engine_0005"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column, the table and the index."""
    with op.batch_alter_table("definitions") as definitions:
        definitions.add_column(sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_incidents_state_id"), "incidents", ["state", "id"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", Id, nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("instance_id", Id, nullable=True),
        sa.Column("process_id", sa.String(length=200), nullable=True),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_proposals_instance_id_instances")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_state_id"), "proposals", ["state", "id"], unique=False)
