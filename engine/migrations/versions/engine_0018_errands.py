"""Files that people had made in the background."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0018"
down_revision = "engine_0017"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "errands",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("instance_id", Id, nullable=True),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("leased_until", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("type", sa.String(length=100), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_errands_instance_id_instances")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errands")),
    )
    op.create_index(op.f("ix_errands_instance_id"), "errands", ["instance_id"], unique=False)
    op.create_index(op.f("ix_errands_person_id"), "errands", ["person", "id"], unique=False)
    op.create_index(op.f("ix_errands_state_id"), "errands", ["state", "id"], unique=False)
    op.create_index(op.f("ix_errands_sha256"), "errands", ["sha256"], unique=False)
