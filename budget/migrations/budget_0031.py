"""Letters keep what is known of their case or meeting, meetings what a step's form needs, objections how they came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0031"
down_revision = "budget_0030"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns; what was there before has nothing in them."""
    with op.batch_alter_table("budget_letters") as table:
        table.add_column(sa.Column("facts", sa.Text(), nullable=True))
        table.add_column(sa.Column("meeting_id", Key, nullable=True))
        table.create_foreign_key("fk_budget_letters_meeting_id", "budget_meetings", ["meeting_id"], ["id"])
    op.create_index("ix_budget_letters_meeting_id", "budget_letters", ["meeting_id"])
    op.add_column("budget_meeting_items", sa.Column("answers", sa.Text(), nullable=True))
    with op.batch_alter_table("budget_publication_objections") as table:
        table.add_column(sa.Column("contact", sa.String(length=200), nullable=False, server_default=""))
        table.add_column(sa.Column("receipt", sa.String(length=40), nullable=True))
        table.create_unique_constraint("uq_budget_publication_objections_receipt", ["receipt"])


def downgrade() -> None:
    """Take the columns away."""
    with op.batch_alter_table("budget_publication_objections") as table:
        table.drop_constraint("uq_budget_publication_objections_receipt", type_="unique")
        table.drop_column("receipt")
        table.drop_column("contact")
    op.drop_column("budget_meeting_items", "answers")
    op.drop_index("ix_budget_letters_meeting_id", "budget_letters")
    with op.batch_alter_table("budget_letters") as table:
        table.drop_constraint("fk_budget_letters_meeting_id", type_="foreignkey")
        table.drop_column("meeting_id")
        table.drop_column("facts")
