"""What units publish, item by item, where it stands, and what was objected to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0022"
down_revision = "budget_0021"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_publications",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_code", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=True),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("confirmed_by", sa.String(length=100), nullable=True),
        sa.Column("confirmed_at", Moment, nullable=True),
        sa.Column("reviewed_by", sa.String(length=100), nullable=True),
        sa.Column("reviewed_at", Moment, nullable=True),
        sa.Column("notice_from", Moment, nullable=True),
        sa.Column("notice_until", Moment, nullable=True),
        sa.Column("release_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("published_at", Moment, nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replaces"], ["budget_publications.instance_id"], name="fk_budget_publications_replaces"
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["budget_units.code"], name="fk_budget_publications_unit_code"
        ),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_publications"),
    )
    op.create_index("ix_budget_publications_state", "budget_publications", ["state"])
    op.create_index(
        "ix_budget_publications_year", "budget_publications", ["fiscal_year", "kind", "unit_code"]
    )
    op.create_table(
        "budget_publication_items",
        sa.Column("id", Key, nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_publication_items_project_id"
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["budget_publications.instance_id"],
            name="fk_budget_publication_items_publication_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_publication_items"),
    )
    op.create_index("ix_budget_publication_items_project_id", "budget_publication_items", ["project_id"])
    op.create_index(
        "ix_budget_publication_items_publication_id", "budget_publication_items", ["publication_id"]
    )
    op.create_table(
        "budget_publication_channels",
        sa.Column("id", Key, nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("screenshot", sa.String(length=300), nullable=False),
        sa.Column("recorded_by", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["budget_publications.instance_id"],
            name="fk_budget_publication_channels_publication_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_publication_channels"),
        sa.UniqueConstraint(
            "publication_id", "channel", name="uq_budget_publication_channels_publication_id_channel"
        ),
    )
    op.create_index(
        "ix_budget_publication_channels_publication_id", "budget_publication_channels", ["publication_id"]
    )
    op.create_table(
        "budget_publication_objections",
        sa.Column("id", Key, nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["budget_publications.instance_id"],
            name="fk_budget_publication_objections_publication_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_publication_objections"),
    )
    op.create_index(
        "ix_budget_publication_objections_publication_id", "budget_publication_objections", ["publication_id"]
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(
        "ix_budget_publication_objections_publication_id", table_name="budget_publication_objections"
    )
    op.drop_table("budget_publication_objections")
    op.drop_index("ix_budget_publication_channels_publication_id", table_name="budget_publication_channels")
    op.drop_table("budget_publication_channels")
    op.drop_index("ix_budget_publication_items_project_id", table_name="budget_publication_items")
    op.drop_index("ix_budget_publication_items_publication_id", table_name="budget_publication_items")
    op.drop_table("budget_publication_items")
    op.drop_index("ix_budget_publications_state", table_name="budget_publications")
    op.drop_index("ix_budget_publications_year", table_name="budget_publications")
    op.drop_table("budget_publications")
