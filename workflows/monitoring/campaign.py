"""The call to monitor: every project of the year that the county monitors, those added in mid-year included."""

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
GROUPS = ("days", "monitoring", "quality")


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Return the year's projects that the profile's scope names: with an approved goal, or all; by the budgets named.

    A secret project is called for without its goal (domain §6.4): only that it was handled is registered.
    """
    query = (
        select(Project, Unit, Goal.state)
        .join(Unit, Unit.code == Project.unit)
        .outerjoin(Goal, Goal.project_id == Project.id)
        .where(Project.fiscal_year == campaign.fiscal_year, Unit.in_campaign)
        .order_by(Project.unit, Project.id)
    )
    funds = profile.value("monitoring.funds")
    if funds:
        query = query.where(Project.fund_book.in_(funds))
    only_approved = profile.value("monitoring.scope") == "APPROVED"
    called = []
    for project, unit, goal in session.execute(query):
        secret = project.secret_flag or unit.secret_flag
        if only_approved and not (goal == GoalState.APPROVED or (secret and goal == GoalState.OFFLINE)):
            continue
        called.append(
            Assigned(
                unit=unit.code,
                business_key=f"monitoring-{project.code}-{campaign.period}",
                project_id=project.id,
                amount=project.annual_amount,
                secret=secret,
            )
        )
    return called


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``project``."""
    return {"project": register.variables(register.project(assigned.project_id))}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return nothing: the process itself works out what the form begins with."""
    return {}


CAMPAIGN = CampaignKind(CaseKind.MONITORING, "monitoring", GROUPS, cohort, variables, documents)
