"""Open work items by step, for those who oversee the processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0013"
down_revision = "engine_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_work_items_open",
        "work_items",
        ["definition_id", "element", "due_at", "created_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
