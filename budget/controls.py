"""Control figures (预算控制数): what the result of an earlier year lets a project ask for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import BudgetControl, Project

#: A result counts for the next budget year, or for the one after it where the evaluation came a year later.
_YEARS_BACK = 2


def control_of(session: Session, project: Project) -> BudgetControl | None:
    """Return the control figure that an earlier year's result set for a project's year, None where there is none."""
    earlier = project.previous_id
    for _ in range(_YEARS_BACK):
        if earlier is None:
            return None
        found = session.scalar(
            select(BudgetControl).where(
                BudgetControl.fiscal_year == project.fiscal_year, BudgetControl.project_id == earlier
            )
        )
        if found is not None:
            return found
        earlier = session.scalar(select(Project.previous_id).where(Project.id == earlier))
    return None
