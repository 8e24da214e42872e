"""Reviews of self-evaluation reports: rounds, reviewers, points, problems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0021"
down_revision = "budget_0020"
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
        "budget_report_reviews",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("report_type", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("self_score", Exact, nullable=True),
        sa.Column("agency", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("graded_at", Moment, nullable=True),
        sa.Column("score", Exact, nullable=True),
        sa.Column("spread", Exact, nullable=True),
        sa.Column("weakest", Exact, nullable=True),
        sa.Column("grade", sa.String(length=4), nullable=True),
        sa.Column("rectify", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_report_reviews_unit"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_report_reviews_project_id"
        ),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_report_reviews"),
    )
    op.create_index("ix_budget_report_reviews_unit", "budget_report_reviews", ["unit"])
    op.create_index("ix_budget_report_reviews_project_id", "budget_report_reviews", ["project_id"])
    op.create_index("ix_budget_report_reviews_year", "budget_report_reviews", ["fiscal_year", "report_type"])
    op.create_table(
        "budget_report_seats",
        sa.Column("id", Key, nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("principal", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("absent_at", Moment, nullable=True),
        sa.Column("signed_at", Moment, nullable=True),
        sa.Column("total", Exact, nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["budget_report_reviews.instance_id"],
            name="fk_budget_report_seats_review_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_report_seats"),
    )
    op.create_index("ix_budget_report_seats_review_id", "budget_report_seats", ["review_id"])
    op.create_table(
        "budget_report_points",
        sa.Column("id", Key, nullable=False),
        sa.Column("seat_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("aspect", sa.String(length=20), nullable=False),
        sa.Column("points", Exact, nullable=False),
        sa.Column("score", Exact, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"],
            ["budget_report_seats.id"],
            name="fk_budget_report_points_seat_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_report_points"),
    )
    op.create_index("ix_budget_report_points_seat_id", "budget_report_points", ["seat_id"])
    op.create_table(
        "budget_report_issues",
        sa.Column("id", Key, nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["budget_report_reviews.instance_id"],
            name="fk_budget_report_issues_review_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_report_issues"),
    )
    op.create_index("ix_budget_report_issues_review_id", "budget_report_issues", ["review_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_report_issues")
    op.drop_table("budget_report_points")
    op.drop_table("budget_report_seats")
    op.drop_table("budget_report_reviews")
