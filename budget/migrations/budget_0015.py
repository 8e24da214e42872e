"""Budget years that were carried over, and corrections of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0015"
down_revision = "budget_0014"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_years",
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_at", Moment, nullable=False),
        sa.Column("closed_by", sa.String(length=80), nullable=False),
        sa.Column("continued", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("fiscal_year", name="pk_budget_years"),
    )
    op.create_table(
        "budget_corrections",
        sa.Column("id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["fiscal_year"], ["budget_years.fiscal_year"], name="fk_budget_corrections_fiscal_year"
        ),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_corrections_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_corrections"),
    )
    op.create_index("ix_budget_corrections_fiscal_year", "budget_corrections", ["fiscal_year"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_corrections")
    op.drop_table("budget_years")
