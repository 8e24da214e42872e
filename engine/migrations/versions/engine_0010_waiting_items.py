"""Indexes for the items of a person that stand in no inbox: signers before their turn, and what others were asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0010"
down_revision = "engine_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two partial indexes."""
    pending, asked = sa.text("state = 'pending'"), sa.text("delegated_by IS NOT NULL")
    op.create_index(
        "ix_work_items_pending", "work_items", ["assignee"], sqlite_where=pending, postgresql_where=pending
    )
    op.create_index(
        "ix_work_items_delegated", "work_items", ["delegated_by"], sqlite_where=asked, postgresql_where=asked
    )
