"""Texts of goals with their index of similarity, sample goals, results of ex-ante evaluations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from budget import similarity
from budget.tables import Project

revision = "budget_0012"
down_revision = "budget_0011"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; goals that were submitted already are found by their texts."""
    op.create_table(
        "budget_goal_texts",
        sa.Column("project_id", Key, autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["budget_projects.id"], name="fk_budget_goal_texts_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name="pk_budget_goal_texts"),
    )
    op.create_table(
        "budget_goal_text_bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", Key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["budget_goal_texts.project_id"],
            name="fk_budget_goal_text_bands_project_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("band", "project_id", name="pk_budget_goal_text_bands"),
    )
    op.create_index(
        "ix_budget_goal_text_bands_project_id", "budget_goal_text_bands", ["project_id"], unique=False
    )
    op.create_table(
        "budget_samples",
        sa.Column("project_id", Key, autoincrement=False, nullable=False),
        sa.Column("goal_version_id", Key, nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("indicators", sa.Integer(), nullable=False),
        sa.Column("recommended_by", sa.String(length=20), nullable=False),
        sa.Column("chosen_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_samples_project_id"),
        sa.ForeignKeyConstraint(
            ["goal_version_id"],
            ["budget_goal_versions.id"],
            name="fk_budget_samples_goal_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name="pk_budget_samples"),
    )
    op.create_index("ix_budget_samples_goal_version_id", "budget_samples", ["goal_version_id"], unique=False)
    op.create_index("ix_budget_samples_type", "budget_samples", ["type", "project_id"], unique=False)
    op.create_table(
        "budget_ex_ante",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("score", sa.String(length=120), nullable=True),
        sa.Column("concluded_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_ex_ante_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_ex_ante"),
    )
    op.create_index("ix_budget_ex_ante_project_id", "budget_ex_ante", ["project_id"], unique=False)
    _index_texts()


_TEXTS = sa.text(
    """
    SELECT p.id, p.unit, p.fiscal_year, v.goal_annual
      FROM budget_goal_versions v JOIN budget_goals g ON g.id = v.goal_id JOIN budget_projects p ON p.id = g.project_id
     WHERE v.state <> 'WITHDRAWN'
       AND v.version = (SELECT MAX(w.version) FROM budget_goal_versions w
                         WHERE w.goal_id = v.goal_id AND w.state <> 'WITHDRAWN')
    """
)


def _index_texts() -> None:
    with Session(op.get_bind()) as session:
        for id, unit, year, text in session.execute(_TEXTS).all():
            similarity.GOALS.keep(session, Project(id=id, unit=unit, fiscal_year=year), text)
        session.flush()


def downgrade() -> None:
    """Drop the tables."""
    for table in ("budget_ex_ante", "budget_samples", "budget_goal_text_bands", "budget_goal_texts"):
        op.drop_table(table)
