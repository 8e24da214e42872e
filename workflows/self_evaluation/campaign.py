"""The call to evaluate oneself: who spends evaluates (S2-12), every project with an approved goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.codes import GoalState
from budget.projects import Register
from budget.tables import Campaign, Goal, Unit
from workflows.campaigns import SECRET, Assigned, CampaignKind, projects_called
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "quality", "scoring", "evaluation", "sampling", "grades")


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Return the year's projects with an approved goal of the units of the profile's levels; secret ones count."""
    return projects_called(
        session,
        campaign,
        "selfeval-{year}-{code}",
        Unit.level.in_(profile.value("selfeval.levels")),
        or_(Goal.state == GoalState.APPROVED, SECRET),
    )


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``project``."""
    return {"project": register.variables(register.project(assigned.project_id))}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return none: the process reads the approved goal and the figures itself, with the profile's weights."""
    return {}


CAMPAIGN = CampaignKind(CaseKind.SELF_EVALUATION, "self_evaluation", GROUPS, cohort, variables, documents)
