"""The approval of goals: batches, letters, and the goals in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0018"
down_revision = "budget_0017"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_goal_approvals",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("doc_no", sa.String(length=100), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("issued_at", Moment, nullable=True),
        sa.Column("issued_by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_goal_approvals"),
    )
    op.create_index("ix_budget_goal_approvals_fiscal_year", "budget_goal_approvals", ["fiscal_year"])
    op.create_table(
        "budget_goal_letters",
        sa.Column("id", Key, nullable=False),
        sa.Column("approval_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("goals", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", Moment, nullable=True),
        sa.Column("received_by", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"],
            ["budget_goal_approvals.instance_id"],
            name="fk_budget_goal_letters_approval_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["budget_units.code"], name="fk_budget_goal_letters_unit_code"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_goal_letters"),
        sa.UniqueConstraint("approval_id", "unit_code", name="uq_budget_goal_letters_approval_id_unit_code"),
        sa.UniqueConstraint("instance_id", name="uq_budget_goal_letters_instance_id"),
    )
    op.create_index("ix_budget_goal_letters_unit_code", "budget_goal_letters", ["unit_code"])
    op.create_table(
        "budget_goal_letter_items",
        sa.Column("id", Key, nullable=False),
        sa.Column("letter_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("goal_version_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["budget_goal_letters.id"],
            name="fk_budget_goal_letter_items_letter_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_goal_letter_items_project_id"
        ),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_goal_letter_items_goal_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_goal_letter_items"),
        sa.UniqueConstraint(
            "letter_id", "project_id", name="uq_budget_goal_letter_items_letter_id_project_id"
        ),
    )
    op.create_index("ix_budget_goal_letter_items_project_id", "budget_goal_letter_items", ["project_id"])
    op.create_index(
        "ix_budget_goal_letter_items_goal_version_id", "budget_goal_letter_items", ["goal_version_id"]
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_goal_letter_items")
    op.drop_table("budget_goal_letters")
    op.drop_table("budget_goal_approvals")
