"""Requests for payments, what was decided on them, and payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0010"
down_revision = "budget_0009"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Exact = sa.String(length=120)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_disbursement_requests",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("contract_amount", sa.BigInteger(), nullable=True),
        sa.Column("physical_progress", Exact, nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=False),
        sa.Column("paid_before", sa.BigInteger(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name=op.f("fk_budget_disbursement_requests_project_id")
        ),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_budget_disbursement_requests")),
    )
    op.create_index(
        op.f("ix_budget_disbursement_requests_project_id"),
        "budget_disbursement_requests",
        ["project_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_budget_disbursement_requests_state"), "budget_disbursement_requests", ["state"], unique=False
    )
    op.create_table(
        "budget_disbursements",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.Column("registered_at", Moment, nullable=False),
        sa.Column("registered_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name=op.f("fk_budget_disbursements_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_disbursements")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_budget_disbursements_instance_id")),
    )
    op.create_index(
        "ix_budget_disbursements_project", "budget_disbursements", ["project_id", "paid_on"], unique=False
    )
    op.create_table(
        "budget_disbursement_reviews",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["budget_disbursement_requests.instance_id"],
            name=op.f("fk_budget_disbursement_reviews_instance_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_disbursement_reviews")),
    )
    op.create_index(
        "ix_budget_disbursement_reviews_decision",
        "budget_disbursement_reviews",
        ["decision", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_budget_disbursement_reviews_instance_id"),
        "budget_disbursement_reviews",
        ["instance_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_disbursement_reviews")
    op.drop_table("budget_disbursements")
    op.drop_table("budget_disbursement_requests")
