"""Monitoring: execution figures, and what units reported at the checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0003"
down_revision = "budget_0002"
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
        "budget_unit_monitoring",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=False),
        sa.Column("executed", sa.BigInteger(), nullable=False),
        sa.Column("forecast", sa.BigInteger(), nullable=False),
        sa.Column("projects", sa.Integer(), nullable=False),
        sa.Column("project_budget", sa.BigInteger(), nullable=False),
        sa.Column("project_executed", sa.BigInteger(), nullable=False),
        sa.Column("money_planned", Exact, nullable=False),
        sa.Column("money_actual", Exact, nullable=True),
        sa.Column("deviation", Exact, nullable=False),
        sa.Column("light", sa.String(length=10), nullable=True),
        sa.Column("action", sa.String(length=10), nullable=True),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("submitted_at", Moment, nullable=False),
        sa.Column("submitted_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_unit_monitoring_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_unit_monitoring"),
        sa.UniqueConstraint("instance_id", "version", name="uq_budget_unit_monitoring_instance_id_version"),
    )
    op.create_index(
        "ix_budget_unit_monitoring_unit",
        "budget_unit_monitoring",
        ["unit", "fiscal_year", "period"],
        unique=False,
    )
    op.create_table(
        "budget_execution_figures",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("book", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("imported_at", Moment, nullable=False),
        sa.Column("imported_by", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_execution_figures_project_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_execution_figures"),
    )
    op.create_index(
        "ix_budget_execution_figures_month",
        "budget_execution_figures",
        ["project_id", "month", "state"],
        unique=False,
    )
    op.create_table(
        "budget_monitoring_records",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("goal_version_id", Key, nullable=True),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("budget_initial", sa.BigInteger(), nullable=False),
        sa.Column("budget_adjusted", sa.BigInteger(), nullable=False),
        sa.Column("executed", sa.BigInteger(), nullable=False),
        sa.Column("forecast", sa.BigInteger(), nullable=False),
        sa.Column("work_progress", Exact, nullable=True),
        sa.Column("goal_progress", sa.Text(), nullable=False),
        sa.Column("money_planned", Exact, nullable=False),
        sa.Column("money_actual", Exact, nullable=True),
        sa.Column("money_deviation", Exact, nullable=False),
        sa.Column("goal_actual", Exact, nullable=True),
        sa.Column("goal_deviation", Exact, nullable=False),
        sa.Column("deviation", Exact, nullable=False),
        sa.Column("light", sa.String(length=10), nullable=True),
        sa.Column("action", sa.String(length=10), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("fund_issues", sa.String(length=60), nullable=False),
        sa.Column("excused", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("submitted_at", Moment, nullable=False),
        sa.Column("submitted_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_monitoring_records_goal_version_id",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_monitoring_records_project_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_monitoring_records"),
        sa.UniqueConstraint(
            "instance_id", "version", name="uq_budget_monitoring_records_instance_id_version"
        ),
    )
    op.create_index(
        "ix_budget_monitoring_records_light",
        "budget_monitoring_records",
        ["fiscal_year", "period", "light"],
        unique=False,
    )
    op.create_index(
        "ix_budget_monitoring_records_project",
        "budget_monitoring_records",
        ["project_id", "period"],
        unique=False,
    )
    op.create_table(
        "budget_monitoring_books",
        sa.Column("id", Key, nullable=False),
        sa.Column("record_id", Key, nullable=False),
        sa.Column("book", sa.String(length=20), nullable=False),
        sa.Column("executed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["budget_monitoring_records.id"],
            name="fk_budget_monitoring_books_record_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_monitoring_books"),
    )
    op.create_index(
        "ix_budget_monitoring_books_record_id", "budget_monitoring_books", ["record_id"], unique=False
    )
    op.create_table(
        "budget_monitoring_indicators",
        sa.Column("id", Key, nullable=False),
        sa.Column("record_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("indicator_id", Key, nullable=True),
        sa.Column("row_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("level1", sa.String(length=20), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("actual", sa.Text(), nullable=False),
        sa.Column("actual_value", Exact, nullable=True),
        sa.Column("completion", Exact, nullable=True),
        sa.Column("planned", Exact, nullable=True),
        sa.Column("deviation", Exact, nullable=True),
        sa.Column("forecast", sa.Text(), nullable=False),
        sa.Column("causes", sa.String(length=100), nullable=False),
        sa.Column("cause_note", sa.Text(), nullable=False),
        sa.Column("likelihood", sa.String(length=20), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["budget_indicators.id"], name="fk_budget_monitoring_indicators_indicator_id"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["budget_monitoring_records.id"],
            name="fk_budget_monitoring_indicators_record_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_monitoring_indicators"),
    )
    op.create_index(
        "ix_budget_monitoring_indicators_record_id",
        "budget_monitoring_indicators",
        ["record_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_monitoring_indicators")
    op.drop_table("budget_monitoring_books")
    op.drop_table("budget_monitoring_records")
    op.drop_table("budget_execution_figures")
    op.drop_table("budget_unit_monitoring")
