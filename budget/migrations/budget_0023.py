"""Books that are kept by hand, draws by lot, codes of the budget system, what projects carry over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0023"
down_revision = "budget_0022"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables and the column."""
    op.create_table(
        "budget_draws",
        sa.Column("id", Key, nullable=False),
        sa.Column("book", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budget_draws"),
    )
    op.create_table(
        "budget_system_codes",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ours", sa.String(length=60), nullable=False),
        sa.Column("theirs", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ours", name="pk_budget_system_codes"),
        sa.UniqueConstraint("kind", "theirs", name="uq_budget_system_codes_kind_theirs"),
    )
    op.create_table(
        "budget_book_entries",
        sa.Column("id", Key, nullable=False),
        sa.Column("book", sa.String(length=20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("removed_at", Moment, nullable=True),
        sa.Column("removed_for", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_book_entries_project_id"
        ),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_book_entries_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_book_entries"),
    )
    op.create_index("ix_budget_book_entries_book", "budget_book_entries", ["book", "fiscal_year"])
    op.create_index("ix_budget_book_entries_project_id", "budget_book_entries", ["project_id"])
    op.create_index("ix_budget_book_entries_unit", "budget_book_entries", ["unit"])
    op.create_table(
        "budget_book_versions",
        sa.Column("entry_id", Key, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["budget_book_entries.id"], name="fk_budget_book_versions_entry_id"
        ),
        sa.PrimaryKeyConstraint("entry_id", "version", name="pk_budget_book_versions"),
    )
    op.add_column(
        "budget_projects", sa.Column("carryover_amount", sa.BigInteger(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("budget_projects", "carryover_amount")
    op.drop_table("budget_book_versions")
    op.drop_index("ix_budget_book_entries_unit", table_name="budget_book_entries")
    op.drop_index("ix_budget_book_entries_project_id", table_name="budget_book_entries")
    op.drop_index("ix_budget_book_entries_book", table_name="budget_book_entries")
    op.drop_table("budget_book_entries")
    op.drop_table("budget_system_codes")
    op.drop_table("budget_draws")
