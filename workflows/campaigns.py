"""What can be called for: a process offers it in its folder's ``campaign.py``, and a campaign starts it for a cohort.

A campaign (:class:`budget.tables.Campaign`) asks a cohort, units or projects, to report by a day. Which ones, and what each
instance starts with, is the process's own knowledge; how they are started, counted, reminded and closed is everybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

import workflows
from budget.cases import CaseKind
from budget.projects import Register
from budget.tables import Campaign, Goal, Project, Unit
from workflows.profiles import Profile

#: That a project's contents may not be kept here.
SECRET = or_(Project.secret_flag, Unit.secret_flag)


@dataclass(frozen=True, slots=True)
class Assigned:
    """One who is called to report: a project of a unit, or the unit itself; ``amount`` in 分."""

    unit: str
    #: The key of the instance that is started; the same again starts nothing.
    business_key: str
    project_id: int | None = None
    amount: int = 0
    #: Its contents may not be kept here (domain §6.4): it counts, without name and amount.
    secret: bool = False


@dataclass(frozen=True, slots=True)
class CampaignKind:
    """A business that is called for.

    ``cohort`` returns who must report, in the order of units; ``variables`` what one's instance starts with besides
    ``campaign``, ``deadline`` and ``profile``; ``documents`` the forms as the clerk finds them, by document name.
    ``groups`` are the groups of the profile that the process reads.
    """

    kind: CaseKind
    process: str
    groups: Sequence[str]
    cohort: Callable[[Session, Campaign, Profile], Sequence[Assigned]]
    variables: Callable[[Register, Assigned, Campaign], Mapping[str, Any]]
    documents: Callable[[Register, Assigned, Campaign], Mapping[str, Mapping[str, Any]]]
    #: What the period may say, where it is not free: a publication's says what is published.
    periods: Sequence[str] = ()


@cache
def kinds() -> Mapping[CaseKind, CampaignKind]:
    """Return what can be called for, by kind."""
    found = {}
    for process in workflows.processes():
        if find_spec(f"workflows.{process}.campaign") is not None:
            offered: CampaignKind | None = getattr(
                import_module(f"workflows.{process}.campaign"), "CAMPAIGN", None
            )
            if offered is not None:
                found[offered.kind] = offered
    return found


def projects_called(
    session: Session, campaign: Campaign, key: str, *conditions: ColumnElement[bool]
) -> list[Assigned]:
    """Return the projects of a campaign's year whose units take part, as far as the conditions hold, by unit.

    ``key`` is the pattern of their business keys. Conditions may name the project, its unit and its goal (NULL without
    one), and :data:`SECRET`.
    """
    query = (
        select(Project.id, Project.code, Project.unit, Project.annual_amount, SECRET.label("secret"))
        .join(Unit, Unit.code == Project.unit)
        .outerjoin(Goal, Goal.project_id == Project.id)
        .where(Project.fiscal_year == campaign.fiscal_year, Unit.in_campaign, *conditions)
        .order_by(Project.unit, Project.id)
    )
    return [
        Assigned(
            unit=row.unit,
            business_key=key.format(code=row.code, year=campaign.fiscal_year, period=campaign.period),
            project_id=row.id,
            amount=row.annual_amount,
            secret=bool(row.secret),
        )
        for row in session.execute(query)
    ]


def start_variables(
    kind: CampaignKind, register: Register, assigned: Assigned, campaign: Campaign, profile: Profile
) -> dict[str, Any]:
    """Return the variables that an instance of a campaign starts with."""
    return {
        **kind.variables(register, assigned, campaign),
        "campaign": {
            "id": campaign.id,
            "kind": str(campaign.kind),
            "year": campaign.fiscal_year,
            "period": campaign.period,
            "title": campaign.title,
            "as_of": campaign.as_of.isoformat() if campaign.as_of else None,
        },
        "deadline": campaign.due_at.astimezone(profile.zone).isoformat(),
        "profile": profile.variables(*kind.groups),
    }
