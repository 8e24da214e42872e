"""What follows from the responsibility ledger, oversight by the people's congress, the indicator library."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0020"
down_revision = "budget_0019"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; a ledger entry knows what followed."""
    op.create_table(
        "budget_library",
        sa.Column("id", Key, nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("level1", sa.String(length=20), nullable=False),
        sa.Column("level2", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("plain", sa.String(length=60), nullable=False),
        sa.Column("operator", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("standard_kind", sa.String(length=20), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", Moment, nullable=False),
        sa.Column("retired_at", Moment, nullable=True),
        sa.Column("retired_by", sa.String(length=80), nullable=True),
        sa.Column("retired_for", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_budget_library"),
    )
    op.create_index("ix_budget_library_instance_id", "budget_library", ["instance_id"])
    op.create_index("ix_budget_library_plain", "budget_library", ["plain"])
    op.create_index("ix_budget_library_type", "budget_library", ["type", "state"])
    op.create_table(
        "budget_accountability",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("measure", sa.String(length=20), nullable=True),
        sa.Column("points", sa.String(length=120), nullable=True),
        sa.Column("appealed", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("issued_at", Moment, nullable=True),
        sa.Column("issued_by", sa.String(length=80), nullable=True),
        sa.Column("talked_on", sa.Date(), nullable=True),
        sa.Column("received_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_accountability_unit"),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_accountability"),
        sa.UniqueConstraint("number", name="uq_budget_accountability_number"),
    )
    op.create_index("ix_budget_accountability_unit", "budget_accountability", ["unit", "fiscal_year"])
    op.create_table(
        "budget_oversights",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("led_by", sa.String(length=100), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("links", sa.String(length=80), nullable=False),
        sa.Column("answered_at", Moment, nullable=True),
        sa.Column("closed_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_oversights_project_id"
        ),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_oversights"),
    )
    op.create_index("ix_budget_oversights_project_id", "budget_oversights", ["project_id"])
    op.create_table(
        "budget_oversight_opinions",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(length=20), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("rectify", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["budget_oversights.instance_id"],
            name="fk_budget_oversight_opinions_instance_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_oversight_opinions"),
    )
    op.create_index("ix_budget_oversight_opinions_instance_id", "budget_oversight_opinions", ["instance_id"])
    op.add_column("budget_ledger", sa.Column("handled_by", sa.BigInteger(), nullable=True))
    op.create_index("ix_budget_ledger_handled_by", "budget_ledger", ["handled_by"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_budget_ledger_handled_by", table_name="budget_ledger")
    op.drop_column("budget_ledger", "handled_by")
    op.drop_index("ix_budget_oversight_opinions_instance_id", table_name="budget_oversight_opinions")
    op.drop_table("budget_oversight_opinions")
    op.drop_index("ix_budget_oversights_project_id", table_name="budget_oversights")
    op.drop_table("budget_oversights")
    op.drop_index("ix_budget_accountability_unit", table_name="budget_accountability")
    op.drop_table("budget_accountability")
    op.drop_index("ix_budget_library_type", table_name="budget_library")
    op.drop_index("ix_budget_library_plain", table_name="budget_library")
    op.drop_index("ix_budget_library_instance_id", table_name="budget_library")
    op.drop_table("budget_library")
