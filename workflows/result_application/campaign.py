"""The call to apply results in the budget's window: every evaluated project of the year, and those that refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from budget import results
from budget.cases import CaseKind
from budget.projects import Register
from budget.tables import Campaign
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("result", "quality_score")


def cohort(session: Session, campaign: Campaign, _profile: Profile) -> Sequence[Assigned]:
    """Return the year's projects about whose result nothing is decided yet; what is secret is decided offline."""
    return [
        Assigned(
            unit=unit.code,
            business_key=f"result-{project.fiscal_year}-{project.code}",
            project_id=project.id,
            amount=project.annual_amount,
        )
        for project, unit in results.cohort(session, campaign.fiscal_year)
    ]


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``project``."""
    return {"project": register.variables(register.project(assigned.project_id))}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return none: the process reads the results itself."""
    return {}


CAMPAIGN = CampaignKind(CaseKind.RESULT, "result_application", GROUPS, cohort, variables, documents)
