"""Engagements of third parties: their projects, contracts, performance and credit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0027"
down_revision = "budget_0026"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
#: An exact number, as text.
Exact = sa.String(length=120)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_engagements",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("procurement_no", sa.String(length=60), nullable=True),
        sa.Column("agency", sa.String(length=40), nullable=True),
        sa.Column("contract_no", sa.String(length=60), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("score", Exact, nullable=True),
        sa.Column("credit", sa.String(length=4), nullable=True),
        sa.Column("restricted_until", sa.Date(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_engagements"),
    )
    op.create_index("ix_budget_engagements_fiscal_year", "budget_engagements", ["fiscal_year"])
    op.create_index("ix_budget_engagements_agency", "budget_engagements", ["agency", "closed_at"])
    op.create_table(
        "budget_engagement_objects",
        sa.Column("id", Key, nullable=False),
        sa.Column("engagement_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"],
            ["budget_engagements.instance_id"],
            name="fk_budget_engagement_objects_engagement_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_engagement_objects_project_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_engagement_objects"),
    )
    op.create_index(
        "ix_budget_engagement_objects_engagement_id", "budget_engagement_objects", ["engagement_id"]
    )
    op.create_index("ix_budget_engagement_objects_project_id", "budget_engagement_objects", ["project_id"])
    op.create_table(
        "budget_engagement_points",
        sa.Column("id", Key, nullable=False),
        sa.Column("engagement_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=20), nullable=False),
        sa.Column("points", Exact, nullable=False),
        sa.Column("score", Exact, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"],
            ["budget_engagements.instance_id"],
            name="fk_budget_engagement_points_engagement_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_engagement_points"),
    )
    op.create_index(
        "ix_budget_engagement_points_engagement_id", "budget_engagement_points", ["engagement_id"]
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_engagement_points")
    op.drop_table("budget_engagement_objects")
    op.drop_table("budget_engagements")
