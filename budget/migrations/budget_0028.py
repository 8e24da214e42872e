"""Meetings, their agendas and what came of each item."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0028"
down_revision = "budget_0027"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_meetings",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("chair", sa.String(length=100), nullable=False),
        sa.Column("attendees", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("minutes_name", sa.String(length=300), nullable=True),
        sa.Column("minutes_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_budget_meetings"),
        sa.UniqueConstraint("kind", "year", "serial", name="uq_budget_meetings_kind_year_serial"),
    )
    op.create_table(
        "budget_meeting_items",
        sa.Column("id", Key, nullable=False),
        sa.Column("meeting_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.String(length=100), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("attached", sa.Boolean(), nullable=False),
        sa.Column("done_at", Moment, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["budget_meetings.id"],
            name="fk_budget_meeting_items_meeting_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_meeting_items"),
        sa.UniqueConstraint("meeting_id", "item_id", name="uq_budget_meeting_items_meeting_id_item_id"),
    )
    op.create_index("ix_budget_meeting_items_instance_id", "budget_meeting_items", ["instance_id"])
    op.create_index("ix_budget_meeting_items_item_id", "budget_meeting_items", ["item_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_budget_meeting_items_instance_id", table_name="budget_meeting_items")
    op.drop_index("ix_budget_meeting_items_item_id", table_name="budget_meeting_items")
    op.drop_table("budget_meeting_items")
    op.drop_table("budget_meetings")
