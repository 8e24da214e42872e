"""Checks on site by third parties in the course of monitoring."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0019"
down_revision = "budget_0018"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "budget_monitoring_checks",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("closed_at", Moment, nullable=False),
        sa.Column("closed_by", sa.String(length=100), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("progress", sa.String(length=120), nullable=True),
        sa.Column("consistent", sa.Boolean(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_monitoring_checks_project_id"
        ),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_monitoring_checks"),
    )
    op.create_index("ix_budget_monitoring_checks_project_id", "budget_monitoring_checks", ["project_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_index("ix_budget_monitoring_checks_project_id", table_name="budget_monitoring_checks")
    op.drop_table("budget_monitoring_checks")
