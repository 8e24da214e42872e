"""An index for the organisations that became part of another one; few did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0022"
down_revision = "engine_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a partial index."""
    merged = sa.text("successor IS NOT NULL")
    op.create_index(
        "ix_organisations_successor",
        "organisations",
        ["successor"],
        sqlite_where=merged,
        postgresql_where=merged,
    )
