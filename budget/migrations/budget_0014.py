"""A county's own rules, as administrators change them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0014"
down_revision = "budget_0013"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "budget_profile_versions",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budget_profile_versions"),
        sa.UniqueConstraint("code", "version", name="uq_budget_profile_versions_code_version"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("budget_profile_versions")
