"""Who a campaign calls for: the list that is fixed when it is issued, its preview, and the figures at its close."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.campaigns import Count, by_section, total
from budget.cases import CaseKind
from budget.money import wan_from_fen
from budget.tables import Campaign, CampaignMember, Section, Unit
from workflows.campaigns import Assigned, kinds
from workflows.profiles import Profile

#: So many units are named one by one; the page of the campaign has them all.
_NAMED = 200


def members(session: Session, campaign: Campaign, profile: Profile) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of :class:`CampaignMember` of those who must report now."""
    for one in kinds()[CaseKind(campaign.kind)].cohort(session, campaign, profile):
        yield {
            "unit": one.unit,
            "project_id": one.project_id,
            "business_key": one.business_key,
            "amount": one.amount,
            "secret": one.secret,
        }


def assigned(member: CampaignMember) -> Assigned:
    """Return who a row of the list is."""
    return Assigned(member.unit, member.business_key, member.project_id, member.amount, member.secret)


def preview(session: Session, campaign: Campaign, profile: Profile) -> Mapping[str, Any]:
    """Return the variable ``cohort``: how many units, projects and 万元 by section, and which units not, and why.

    A secret one counts, without its amount (domain §6.4).
    """
    found = list(members(session, campaign, profile))
    units = {unit.code: unit for unit in session.scalars(select(Unit).order_by(Unit.code))}
    names = {row.code: row.name for row in session.execute(select(Section.code, Section.name))}
    sections: dict[str, dict[str, Any]] = {}
    called: dict[str, set[str]] = {}
    for one in found:
        section = units[one["unit"]].section
        line = sections.setdefault(section, {"section": names[section], "projects": 0, "fen": 0})
        line["projects"] += 1
        line["fen"] += 0 if one["secret"] else one["amount"]
        called.setdefault(section, set()).add(one["unit"])
    lines = [
        {
            "section": line["section"],
            "units": len(called[code]),
            "projects": line["projects"],
            "amount": wan_from_fen(line["fen"]),
        }
        for code, line in sorted(sections.items())
    ]
    everybody = set().union(*called.values()) if called else set()
    return {
        "units": len(everybody),
        "projects": len(found),
        "amount": wan_from_fen(sum(line["fen"] for line in sections.values())),
        "secret": sum(one["secret"] for one in found),
        "sections": lines,
        "exempt": [
            {"unit": unit.name, "why": _why(unit)} for unit in units.values() if unit.code not in everybody
        ][:_NAMED],
    }


def _why(unit: Unit) -> str:
    if not unit.in_campaign:
        return "登记为不参加年度活动"
    return "没有应报的项目，或者已经办理"


def closing(counts: Sequence[Count]) -> Mapping[str, Any]:
    """Return the figures at the close: the sums, section by section, and the units that have not reported."""
    whole = total(counts)
    return {
        **_figures(whole),
        "units": len(counts),
        "amount": wan_from_fen(whole.amount),
        "sections": [{"section": one.section_name, **_figures(one)} for one in by_section(counts)],
        "behind": [
            {"unit": one.unit_name, "missing": one.missing, "returned": one.returned}
            for one in counts
            if one.waiting
        ][:_NAMED],
    }


def _figures(one: Count) -> dict[str, int]:
    return {
        "expected": one.expected,
        "reported": one.reported,
        "returned": one.returned,
        "missing": one.missing,
        "late": one.late,
    }
