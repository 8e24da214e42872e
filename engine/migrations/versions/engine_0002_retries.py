"""Jobs count the attempts that are left, know their task's back-off and when they were leased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0002"
down_revision = "engine_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what has been tried already counts."""
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("retries", sa.Integer(), nullable=False, server_default="1"))
        jobs.add_column(sa.Column("backoff", sa.Integer(), nullable=True))
        jobs.add_column(sa.Column("leased_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE jobs SET retries = CASE kind WHEN 'timer' THEN 5 ELSE 3 END - attempts "
        "WHERE attempts < CASE kind WHEN 'timer' THEN 5 ELSE 3 END"
    )
