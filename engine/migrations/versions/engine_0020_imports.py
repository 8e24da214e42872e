"""Imports of people, organisations and posts that wait to be applied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0020"
down_revision = "engine_0019"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the files that were tried and wait to be applied."""
    op.create_table(
        "imports",
        sa.Column("id", Id, nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_at"), "imports", ["at"], unique=False)
