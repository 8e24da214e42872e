"""How far an errand has come: so many parts of so many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0027"
down_revision = "engine_0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of what was made before nothing is known."""
    op.add_column("errands", sa.Column("parts_done", sa.Integer, nullable=True))
    op.add_column("errands", sa.Column("parts", sa.Integer, nullable=True))
