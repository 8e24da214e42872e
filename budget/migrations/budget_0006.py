"""Who a campaign calls for, what was done about lateness, and the responsibility ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0006"
down_revision = "budget_0005"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_campaign_members",
        sa.Column("id", Key, nullable=False),
        sa.Column("campaign_id", Key, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("business_key", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["budget_campaigns.id"],
            name="fk_budget_campaign_members_campaign_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_campaign_members_unit"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_campaign_members_project_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_campaign_members"),
        sa.UniqueConstraint(
            "campaign_id", "business_key", name="uq_budget_campaign_members_campaign_id_business_key"
        ),
    )
    op.create_index(
        "ix_budget_campaign_members_waiting",
        "budget_campaign_members",
        ["campaign_id", "instance_id"],
        unique=False,
    )
    op.create_table(
        "budget_escalations",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("taken_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["budget_cases.instance_id"],
            name="fk_budget_escalations_instance_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_escalations"),
        sa.UniqueConstraint(
            "instance_id", "due_at", "step", name="uq_budget_escalations_instance_id_due_at_step"
        ),
    )
    op.create_table(
        "budget_ledger",
        sa.Column("id", Key, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("campaign_id", Key, nullable=True),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.Column("settled_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_ledger_unit"),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_ledger_project_id"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["budget_campaigns.id"], name="fk_budget_ledger_campaign_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_ledger"),
        sa.UniqueConstraint("instance_id", "event", "since", name="uq_budget_ledger_instance_id_event_since"),
    )
    op.create_index("ix_budget_ledger_unit", "budget_ledger", ["unit"], unique=False)
    op.create_index("ix_budget_ledger_year", "budget_ledger", ["fiscal_year", "unit"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_ledger")
    op.drop_table("budget_escalations")
    op.drop_table("budget_campaign_members")
