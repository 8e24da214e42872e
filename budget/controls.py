"""Control figures (预算控制数): what last year's result lets a project ask for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import BudgetControl, Project


def control_of(session: Session, project: Project) -> BudgetControl | None:
    """Return the control figure that last year's result set for a project, None where there is none."""
    if project.previous_id is None:
        return None
    return session.scalar(
        select(BudgetControl).where(
            BudgetControl.fiscal_year == project.fiscal_year,
            BudgetControl.project_id == project.previous_id,
        )
    )
