"""Cases about the same matter are found by reference, and by unit and subject."""

from __future__ import annotations

from alembic import op

revision = "engine_0021"
down_revision = "engine_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two indices."""
    op.create_index(op.f("ix_instances_reference"), "instances", ["reference"], unique=False)
    op.create_index(op.f("ix_instances_unit_subject"), "instances", ["unit", "subject"], unique=False)
