"""The call to monitor: every project of the year that the county monitors, those added in mid-year included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, true
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.codes import GoalState
from budget.projects import Register
from budget.tables import Campaign, Goal, Project
from workflows.campaigns import SECRET, Assigned, CampaignKind, projects_called
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "monitoring", "quality")


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Return the year's projects that the profile's scope names: with an approved goal, or all; by the budgets named; and
    those with money carried over from last year, whatever their budget, where the county says so (S2-08).

    A secret project is called for without its goal (domain §6.4): only that it was handled is registered.
    """
    conditions = []
    funds = profile.value("monitoring.funds")
    if funds:
        conditions.append(Project.fund_book.in_(funds))
    if profile.value("monitoring.scope") == "APPROVED":
        offline = and_(SECRET, Goal.state == GoalState.OFFLINE)
        conditions.append(or_(Goal.state == GoalState.APPROVED, offline))
    named = and_(true(), *conditions)
    if profile.value("monitoring.carryover"):
        named = or_(named, Project.carryover_amount > 0)
    return projects_called(session, campaign, "monitoring-{code}-{period}", named)


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``project``."""
    return {"project": register.variables(register.project(assigned.project_id))}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return nothing: the process itself works out what the form begins with."""
    return {}


CAMPAIGN = CampaignKind(CaseKind.MONITORING, "monitoring", GROUPS, cohort, variables, documents)
