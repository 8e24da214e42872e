"""The budget's first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0001"
down_revision = None
branch_labels = ("budget",)
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_counters",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_budget_counters"),
    )
    op.create_table(
        "budget_sections",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_budget_sections"),
    )
    op.create_table(
        "budget_units",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(length=40), nullable=True),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("secret_flag", sa.Boolean(), nullable=False),
        sa.Column("established_at", sa.Date(), nullable=True),
        sa.Column("in_campaign", sa.Boolean(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["budget_units.code"], name="fk_budget_units_parent"),
        sa.ForeignKeyConstraint(["section"], ["budget_sections.code"], name="fk_budget_units_section"),
        sa.PrimaryKeyConstraint("code", name="pk_budget_units"),
    )
    op.create_index("ix_budget_units_parent", "budget_units", ["parent"], unique=False)
    op.create_index("ix_budget_units_section", "budget_units", ["section"], unique=False)
    op.create_table(
        "budget_projects",
        sa.Column("id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("attr", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("parent_id", Key, nullable=True),
        sa.Column("previous_id", Key, nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("leader", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("annual_amount", sa.BigInteger(), nullable=False),
        sa.Column("fund_book", sa.String(length=20), nullable=False),
        sa.Column("prior_grade", sa.String(length=4), nullable=True),
        sa.Column("secret_flag", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["budget_projects.id"], name="fk_budget_projects_parent_id"),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["budget_projects.id"], name="fk_budget_projects_previous_id"
        ),
        sa.ForeignKeyConstraint(["section"], ["budget_sections.code"], name="fk_budget_projects_section"),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_projects_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_projects"),
        sa.UniqueConstraint("fiscal_year", "code", name="uq_budget_projects_fiscal_year_code"),
    )
    op.create_index("ix_budget_projects_parent_id", "budget_projects", ["parent_id"], unique=False)
    op.create_index("ix_budget_projects_previous_id", "budget_projects", ["previous_id"], unique=False)
    op.create_index("ix_budget_projects_section", "budget_projects", ["section"], unique=False)
    op.create_index("ix_budget_projects_unit", "budget_projects", ["unit"], unique=False)
    op.create_table(
        "budget_goals",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=4), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_goals_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_goals"),
        sa.UniqueConstraint("number", name="uq_budget_goals_number"),
        sa.UniqueConstraint("project_id", name="uq_budget_goals_project_id"),
    )
    op.create_index("ix_budget_goals_instance_id", "budget_goals", ["instance_id"], unique=False)
    op.create_index("ix_budget_goals_state", "budget_goals", ["state"], unique=False)
    op.create_table(
        "budget_goal_versions",
        sa.Column("id", Key, nullable=False),
        sa.Column("goal_id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("goal_annual", sa.Text(), nullable=False),
        sa.Column("goal_longterm", sa.Text(), nullable=True),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("annual_amount", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.String(length=100), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_by", sa.String(length=100), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["budget_goals.id"], name="fk_budget_goal_versions_goal_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_goal_versions"),
        sa.UniqueConstraint("goal_id", "version", name="uq_budget_goal_versions_goal_id_version"),
    )
    op.create_index("ix_budget_goal_versions_state", "budget_goal_versions", ["state"], unique=False)
    op.create_table(
        "budget_expense_items",
        sa.Column("id", Key, nullable=False),
        sa.Column("goal_version_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_expense_items_goal_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_expense_items"),
    )
    op.create_index(
        "ix_budget_expense_items_goal_version_id",
        "budget_expense_items",
        ["goal_version_id"],
        unique=False,
    )
    op.create_table(
        "budget_fund_sources",
        sa.Column("id", Key, nullable=False),
        sa.Column("goal_version_id", Key, nullable=False),
        sa.Column("book", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_fund_sources_goal_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_fund_sources"),
    )
    op.create_index(
        "ix_budget_fund_sources_goal_version_id",
        "budget_fund_sources",
        ["goal_version_id"],
        unique=False,
    )
    op.create_table(
        "budget_indicators",
        sa.Column("id", Key, nullable=False),
        sa.Column("goal_version_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(length=60), nullable=False),
        sa.Column("level1", sa.String(length=20), nullable=False),
        sa.Column("level2", sa.String(length=20), nullable=False),
        sa.Column("level3_name", sa.String(length=200), nullable=False),
        sa.Column("nature", sa.String(length=10), nullable=False),
        sa.Column("operator", sa.String(length=10), nullable=False),
        sa.Column("target_value", sa.String(length=120), nullable=True),
        sa.Column("target_value_max", sa.String(length=120), nullable=True),
        sa.Column("target_text", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("longterm_target", sa.Text(), nullable=True),
        sa.Column("weight_score", sa.String(length=120), nullable=True),
        sa.Column("formula", sa.Text(), nullable=True),
        sa.Column("standard_source", sa.String(length=20), nullable=True),
        sa.Column("standard_note", sa.Text(), nullable=True),
        sa.Column("evidence_required", sa.Text(), nullable=True),
        sa.Column("last_year_actual", sa.String(length=120), nullable=True),
        sa.Column("library_id", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_indicators_goal_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_indicators"),
    )
    op.create_index(
        "ix_budget_indicators_goal_version_id", "budget_indicators", ["goal_version_id"], unique=False
    )
    op.create_table(
        "budget_milestones",
        sa.Column("id", Key, nullable=False),
        sa.Column("goal_version_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_milestones_goal_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_milestones"),
    )
    op.create_index(
        "ix_budget_milestones_goal_version_id", "budget_milestones", ["goal_version_id"], unique=False
    )
    op.create_table(
        "budget_quality_results",
        sa.Column("id", Key, nullable=False),
        sa.Column("goal_version_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=True),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_quality_results_goal_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_quality_results"),
    )
    op.create_index("ix_budget_quality_results_code", "budget_quality_results", ["code"], unique=False)
    op.create_index(
        "ix_budget_quality_results_goal_version_id",
        "budget_quality_results",
        ["goal_version_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_budget_quality_results_goal_version_id", table_name="budget_quality_results")
    op.drop_index("ix_budget_quality_results_code", table_name="budget_quality_results")
    op.drop_table("budget_quality_results")
    op.drop_index("ix_budget_milestones_goal_version_id", table_name="budget_milestones")
    op.drop_table("budget_milestones")
    op.drop_index("ix_budget_indicators_goal_version_id", table_name="budget_indicators")
    op.drop_table("budget_indicators")
    op.drop_index("ix_budget_fund_sources_goal_version_id", table_name="budget_fund_sources")
    op.drop_table("budget_fund_sources")
    op.drop_index("ix_budget_expense_items_goal_version_id", table_name="budget_expense_items")
    op.drop_table("budget_expense_items")
    op.drop_index("ix_budget_goal_versions_state", table_name="budget_goal_versions")
    op.drop_table("budget_goal_versions")
    op.drop_index("ix_budget_goals_state", table_name="budget_goals")
    op.drop_index("ix_budget_goals_instance_id", table_name="budget_goals")
    op.drop_table("budget_goals")
    op.drop_index("ix_budget_projects_unit", table_name="budget_projects")
    op.drop_index("ix_budget_projects_section", table_name="budget_projects")
    op.drop_index("ix_budget_projects_previous_id", table_name="budget_projects")
    op.drop_index("ix_budget_projects_parent_id", table_name="budget_projects")
    op.drop_table("budget_projects")
    op.drop_index("ix_budget_units_section", table_name="budget_units")
    op.drop_index("ix_budget_units_parent", table_name="budget_units")
    op.drop_table("budget_units")
    op.drop_table("budget_sections")
    op.drop_table("budget_counters")
