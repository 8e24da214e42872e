"""Releases of drafts: asked for, reviewed, deployed; and the test cases of processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0024"
down_revision = "engine_0023"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the releases with their files, and the test cases."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "design_releases",
        sa.Column("id", Id, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("running", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("deployed_at", moment, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("migrations", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_releases")),
    )
    op.create_index(
        op.f("ix_design_releases_state_due_at"), "design_releases", ["state", "due_at"], unique=False
    )
    op.create_table(
        "design_release_files",
        sa.Column("release_id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("draft_id", Id, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["design_drafts.id"], name=op.f("fk_design_release_files_draft_id_design_drafts")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["design_releases.id"],
            name=op.f("fk_design_release_files_release_id_design_releases"),
        ),
        sa.PrimaryKeyConstraint("release_id", "name", name=op.f("pk_design_release_files")),
    )
    op.create_table(
        "design_cases",
        sa.Column("id", Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("play", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.Column("removed_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_cases")),
    )
    op.create_index(op.f("ix_design_cases_process_id"), "design_cases", ["process_id"], unique=False)
