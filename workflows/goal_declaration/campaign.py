"""The call to declare goals: every project of the year whose goal nobody works on yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.codes import GoalState
from budget.projects import Register
from budget.tables import Campaign, Goal, Project, Unit
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "goal", "quality", "review")


def cohort(session: Session, campaign: Campaign, _profile: Profile) -> Sequence[Assigned]:
    """Return the year's projects of the units that take part, without those whose goal was opened already."""
    query = (
        select(Project, Unit)
        .join(Unit, Unit.code == Project.unit)
        .outerjoin(Goal, Goal.project_id == Project.id)
        .where(Project.fiscal_year == campaign.fiscal_year, Unit.in_campaign)
        .where(Goal.id.is_(None) | Goal.state.in_((GoalState.WITHDRAWN, GoalState.REJECTED)))
        .order_by(Project.unit, Project.id)
    )
    return [
        Assigned(
            unit=unit.code,
            business_key=f"goal-{project.code}",
            project_id=project.id,
            amount=project.annual_amount,
            secret=project.secret_flag or unit.secret_flag,
        )
        for project, unit in session.execute(query)
    ]


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``project``."""
    return {"project": register.variables(register.project(assigned.project_id))}


def documents(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Mapping[str, Any]]:
    """Return the goal form with what is known; a secret project has none."""
    if assigned.secret:
        return {}
    return {"goal": register.prefilled(register.project(assigned.project_id))}


CAMPAIGN = CampaignKind(CaseKind.GOAL, "goal_declaration", GROUPS, cohort, variables, documents)
