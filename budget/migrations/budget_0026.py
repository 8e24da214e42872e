"""Ex-ante evaluations: rounds, reviewers, points of each item."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0026"
down_revision = "budget_0025"
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
        "budget_ex_ante_evaluations",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("score", Exact, nullable=True),
        sa.Column("invest_score", Exact, nullable=True),
        sa.Column("qualified", sa.Boolean(), nullable=True),
        sa.Column("cut_amount", sa.BigInteger(), nullable=False),
        sa.Column("rereviewed", sa.Boolean(), nullable=False),
        sa.Column("conclusion", sa.String(length=20), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("concluded_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_ex_ante_evaluations_project_id"
        ),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_ex_ante_evaluations"),
    )
    op.create_index("ix_budget_ex_ante_evaluations_project_id", "budget_ex_ante_evaluations", ["project_id"])
    op.create_index(
        "ix_budget_ex_ante_evaluations_fiscal_year", "budget_ex_ante_evaluations", ["fiscal_year"]
    )
    op.create_table(
        "budget_ex_ante_seats",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", sa.BigInteger(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("principal", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("absent_at", Moment, nullable=True),
        sa.Column("signed_at", Moment, nullable=True),
        sa.Column("total", Exact, nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["budget_ex_ante_evaluations.instance_id"],
            name="fk_budget_ex_ante_seats_evaluation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_ex_ante_seats"),
    )
    op.create_index("ix_budget_ex_ante_seats_evaluation_id", "budget_ex_ante_seats", ["evaluation_id"])
    op.create_table(
        "budget_ex_ante_points",
        sa.Column("id", Key, nullable=False),
        sa.Column("seat_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("score", Exact, nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"],
            ["budget_ex_ante_seats.id"],
            name="fk_budget_ex_ante_points_seat_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_ex_ante_points"),
    )
    op.create_index("ix_budget_ex_ante_points_seat_id", "budget_ex_ante_points", ["seat_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_ex_ante_points")
    op.drop_table("budget_ex_ante_seats")
    op.drop_table("budget_ex_ante_evaluations")
