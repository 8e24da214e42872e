"""Key evaluations with their working papers, and what their results lead to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0008"
down_revision = "budget_0007"
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
        "budget_agency_services",
        sa.Column("id", Key, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_agency_services_project_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_agency_services"),
    )
    op.create_index("ix_budget_agency_services_agency", "budget_agency_services", ["agency"], unique=False)
    op.create_index(
        "ix_budget_agency_services_project_id", "budget_agency_services", ["project_id"], unique=False
    )
    op.create_table(
        "budget_controls",
        sa.Column("id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("base_amount", sa.BigInteger(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("applied_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_controls_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_controls"),
        sa.UniqueConstraint("fiscal_year", "project_id", name="uq_budget_controls_fiscal_year_project_id"),
    )
    op.create_index("ix_budget_controls_instance_id", "budget_controls", ["instance_id"], unique=False)
    op.create_index("ix_budget_controls_project_id", "budget_controls", ["project_id"], unique=False)
    op.create_table(
        "budget_key_choices",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("complex", sa.Boolean(), nullable=False),
        sa.Column("concerned", sa.Boolean(), nullable=False),
        sa.Column("research", sa.Boolean(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_key_choices_project_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_key_choices"),
        sa.UniqueConstraint("instance_id", "project_id", name="uq_budget_key_choices_instance_id_project_id"),
    )
    op.create_index("ix_budget_key_choices_fiscal_year", "budget_key_choices", ["fiscal_year"], unique=False)
    op.create_index("ix_budget_key_choices_project_id", "budget_key_choices", ["project_id"], unique=False)
    op.create_table(
        "budget_key_evaluations",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("evaluator", sa.String(length=20), nullable=True),
        sa.Column("agency", sa.String(length=40), nullable=True),
        sa.Column("leader", sa.String(length=60), nullable=False),
        sa.Column("methods", sa.String(length=200), nullable=False),
        sa.Column("due_at", Moment, nullable=True),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("noticed_at", Moment, nullable=True),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("ineffective", sa.Boolean(), nullable=False),
        sa.Column("reply", sa.String(length=20), nullable=True),
        sa.Column("self_score", Exact, nullable=True),
        sa.Column("score", Exact, nullable=True),
        sa.Column("grade", sa.String(length=4), nullable=True),
        sa.Column("loose", sa.Boolean(), nullable=False),
        sa.Column("finalized_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_key_evaluations_project_id"
        ),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_key_evaluations"),
    )
    op.create_index(
        "ix_budget_key_evaluations_agency", "budget_key_evaluations", ["agency", "opened_at"], unique=False
    )
    op.create_index(
        "ix_budget_key_evaluations_fiscal_year", "budget_key_evaluations", ["fiscal_year"], unique=False
    )
    op.create_index(
        "ix_budget_key_evaluations_project_id", "budget_key_evaluations", ["project_id"], unique=False
    )
    op.create_table(
        "budget_result_applications",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("score_type", sa.String(length=10), nullable=True),
        sa.Column("score", Exact, nullable=True),
        sa.Column("grade", sa.String(length=4), nullable=True),
        sa.Column("rectified", sa.String(length=20), nullable=False),
        sa.Column("quality", Exact, nullable=True),
        sa.Column("proposed_action", sa.String(length=20), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=True),
        sa.Column("base_amount", sa.BigInteger(), nullable=False),
        sa.Column("proposed_delta", sa.BigInteger(), nullable=True),
        sa.Column("delta", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_result_applications_project_id"
        ),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_result_applications"),
    )
    op.create_index(
        "ix_budget_result_applications_fiscal_year",
        "budget_result_applications",
        ["fiscal_year"],
        unique=False,
    )
    op.create_index(
        "ix_budget_result_applications_project_id", "budget_result_applications", ["project_id"], unique=False
    )
    op.create_table(
        "budget_key_indicators",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("level1", sa.String(length=20), nullable=False),
        sa.Column("level2", sa.String(length=60), nullable=False),
        sa.Column("level3", sa.String(length=100), nullable=False),
        sa.Column("points", Exact, nullable=False),
        sa.Column("score", Exact, nullable=True),
        sa.Column("missing", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["budget_key_evaluations.instance_id"],
            name="fk_budget_key_indicators_evaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_key_indicators"),
    )
    op.create_index(
        "ix_budget_key_indicators_evaluation_id", "budget_key_indicators", ["evaluation_id"], unique=False
    )
    op.create_table(
        "budget_key_issues",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["budget_key_evaluations.instance_id"],
            name="fk_budget_key_issues_evaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_key_issues"),
    )
    op.create_index(
        "ix_budget_key_issues_evaluation_id", "budget_key_issues", ["evaluation_id"], unique=False
    )
    op.create_table(
        "budget_key_surveys",
        sa.Column("evaluation_id", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("served", sa.Integer(), nullable=True),
        sa.Column("satisfaction", Exact, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["budget_key_evaluations.instance_id"],
            name="fk_budget_key_surveys_evaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation_id", name="pk_budget_key_surveys"),
    )
    op.create_table(
        "budget_working_papers",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["budget_key_evaluations.instance_id"],
            name="fk_budget_working_papers_evaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_working_papers"),
    )
    op.create_index(
        "ix_budget_working_papers_evaluation_id", "budget_working_papers", ["evaluation_id"], unique=False
    )


def downgrade() -> None:
    """Drop the tables."""

    op.drop_index("ix_budget_working_papers_evaluation_id", table_name="budget_working_papers")
    op.drop_table("budget_working_papers")
    op.drop_table("budget_key_surveys")
    op.drop_index("ix_budget_key_issues_evaluation_id", table_name="budget_key_issues")
    op.drop_table("budget_key_issues")
    op.drop_index("ix_budget_key_indicators_evaluation_id", table_name="budget_key_indicators")
    op.drop_table("budget_key_indicators")
    op.drop_index("ix_budget_result_applications_project_id", table_name="budget_result_applications")
    op.drop_index("ix_budget_result_applications_fiscal_year", table_name="budget_result_applications")
    op.drop_table("budget_result_applications")
    op.drop_index("ix_budget_key_evaluations_project_id", table_name="budget_key_evaluations")
    op.drop_index("ix_budget_key_evaluations_fiscal_year", table_name="budget_key_evaluations")
    op.drop_index("ix_budget_key_evaluations_agency", table_name="budget_key_evaluations")
    op.drop_table("budget_key_evaluations")
    op.drop_index("ix_budget_key_choices_project_id", table_name="budget_key_choices")
    op.drop_index("ix_budget_key_choices_fiscal_year", table_name="budget_key_choices")
    op.drop_table("budget_key_choices")
    op.drop_index("ix_budget_controls_project_id", table_name="budget_controls")
    op.drop_index("ix_budget_controls_instance_id", table_name="budget_controls")
    op.drop_table("budget_controls")
    op.drop_index("ix_budget_agency_services_project_id", table_name="budget_agency_services")
    op.drop_index("ix_budget_agency_services_agency", table_name="budget_agency_services")
    op.drop_table("budget_agency_services")
