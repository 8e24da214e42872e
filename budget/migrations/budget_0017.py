"""What of a project's money comes from above, and whether it relieves poverty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0017"
down_revision = "budget_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was there has neither."""
    op.add_column(
        "budget_projects", sa.Column("upper_amount", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "budget_projects",
        sa.Column("poverty_flag", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("budget_projects", "poverty_flag")
    op.drop_column("budget_projects", "upper_amount")
