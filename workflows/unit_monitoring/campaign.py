"""The call to monitor overall spending: every first-level unit that takes part, with the units under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.projects import Register
from budget.tables import Campaign, Unit
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "monitoring", "quality")


def cohort(session: Session, campaign: Campaign, _profile: Profile) -> Sequence[Assigned]:
    """Return the first-level units that take part."""
    query = select(Unit).where(Unit.in_campaign, Unit.level == 1).order_by(Unit.code)
    return [
        Assigned(
            unit=unit.code,
            business_key=f"unit-monitoring-{campaign.fiscal_year}-{campaign.period}-{unit.code}",
            secret=unit.secret_flag,
        )
        for unit in session.scalars(query)
    ]


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``unit``."""
    return {"unit": register.unit_variables(assigned.unit)}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return nothing: the process itself works out what the form begins with."""
    return {}


CAMPAIGN = CampaignKind(CaseKind.UNIT_MONITORING, "unit_monitoring", GROUPS, cohort, variables, documents)
