"""Rectifications, holds on money, and notices to the treasury section."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0004"
down_revision = "budget_0003"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_holds",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("until", Moment, nullable=True),
        sa.Column("origin_kind", sa.String(length=20), nullable=False),
        sa.Column("origin_instance", sa.BigInteger(), nullable=True),
        sa.Column("origin_period", sa.String(length=20), nullable=False),
        sa.Column("released_at", Moment, nullable=True),
        sa.Column("released_reason", sa.Text(), nullable=True),
        sa.Column("released_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name=op.f("fk_budget_holds_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_holds")),
    )
    op.create_index(
        "ix_budget_holds_origin", "budget_holds", ["origin_instance", "origin_kind"], unique=False
    )
    op.create_index("ix_budget_holds_project", "budget_holds", ["project_id", "released_at"], unique=False)
    op.create_table(
        "budget_rectifications",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("origin_kind", sa.String(length=20), nullable=False),
        sa.Column("origin_instance", sa.BigInteger(), nullable=True),
        sa.Column("origin_period", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("linked_action", sa.String(length=10), nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("issued_at", Moment, nullable=True),
        sa.Column("issued_by", sa.String(length=100), nullable=True),
        sa.Column("due_at", Moment, nullable=True),
        sa.Column("received_at", Moment, nullable=True),
        sa.Column("received_by", sa.String(length=100), nullable=True),
        sa.Column("planned_at", Moment, nullable=True),
        sa.Column("reported_at", Moment, nullable=True),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("extension_days", sa.Integer(), nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name=op.f("fk_budget_rectifications_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_rectifications")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_budget_rectifications_instance_id")),
        sa.UniqueConstraint("number", name=op.f("uq_budget_rectifications_number")),
    )
    op.create_index(
        "ix_budget_rectifications_origin",
        "budget_rectifications",
        ["origin_instance", "origin_kind"],
        unique=False,
    )
    op.create_index(
        op.f("ix_budget_rectifications_project_id"), "budget_rectifications", ["project_id"], unique=False
    )
    op.create_index(op.f("ix_budget_rectifications_state"), "budget_rectifications", ["state"], unique=False)
    op.create_table(
        "budget_rectification_actions",
        sa.Column("id", Key, nullable=False),
        sa.Column("rectification_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("issue_no", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("finish_date", sa.Date(), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["budget_rectifications.id"],
            name=op.f("fk_budget_rectification_actions_rectification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_rectification_actions")),
    )
    op.create_index(
        op.f("ix_budget_rectification_actions_rectification_id"),
        "budget_rectification_actions",
        ["rectification_id"],
        unique=False,
    )
    op.create_table(
        "budget_rectification_escalations",
        sa.Column("id", Key, nullable=False),
        sa.Column("rectification_id", Key, nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["budget_rectifications.id"],
            name=op.f("fk_budget_rectification_escalations_rectification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_rectification_escalations")),
    )
    op.create_index(
        op.f("ix_budget_rectification_escalations_rectification_id"),
        "budget_rectification_escalations",
        ["rectification_id"],
        unique=False,
    )
    op.create_table(
        "budget_rectification_issues",
        sa.Column("id", Key, nullable=False),
        sa.Column("rectification_id", Key, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["budget_rectifications.id"],
            name=op.f("fk_budget_rectification_issues_rectification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_rectification_issues")),
    )
    op.create_index(
        op.f("ix_budget_rectification_issues_rectification_id"),
        "budget_rectification_issues",
        ["rectification_id"],
        unique=False,
    )
    op.create_table(
        "budget_rectification_verifications",
        sa.Column("id", Key, nullable=False),
        sa.Column("rectification_id", Key, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.String(length=100), nullable=False),
        sa.Column("verified_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["budget_rectifications.id"],
            name=op.f("fk_budget_rectification_verifications_rectification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_rectification_verifications")),
    )
    op.create_index(
        op.f("ix_budget_rectification_verifications_rectification_id"),
        "budget_rectification_verifications",
        ["rectification_id"],
        unique=False,
    )
    op.create_table(
        "budget_treasury_notices",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("hold_id", Key, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("received_at", Moment, nullable=True),
        sa.Column("received_by", sa.String(length=100), nullable=True),
        sa.Column("executed_at", Moment, nullable=True),
        sa.Column("executed_by", sa.String(length=100), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["budget_holds.id"], name=op.f("fk_budget_treasury_notices_hold_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name=op.f("fk_budget_treasury_notices_project_id")
        ),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_budget_treasury_notices")),
    )
    op.create_index(
        op.f("ix_budget_treasury_notices_hold_id"), "budget_treasury_notices", ["hold_id"], unique=False
    )
    op.create_index(
        op.f("ix_budget_treasury_notices_project_id"), "budget_treasury_notices", ["project_id"], unique=False
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_treasury_notices")
    op.drop_table("budget_rectification_verifications")
    op.drop_table("budget_rectification_issues")
    op.drop_table("budget_rectification_escalations")
    op.drop_table("budget_rectification_actions")
    op.drop_table("budget_rectifications")
    op.drop_table("budget_holds")
