"""Letters and the templates that they are made with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0024"
down_revision = "budget_0023"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_letter_templates",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("uploaded_by", sa.String(length=100), nullable=False),
        sa.Column("uploaded_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budget_letter_templates"),
        sa.UniqueConstraint("kind", "version", name="uq_budget_letter_templates_kind_version"),
    )
    op.create_table(
        "budget_letters",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=40), nullable=True),
        sa.Column("origin_instance", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("addressee", sa.String(length=200), nullable=False),
        sa.Column("copies_to", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("template_id", Key, nullable=True),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("drafted_by", sa.String(length=100), nullable=True),
        sa.Column("signed_by", sa.String(length=100), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("seal", sa.String(length=60), nullable=False),
        sa.Column("sealed_copies", sa.Integer(), nullable=True),
        sa.Column("sealed_by", sa.String(length=100), nullable=True),
        sa.Column("sealed_at", Moment, nullable=True),
        sa.Column("received_by", sa.String(length=100), nullable=True),
        sa.Column("received_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"], ["budget_letter_templates.id"], name="fk_budget_letters_template_id"
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["budget_units.code"], name="fk_budget_letters_unit_code"),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_letters"),
        sa.UniqueConstraint("kind", "year", "serial", name="uq_budget_letters_kind_year_serial"),
        sa.UniqueConstraint("number", name="uq_budget_letters_number"),
    )
    op.create_index("ix_budget_letters_origin", "budget_letters", ["origin_instance"])
    op.create_index("ix_budget_letters_unit_code", "budget_letters", ["unit_code"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_budget_letters_origin", table_name="budget_letters")
    op.drop_index("ix_budget_letters_unit_code", table_name="budget_letters")
    op.drop_table("budget_letters")
    op.drop_table("budget_letter_templates")
