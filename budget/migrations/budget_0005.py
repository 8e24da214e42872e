"""Evaluations with the points of their indicators, and what the checks found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0005"
down_revision = "budget_0004"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
#: A decimal kept as its text.
Exact = sa.String(length=120)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_evaluations",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("score_type", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("activity_year", sa.Integer(), nullable=False),
        sa.Column("goal_version_id", Key, nullable=True),
        sa.Column("weight_profile", sa.String(length=20), nullable=False),
        sa.Column("budget_initial", sa.BigInteger(), nullable=True),
        sa.Column("budget_full", sa.BigInteger(), nullable=True),
        sa.Column("executed", sa.BigInteger(), nullable=True),
        sa.Column("execution_points", Exact, nullable=True),
        sa.Column("total", Exact, nullable=False),
        sa.Column("grade", sa.String(length=4), nullable=False),
        sa.Column("goal_actual", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("improvement", sa.Text(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", Moment, nullable=False),
        sa.Column("submitted_by", sa.String(length=100), nullable=False),
        sa.Column("accepted_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_evaluations_project_id"
        ),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_evaluations_unit"),
        sa.ForeignKeyConstraint(
            ["goal_version_id"], ["budget_goal_versions.id"], name="fk_budget_evaluations_goal_version_id"
        ),
        sa.UniqueConstraint(
            "instance_id",
            "score_type",
            "version",
            name="uq_budget_evaluations_instance_id_score_type_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_evaluations"),
    )
    op.create_index("ix_budget_evaluations_project_id", "budget_evaluations", ["project_id"], unique=False)
    op.create_index("ix_budget_evaluations_unit", "budget_evaluations", ["unit"], unique=False)
    op.create_index(
        "ix_budget_evaluations_year",
        "budget_evaluations",
        ["fiscal_year", "score_type", "state"],
        unique=False,
    )
    op.create_table(
        "budget_evaluation_points",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(length=40), nullable=False),
        sa.Column("level1", sa.String(length=20), nullable=False),
        sa.Column("level2", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("actual", sa.Text(), nullable=False),
        sa.Column("band", sa.String(length=10), nullable=True),
        sa.Column("weight", Exact, nullable=False),
        sa.Column("suggested", Exact, nullable=True),
        sa.Column("points", Exact, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["budget_evaluations.id"],
            name="fk_budget_evaluation_points_evaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_evaluation_points"),
    )
    op.create_index(
        "ix_budget_evaluation_points_evaluation_id",
        "budget_evaluation_points",
        ["evaluation_id"],
        unique=False,
    )
    op.create_table(
        "budget_evaluation_checks",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=True),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["budget_evaluations.id"],
            name="fk_budget_evaluation_checks_evaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_evaluation_checks"),
    )
    op.create_index("ix_budget_evaluation_checks_code", "budget_evaluation_checks", ["code"], unique=False)
    op.create_index(
        "ix_budget_evaluation_checks_evaluation_id",
        "budget_evaluation_checks",
        ["evaluation_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_evaluation_checks")
    op.drop_table("budget_evaluation_points")
    op.drop_table("budget_evaluations")
