"""The call for ex-ante evaluations of next year's new projects: all of them, or the large ones (S3-14, S5-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.ex_ante import candidates
from budget.projects import Register
from budget.tables import Campaign
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "quality", "exante")


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Return the year's new projects that must be evaluated; secret ones count."""
    found = candidates(
        session,
        campaign.fiscal_year,
        (1, 2),
        profile.value("quality.exante_scope"),
        Decimal(profile.value("quality.exante_from")),
    )
    return [
        Assigned(
            unit=unit.code,
            business_key=f"exante-{project.fiscal_year}-{project.code}",
            project_id=project.id,
            amount=project.annual_amount,
            secret=project.secret_flag or unit.secret_flag,
        )
        for project, unit in found
    ]


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variable ``project``."""
    return {"project": register.variables(register.project(assigned.project_id))}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return none: the report is the unit's own."""
    return {}


CAMPAIGN = CampaignKind(
    CaseKind.EX_ANTE_EVALUATION, "ex_ante_evaluation", GROUPS, cohort, variables, documents
)
