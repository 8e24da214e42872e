"""What became of the campaigns of the year's plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0011"
down_revision = "budget_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "budget_calendar_marks",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_budget_calendar_marks"),
    )
    op.create_index("ix_budget_calendar_marks_year", "budget_calendar_marks", ["year"], unique=False)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("budget_calendar_marks")
