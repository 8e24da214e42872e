"""Under which post somebody acted; office phones; which organisation another one became part of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0016"
down_revision = "engine_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the post to what people did, the reason to substitutions, phones, and the organisation that follows one."""
    op.add_column("work_items", sa.Column("completed_as", sa.String(length=120), nullable=True))
    op.add_column("documents", sa.Column("author_as", sa.String(length=120), nullable=True))
    op.add_column("documents", sa.Column("author_for", sa.String(length=120), nullable=True))
    op.add_column("substitutions", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("people", sa.Column("phone", sa.String(length=50), nullable=True))
    op.add_column("organisations", sa.Column("phone", sa.String(length=50), nullable=True))
    op.add_column("organisations", sa.Column("successor", sa.String(length=50), nullable=True))
