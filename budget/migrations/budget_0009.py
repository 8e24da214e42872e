"""Adjustments, and every budget amount that a project had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0009"
down_revision = "budget_0008"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_adjustments",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("reason_note", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("amount_before", sa.BigInteger(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("amount_after", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("npc_required", sa.Boolean(), nullable=False),
        sa.Column("goal_before_id", Key, nullable=True),
        sa.Column("goal_after_id", Key, nullable=True),
        sa.Column("submitted_at", Moment, nullable=False),
        sa.Column("submitted_by", sa.String(length=100), nullable=False),
        sa.Column("decided_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_before_id"], ["budget_goal_versions.id"], name="fk_budget_adjustments_goal_before_id"
        ),
        sa.ForeignKeyConstraint(
            ["goal_after_id"], ["budget_goal_versions.id"], name="fk_budget_adjustments_goal_after_id"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_adjustments_project_id"
        ),
        sa.UniqueConstraint("instance_id", name="uq_budget_adjustments_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_adjustments"),
    )
    op.create_index("ix_budget_adjustments_fiscal_year", "budget_adjustments", ["fiscal_year"], unique=False)
    op.create_index("ix_budget_adjustments_project_id", "budget_adjustments", ["project_id"], unique=False)
    op.create_table(
        "budget_amounts",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("adjustment_id", Key, nullable=True),
        sa.Column("revoked_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["budget_adjustments.id"], name="fk_budget_amounts_adjustment_id"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_amounts_project_id"),
        sa.UniqueConstraint("project_id", "version", name="uq_budget_amounts_project_id_version"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_amounts"),
    )
    op.create_index("ix_budget_amounts_since", "budget_amounts", ["project_id", "since"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_amounts")
    op.drop_table("budget_adjustments")
