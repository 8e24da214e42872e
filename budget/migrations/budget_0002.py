"""Campaigns, and the case of every process instance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0002"
down_revision = "budget_0001"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; goals that are there already become cases."""
    op.create_table(
        "budget_campaigns",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("opens_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("opened_at", Moment, nullable=True),
        sa.Column("closed_at", Moment, nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_budget_campaigns"),
        sa.UniqueConstraint(
            "kind", "fiscal_year", "period", name="uq_budget_campaigns_kind_fiscal_year_period"
        ),
    )
    op.create_index("ix_budget_campaigns_instance_id", "budget_campaigns", ["instance_id"], unique=False)
    op.create_table(
        "budget_cases",
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("campaign_id", Key, nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=True),
        sa.Column("submitted_at", Moment, nullable=True),
        sa.Column("resubmitted_at", Moment, nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("overdue_at", Moment, nullable=True),
        sa.Column("closed_at", Moment, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["budget_units.code"], name="fk_budget_cases_unit"),
        sa.ForeignKeyConstraint(["project_id"], ["budget_projects.id"], name="fk_budget_cases_project_id"),
        sa.ForeignKeyConstraint(["campaign_id"], ["budget_campaigns.id"], name="fk_budget_cases_campaign_id"),
        sa.PrimaryKeyConstraint("instance_id", name="pk_budget_cases"),
    )
    op.create_index("ix_budget_cases_unit", "budget_cases", ["unit"], unique=False)
    op.create_index("ix_budget_cases_project_id", "budget_cases", ["project_id"], unique=False)
    op.create_index("ix_budget_cases_kind", "budget_cases", ["kind", "fiscal_year", "period"], unique=False)
    op.create_index("ix_budget_cases_campaign", "budget_cases", ["campaign_id", "state"], unique=False)
    op.execute(_CASES)


#: A goal's state is its case's: being drafted is open, approved and rejected are closed.
_CASES = """
INSERT INTO budget_cases (instance_id, kind, fiscal_year, period, unit, project_id, state, result, opened_at,
                          submitted_at, resubmitted_at, returns, overdue_at, closed_at)
SELECT g.instance_id, 'GOAL', p.fiscal_year, '', p.unit, p.id,
       CASE g.state WHEN 'DRAFTING' THEN 'OPEN' WHEN 'APPROVED' THEN 'CLOSED' WHEN 'REJECTED' THEN 'CLOSED'
                    ELSE g.state END,
       CASE WHEN g.state IN ('APPROVED', 'REJECTED') THEN g.state END,
       g.opened_at,
       (SELECT MIN(v.submitted_at) FROM budget_goal_versions v WHERE v.goal_id = g.id AND v.state <> 'WITHDRAWN'),
       (SELECT MAX(v.submitted_at) FROM budget_goal_versions v WHERE v.goal_id = g.id AND v.state <> 'WITHDRAWN'),
       g.round - 1, g.overdue_at,
       CASE WHEN g.state IN ('APPROVED', 'REJECTED', 'OFFLINE', 'WITHDRAWN') THEN g.changed_at END
  FROM budget_goals g JOIN budget_projects p ON p.id = g.project_id
 WHERE g.instance_id IS NOT NULL
"""


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("budget_cases")
    op.drop_table("budget_campaigns")
