"""The full-text search, and what the inbox is filtered by: step, section, reference, urgency."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0019"
down_revision = "engine_0018"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: What the inbox takes over from the rows that it stands for.
_FILL = """
UPDATE inbox SET
 instance_id = (SELECT instance_id FROM work_items WHERE work_items.id = inbox.item_id),
 element = (SELECT element FROM work_items WHERE work_items.id = inbox.item_id),
 priority = (SELECT priority FROM work_items WHERE work_items.id = inbox.item_id),
 urgent_at = (SELECT urgent_at FROM work_items WHERE work_items.id = inbox.item_id),
 reference = (SELECT reference FROM instances JOIN work_items ON work_items.instance_id = instances.id
              WHERE work_items.id = inbox.item_id)
"""


def upgrade() -> None:
    """Add the columns and the search's tables; whatever runs then gives the search the words of all instances."""
    op.add_column("instances", sa.Column("section", sa.String(length=50), nullable=True))
    op.add_column("instances", sa.Column("unsearched", sa.SmallInteger(), server_default="0", nullable=False))
    waiting = sa.text("unsearched > 0")
    op.create_index(
        "ix_instances_unsearched", "instances", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.execute("UPDATE instances SET unsearched = 2")
    for column in (
        sa.Column("instance_id", Id, server_default="0", nullable=False),
        sa.Column("element", sa.String(length=200), server_default="", nullable=False),
        sa.Column("section", sa.String(length=50), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("priority", sa.Integer(), server_default="50", nullable=False),
        sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("inbox", column)
    op.execute(_FILL)
    op.drop_column("inbox", "search")
    op.create_table(
        "search_readers",
        sa.Column("principal", sa.String(length=120), nullable=False),
        sa.Column("row_id", Id, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("principal", "row_id", name=op.f("pk_search_readers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_search_readers_row_id"), "search_readers", ["row_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_words USING fts5(words, detail = none, columnsize = 0, "
            "tokenize = 'ascii')"
        )
    else:
        op.execute("CREATE TABLE search_words (row_id bigint PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_search_words_words ON search_words USING gin (words)")
