"""Annual reports: their figures, their text, their signature."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0013"
down_revision = "budget_0012"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "budget_annual_reports",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("as_of", Moment, nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=True),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("written_by", sa.String(length=100), nullable=True),
        sa.Column("signed_by", sa.String(length=100), nullable=True),
        sa.Column("signed_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_budget_annual_reports")),
    )
    op.create_index(op.f("ix_budget_annual_reports_year"), "budget_annual_reports", ["year"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("budget_annual_reports")
