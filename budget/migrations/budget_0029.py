"""Units' evaluations of their overall spending."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0029"
down_revision = "budget_0028"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "budget_unit_evaluations",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("budget_full", sa.BigInteger(), nullable=False),
        sa.Column("executed", sa.BigInteger(), nullable=False),
        sa.Column("execution_points", sa.String(length=120), nullable=False),
        sa.Column("total", sa.String(length=120), nullable=False),
        sa.Column("grade", sa.String(length=4), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("improvement", sa.Text(), nullable=False),
        sa.Column("submitted_at", Moment, nullable=False),
        sa.Column("accepted_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_unit_evaluations_unit"),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_unit_evaluations"),
    )
    op.create_index("ix_budget_unit_evaluations_fiscal_year", "budget_unit_evaluations", ["fiscal_year"])
    op.create_index("ix_budget_unit_evaluations_unit", "budget_unit_evaluations", ["unit"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_budget_unit_evaluations_unit", table_name="budget_unit_evaluations")
    op.drop_index("ix_budget_unit_evaluations_fiscal_year", table_name="budget_unit_evaluations")
    op.drop_table("budget_unit_evaluations")
