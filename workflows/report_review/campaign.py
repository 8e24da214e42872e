"""The call for reports: a sample of the departments' overall reports and of the reports on projects (S1-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.projects import Register
from budget.report_reviews import sample_projects, sample_units
from budget.tables import Campaign
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("days", "quality", "report_review", "grades")


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Draw as many reports of each kind as the profile says, of units that are neither secret nor new."""
    year = campaign.fiscal_year
    units = sample_units(
        session,
        year,
        profile.value("selfeval.levels"),
        int(profile.value("report_review.unit_reports")),
    )
    covered = [unit.code for unit in units]
    projects = sample_projects(session, year, covered, int(profile.value("report_review.project_reports")))
    found = [Assigned(unit=unit.code, business_key=f"report-{year}-{unit.code}") for unit in units]
    found += [
        Assigned(
            unit=project.unit,
            business_key=f"report-{year}-{project.code}",
            project_id=project.id,
            amount=project.annual_amount,
        )
        for project, _ in projects
    ]
    return sorted(found, key=lambda one: (one.unit, one.business_key))


def variables(register: Register, assigned: Assigned, _campaign: Campaign) -> Mapping[str, Any]:
    """Return the variables ``unit``, and ``project``, which is None for the report on a whole department."""
    project = assigned.project_id and register.variables(register.project(assigned.project_id))
    return {"unit": register.unit_variables(assigned.unit), "project": project or None}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return none: the report is the unit's own."""
    return {}


CAMPAIGN = CampaignKind(CaseKind.REPORT_REVIEW, "report_review", GROUPS, cohort, variables, documents)
