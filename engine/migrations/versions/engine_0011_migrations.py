"""Migrations of instances between versions of their process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0011"
down_revision = "engine_0010"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what was asked, and what became of each instance."""
    op.create_table(
        "migrations",
        sa.Column("id", Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("target_id", Id, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["definitions.id"], name=op.f("fk_migrations_source_id_definitions")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["definitions.id"], name=op.f("fk_migrations_target_id_definitions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migrations")),
    )
    op.create_index(op.f("ix_migrations_finished_at_id"), "migrations", ["finished_at", "id"], unique=False)
    op.create_table(
        "migrated",
        sa.Column("migration_id", Id, autoincrement=False, nullable=False),
        sa.Column("instance_id", Id, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("params", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_migrated_instance_id_instances")
        ),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["migrations.id"], name=op.f("fk_migrated_migration_id_migrations")
        ),
        sa.PrimaryKeyConstraint("migration_id", "instance_id", name=op.f("pk_migrated")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_migrated_migration_id_state"), "migrated", ["migration_id", "state"], unique=False
    )
