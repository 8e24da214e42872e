"""The call to evaluate overall spending: the units of the levels that the county names (``selfeval.levels``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.projects import Register
from budget.tables import Campaign, Unit
from budget.unit_evaluations import begun
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile
from workflows.unit_goal.campaign import is_pilot

#: What the process reads of the profile.
GROUPS = ("days", "quality", "scoring", "grades")


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Return the units that take part, of the county's levels; where overall goals are tried out, those that do."""
    levels = profile.value("selfeval.levels")
    query = select(Unit).where(Unit.in_campaign, Unit.level.in_(levels)).order_by(Unit.code)
    return [
        Assigned(
            unit=unit.code,
            business_key=f"unit-self-evaluation-{campaign.fiscal_year}-{unit.code}",
            secret=unit.secret_flag,
        )
        for unit in session.scalars(query)
        if is_pilot(unit, profile)
    ]


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``unit``."""
    return {"unit": register.unit_variables(assigned.unit)}


def documents(register: Register, assigned: Assigned, campaign: Campaign) -> Mapping[str, Mapping[str, Any]]:
    """Return the form with what is known; a secret unit has none."""
    if assigned.secret:
        return {}
    known = begun(register.session, assigned.unit, campaign.fiscal_year)
    return {"unit_self_evaluation": known | {"unit_name": register.unit_variables(assigned.unit)["name"]}}


CAMPAIGN = CampaignKind(
    CaseKind.UNIT_SELF_EVALUATION, "unit_self_evaluation", GROUPS, cohort, variables, documents
)
