"""How many warnings the checks had of what was reported first, of every case: they count in a unit's quality."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "budget_0025"
down_revision = "budget_0024"
branch_labels = None
depends_on = None

_GOALS = """
UPDATE budget_cases SET warnings = (
    SELECT count(*) FROM budget_quality_results found
    JOIN budget_goal_versions version ON version.id = found.goal_version_id
    JOIN budget_goals goal ON goal.id = version.goal_id
    WHERE goal.project_id = budget_cases.project_id AND version.version = 1 AND found.severity = 'warning'
) WHERE kind = 'GOAL'
"""
_EVALUATIONS = """
UPDATE budget_cases SET warnings = (
    SELECT count(*) FROM budget_evaluation_checks found
    JOIN budget_evaluations evaluation ON evaluation.id = found.evaluation_id
    WHERE evaluation.instance_id = budget_cases.instance_id AND evaluation.score_type = 'SELF'
    AND evaluation.version = 1 AND found.severity = 'warning'
) WHERE kind = 'SELF_EVALUATION'
"""


def upgrade() -> None:
    """Add the column, and count what is known of goals and self-evaluations."""
    op.add_column("budget_cases", sa.Column("warnings", sa.Integer(), nullable=False, server_default="0"))
    op.execute(_GOALS)
    op.execute(_EVALUATIONS)


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("budget_cases", "warnings")
