"""What became of a diagram of another engine when it was brought along, kept with its draft."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0026"
down_revision = "engine_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of drafts that were begun before nothing is known."""
    op.add_column("design_drafts", sa.Column("converted", sa.Text, nullable=True))
