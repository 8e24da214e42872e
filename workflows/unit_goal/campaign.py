"""The call to declare overall goals: the units that the county's scope names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.projects import Register
from budget.tables import Campaign, Unit
from budget.unit_goals import projects_of
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "quality", "review", "unit_goal")


def is_pilot(unit: Unit, profile: Profile) -> bool:
    """Whether a unit is among those that try overall goals out; every unit is where a county tries nothing out."""
    return profile.value("unit_goal.scope") != "PILOT" or unit.code in profile.value("unit_goal.pilots")


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Return who must report: first-level units, all units, or the pilots (``unit_goal.scope``, domain §7.4 dept.scope)."""
    scope = profile.value("unit_goal.scope")
    query = select(Unit).where(Unit.in_campaign).order_by(Unit.code)
    found = [
        unit
        for unit in session.scalars(query)
        if is_pilot(unit, profile) and (scope in ("PILOT", "ALL") or unit.level == 1)
    ]
    return [
        Assigned(
            unit=unit.code,
            business_key=f"unit-goal-{campaign.fiscal_year}-{unit.code}",
            secret=unit.secret_flag,
        )
        for unit in found
    ]


def variables(register: Register, assigned: Assigned, campaign: Campaign) -> Mapping[str, Any]:
    """Return the variables ``unit``, ``projects_amount`` and ``projects_count``."""
    amount, count = projects_of(register.session, assigned.unit, campaign.fiscal_year)
    return {
        "unit": register.unit_variables(assigned.unit),
        "projects_amount": amount,
        "projects_count": count,
    }


def documents(register: Register, assigned: Assigned, campaign: Campaign) -> Mapping[str, Mapping[str, Any]]:
    """Return the form with what is known; a secret unit has none."""
    if assigned.secret:
        return {}
    unit = register.unit_variables(assigned.unit)
    amount, _ = projects_of(register.session, assigned.unit, campaign.fiscal_year)
    return {
        "unit_goal": {
            "fiscal_year": campaign.fiscal_year,
            "dept_name": unit["name"],
            "dept_function": unit["function"],
            "project_amount": amount,
            "projects_sum": amount,
        }
    }


CAMPAIGN = CampaignKind(CaseKind.UNIT_GOAL, "unit_goal", GROUPS, cohort, variables, documents)
