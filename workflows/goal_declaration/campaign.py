"""The call to declare goals: every project of the year whose goal nobody works on yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.codes import GoalState
from budget.projects import Register
from budget.tables import Campaign, Goal
from workflows.campaigns import Assigned, CampaignKind, projects_called
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "goal", "quality", "review", "grades")


def cohort(session: Session, campaign: Campaign, _profile: Profile) -> Sequence[Assigned]:
    """Return the year's projects of the units that take part, without those whose goal was opened already."""
    free = Goal.id.is_(None) | Goal.state.in_((GoalState.WITHDRAWN, GoalState.REJECTED))
    return projects_called(session, campaign, "goal-{code}", free)


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``project``."""
    return {"project": register.variables(register.project(assigned.project_id))}


def documents(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Mapping[str, Any]]:
    """Return the goal form with what is known; a secret project has none."""
    if assigned.secret:
        return {}
    return {"goal": register.prefilled(register.project(assigned.project_id))}


CAMPAIGN = CampaignKind(CaseKind.GOAL, "goal_declaration", GROUPS, cohort, variables, documents)
