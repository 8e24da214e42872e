"""Bulk runs: lists of tasks that one operation is done to, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0015"
down_revision = "engine_0014"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the runs and their tasks."""
    op.create_table(
        "bulks",
        sa.Column("id", Id, nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("operation", sa.String(length=20), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("retry_of", Id, nullable=True),
        sa.Column("chosen_at", Moment, nullable=False),
        sa.Column("confirmed_at", Moment, nullable=True),
        sa.Column("stopped_at", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["retry_of"], ["bulks.id"], name=op.f("fk_bulks_retry_of_bulks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulks")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bulks_person_id"), "bulks", ["person", "id"], unique=False)
    op.create_index(
        op.f("ix_bulks_finished_at_confirmed_at"), "bulks", ["finished_at", "confirmed_at"], unique=False
    )
    op.create_table(
        "bulk_items",
        sa.Column("bulk_id", Id, autoincrement=False, nullable=False),
        sa.Column("item_id", Id, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("instance_id", Id, nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulks.id"], name=op.f("fk_bulk_items_bulk_id_bulks")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_bulk_items_instance_id_instances")
        ),
        sa.PrimaryKeyConstraint("bulk_id", "item_id", name=op.f("pk_bulk_items")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_bulk_items_bulk_id_state_place"), "bulk_items", ["bulk_id", "state", "place"], unique=False
    )
    op.create_index(op.f("ix_bulk_items_instance_id"), "bulk_items", ["instance_id"], unique=False)
