"""Joint reviews: experts' relations to units, the reviews, their seats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0007"
down_revision = "budget_0006"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
#: Exact decimals are kept as text.
Exact = sa.String(length=120)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "budget_expert_relations",
        sa.Column("id", Key, nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_expert_relations_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_expert_relations"),
    )
    op.create_index("ix_budget_expert_relations_person", "budget_expert_relations", ["person"], unique=False)
    op.create_index("ix_budget_expert_relations_unit", "budget_expert_relations", ["unit"], unique=False)
    op.create_table(
        "budget_reviews",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.Column("score", Exact, nullable=True),
        sa.Column("spread", Exact, nullable=True),
        sa.Column("weakest", Exact, nullable=True),
        sa.Column("agreed", Exact, nullable=True),
        sa.Column("grade", sa.String(length=4), nullable=True),
        sa.Column("sample_candidate", sa.Boolean(), nullable=False),
        sa.Column("concluded_by", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_reviews_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_reviews"),
    )
    op.create_index("ix_budget_reviews_instance_id", "budget_reviews", ["instance_id"], unique=False)
    op.create_index("ix_budget_reviews_project_id", "budget_reviews", ["project_id"], unique=False)
    op.create_table(
        "budget_review_seats",
        sa.Column("id", Key, nullable=False),
        sa.Column("review_id", Key, nullable=False),
        sa.Column("principal", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("party", sa.String(length=20), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("absent_at", Moment, nullable=True),
        sa.Column("signed_at", Moment, nullable=True),
        sa.Column("completeness", sa.Integer(), nullable=True),
        sa.Column("relevance", sa.Integer(), nullable=True),
        sa.Column("appropriateness", sa.Integer(), nullable=True),
        sa.Column("feasibility", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("sample_candidate", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["budget_reviews.id"], name="fk_budget_review_seats_review_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_budget_review_seats"),
    )
    op.create_index("ix_budget_review_seats_review_id", "budget_review_seats", ["review_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_review_seats")
    op.drop_table("budget_reviews")
    op.drop_table("budget_expert_relations")
