"""Policies that are evaluated ex ante without being projects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0033"
down_revision = "budget_0032"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
_EVALUATED = ("budget_ex_ante", "budget_ex_ante_evaluations")


def upgrade() -> None:
    """Create the table; an evaluation and its result are about a project or about a policy."""
    op.create_table(
        "budget_policies",
        sa.Column("id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("attr", sa.String(length=20), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("annual_amount", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_policies_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_policies"),
        sa.UniqueConstraint("fiscal_year", "code", name="uq_budget_policies_fiscal_year_code"),
    )
    op.create_index("ix_budget_policies_unit", "budget_policies", ["unit"])
    for name in _EVALUATED:
        with op.batch_alter_table(name) as table:
            table.alter_column("project_id", existing_type=Key, nullable=True)
            table.add_column(sa.Column("policy_id", Key, nullable=True))
            table.create_foreign_key(f"fk_{name}_policy_id", "budget_policies", ["policy_id"], ["id"])
            table.create_index(f"ix_{name}_policy_id", ["policy_id"])


def downgrade() -> None:
    """Drop them, with what was evaluated of policies."""
    for name in reversed(_EVALUATED):
        op.execute(sa.text(f"DELETE FROM {name} WHERE project_id IS NULL"))
        with op.batch_alter_table(name) as table:
            table.drop_index(f"ix_{name}_policy_id")
            table.drop_constraint(f"fk_{name}_policy_id", type_="foreignkey")
            table.drop_column("policy_id")
            table.alter_column("project_id", existing_type=Key, nullable=False)
    op.drop_index("ix_budget_policies_unit", table_name="budget_policies")
    op.drop_table("budget_policies")
