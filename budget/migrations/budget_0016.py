"""Overall goals of units with their tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0016"
down_revision = "budget_0015"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_unit_goals",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("basic_personnel", sa.BigInteger(), nullable=False),
        sa.Column("basic_public", sa.BigInteger(), nullable=False),
        sa.Column("project_amount", sa.BigInteger(), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("goals", sa.Integer(), nullable=False),
        sa.Column("indicators", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("submitted_at", Moment, nullable=False),
        sa.Column("submitted_by", sa.String(length=100), nullable=False),
        sa.Column("frozen_at", Moment, nullable=True),
        sa.Column("frozen_by", sa.String(length=100), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_unit_goals_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_unit_goals"),
        sa.UniqueConstraint("instance_id", "version", name="uq_budget_unit_goals_instance_id_version"),
    )
    op.create_index("ix_budget_unit_goals_unit", "budget_unit_goals", ["unit"], unique=False)
    op.create_table(
        "budget_unit_tasks",
        sa.Column("id", Key, nullable=False),
        sa.Column("unit_goal_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("projects", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_goal_id"],
            ["budget_unit_goals.id"],
            name="fk_budget_unit_tasks_unit_goal_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_unit_tasks"),
    )
    op.create_index("ix_budget_unit_tasks_unit_goal_id", "budget_unit_tasks", ["unit_goal_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_unit_tasks")
    op.drop_table("budget_unit_goals")
