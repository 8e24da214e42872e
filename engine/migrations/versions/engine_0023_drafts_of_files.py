"""Drafts of process files with their revisions, and who has one open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0023"
down_revision = "engine_0022"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the drafts."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "design_drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("base_id", Id, nullable=True),
        sa.Column("base_sha256", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"], ["deployments.id"], name=op.f("fk_design_drafts_base_id_deployments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_drafts")),
    )
    still_open = sa.text("state = 'open'")
    op.create_index(
        "uq_design_drafts_open",
        "design_drafts",
        ["name"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "design_revisions",
        sa.Column("draft_id", Id, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["design_drafts.id"], name=op.f("fk_design_revisions_draft_id_design_drafts")
        ),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_design_revisions")),
    )
    op.create_table(
        "design_editors",
        sa.Column("draft_id", Id, autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["design_drafts.id"], name=op.f("fk_design_editors_draft_id_design_drafts")
        ),
        sa.PrimaryKeyConstraint("draft_id", "person", name=op.f("pk_design_editors")),
    )
