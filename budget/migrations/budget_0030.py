"""Draws by lot for engagements, and the treasury's receipts for what is paid to third parties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0030"
down_revision = "budget_0029"
branch_labels = None
depends_on = None

_RECEIPTS = (
    ("received_at", sa.DateTime(timezone=True)),
    ("received_by", sa.String(length=80)),
    ("paid_on", sa.Date()),
    ("paid_by", sa.String(length=80)),
    ("voucher_no", sa.String(length=60)),
)


def upgrade() -> None:
    """Add the columns."""
    for name, kind in _RECEIPTS:
        op.add_column("budget_engagements", sa.Column(name, kind, nullable=True))
    op.add_column("budget_draws", sa.Column("instance_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_budget_draws_instance_id", "budget_draws", ["instance_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_budget_draws_instance_id", table_name="budget_draws")
    with op.batch_alter_table("budget_draws") as table:
        table.drop_column("instance_id")
    with op.batch_alter_table("budget_engagements") as table:
        for name, _ in reversed(_RECEIPTS):
            table.drop_column(name)
