"""What self-evaluations tell, with their index of similarity: copies of other units' are found (DQ14)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from budget import similarity
from budget.tables import Project

revision = "budget_0032"
down_revision = "budget_0031"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = sa.text(
    """
    SELECT p.id, p.unit, p.fiscal_year, e.goal_actual
      FROM budget_evaluations e JOIN budget_projects p ON p.id = e.project_id
     WHERE e.score_type = 'SELF' AND e.state <> 'WITHDRAWN'
       AND e.id = (SELECT MAX(o.id) FROM budget_evaluations o
                    WHERE o.project_id = e.project_id AND o.score_type = 'SELF' AND o.state <> 'WITHDRAWN')
    """
)


def upgrade() -> None:
    """Create the tables; self-evaluations that were submitted already are found by their texts."""
    op.create_table(
        "budget_evaluation_texts",
        sa.Column("project_id", Key, autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["budget_projects.id"],
            name="fk_budget_evaluation_texts_project_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name="pk_budget_evaluation_texts"),
    )
    op.create_table(
        "budget_evaluation_text_bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["budget_evaluation_texts.project_id"],
            name="fk_budget_evaluation_text_bands_project_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("band", "project_id", name="pk_budget_evaluation_text_bands"),
    )
    op.create_index(
        "ix_budget_evaluation_text_bands_project_id",
        "budget_evaluation_text_bands",
        ["project_id"],
        unique=False,
    )
    with Session(op.get_bind()) as session:
        for id, unit, year, text in session.execute(_TEXTS).all():
            similarity.EVALUATIONS.keep(session, Project(id=id, unit=unit, fiscal_year=year), text)
        session.flush()


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_evaluation_text_bands")
    op.drop_table("budget_evaluation_texts")
