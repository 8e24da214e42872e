"""The call to publish: every unit that has something of the kind that the campaign's period names (S3-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.projects import Register
from budget.publishing.codes import PublicationKind, PublicationState
from budget.publishing.collecting import collect
from budget.tables import Campaign, Publication
from workflows.campaigns import Assigned, CampaignKind
from workflows.profiles import Profile

#: What the process reads of the profile.
GROUPS = ("publication",)


def cohort(session: Session, campaign: Campaign, profile: Profile) -> Sequence[Assigned]:
    """Return the units that have something to publish and haven't published it yet; secret ones are in no list.

    Nobody is called where the county's rules don't publish the kind at all (D09).
    """
    kind = PublicationKind.of_period(campaign.period)
    if kind is None or profile.value(f"publication.{kind.setting}") == "NONE":
        return []
    done = set(
        session.scalars(
            select(Publication.unit_code).where(
                Publication.fiscal_year == campaign.fiscal_year,
                Publication.kind == kind,
                Publication.state != PublicationState.DROPPED,
            )
        )
    )
    amounts: dict[str, int] = {}
    for one in collect(session, kind, campaign.fiscal_year):
        amounts[one.unit] = amounts.get(one.unit, 0) + (one.amount or 0)
    return [
        Assigned(unit, f"publication-{kind}-{campaign.fiscal_year}-{unit}", amount=amount)
        for unit, amount in amounts.items()
        if unit not in done
    ]


def variables(register: Register, assigned: Assigned, campaign: Campaign) -> Mapping[str, Any]:
    """Return the variables ``unit`` and ``publication``."""
    kind = PublicationKind.of_period(campaign.period) or PublicationKind.GOAL
    return {
        "unit": register.unit_variables(assigned.unit),
        "publication": about(kind, campaign.fiscal_year),
    }


def about(kind: PublicationKind, year: int, replaces: int | None = None, why: str = "") -> dict[str, Any]:
    """Return the variable ``publication``: of what, of which year, and which version it corrects and why."""
    return {"kind": kind.value, "kind_name": kind.zh, "year": year, "replaces": replaces, "why": why}


def documents(
    _register: Register, _assigned: Assigned, _campaign: Campaign
) -> Mapping[str, Mapping[str, Any]]:
    """Return none: the process collects what is approved and accepted itself."""
    return {}


CAMPAIGN = CampaignKind(
    CaseKind.PUBLICATION,
    "publication",
    GROUPS,
    cohort,
    variables,
    documents,
    periods=tuple(kind.zh for kind in PublicationKind),
)
