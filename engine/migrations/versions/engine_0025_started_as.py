"""The post in which somebody started a case, so that the list of a post holds those that were started in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0025"
down_revision = "engine_0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what was started before nobody knows it."""
    op.add_column("instances", sa.Column("started_as", sa.String(120), nullable=True))
