"""What the pages of campaigns show: the list of a year, one campaign's counts by section and unit, and who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from budget import campaigns
from budget.campaigns import Count
from budget.cases import CampaignState, CaseKind
from budget.tables import Campaign, Unit
from web import context, xlsx
from web.registers import scope
from workflows.campaigns import kinds

#: Who plans campaigns, urges and extends.
KEEPERS = frozenset({"perf_staff", "perf_chief"})
TONES = {
    CampaignState.PLANNED: "",
    CampaignState.OPENING: "warn",
    CampaignState.OPEN: "brand-tag",
    CampaignState.CLOSED: "ok",
    CampaignState.CANCELLED: "",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign in the list of its year, with what of it the person may count."""

    campaign: Campaign
    state: CampaignState
    kind: CaseKind
    count: Count


@dataclass(frozen=True, slots=True)
class View:
    """One campaign: how far the sending out is, the sums, section by section with their units."""

    campaign: Campaign
    state: CampaignState
    kind: CaseKind
    sent: int
    members: int
    total: Count
    sections: Sequence[tuple[Count, Sequence[Count]]]
    choices: Sequence[tuple[str, str]]

    @property
    def share(self) -> str:
        """How much is reported, as a percentage with one place."""
        return f"{self.total.reported * 100 / self.total.expected:.1f}%" if self.total.expected else "—"


def keeps() -> bool:
    """Whether the person plans and follows campaigns: the performance section does."""
    return any(post.role in KEEPERS for post in context.actor().posts)


def sees() -> ColumnElement[bool] | None:
    """Return the condition on units whose counts the person sees, None where they see all."""
    posts = context.actor().posts
    if any(post.role in scope.SEE_ALL for post in posts):
        return None
    own = scope.organisations(posts, scope.UNIT_ROLES)
    sections = scope.organisations(posts, scope.SECTION_ROLES)
    return or_(Unit.code.in_(own), Unit.parent.in_(own), Unit.section.in_(sections))


def sees_all() -> bool:
    """Whether the person sees every unit's counts, and so the campaign's own figures."""
    return sees() is None


def listed(session: Session, year: int) -> list[Row]:
    """Return the campaigns about a budget year, the newest first; one that concerns nobody's units isn't there."""
    query = select(Campaign).where(Campaign.fiscal_year == year).order_by(Campaign.opens_at.desc())
    found = []
    for campaign in session.scalars(query):
        count = campaigns.total(campaigns.counts(session, campaign.id, context.now(), sees()))
        if count.expected or sees_all():
            found.append(Row(campaign, CampaignState(campaign.state), CaseKind(campaign.kind), count))
    return found


def view(session: Session, campaign_id: int, section: str = "", unit: str = "") -> View | None:
    """Return a campaign as the person may see it, narrowed to a section or a unit; None for none of theirs."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        return None
    everything = campaigns.counts(session, campaign.id, context.now(), sees())
    if not everything and not sees_all():
        return None
    shown = [
        one
        for one in everything
        if (not section or one.section == section) and (not unit or one.unit == unit)
    ]
    sent, members = campaigns.sent_out(session, campaign)
    return View(
        campaign,
        CampaignState(campaign.state),
        CaseKind(campaign.kind),
        sent,
        members,
        campaigns.total(shown),
        [
            (found, [one for one in shown if one.section == found.section])
            for found in campaigns.by_section(shown)
        ],
        [(one.section, one.section_name) for one in campaigns.by_section(everything)],
    )


def cases(view: View, state: str = "", unit: str = "", section: str = "") -> str:
    """Return the address of the register of a campaign's cases, narrowed."""
    narrowed = {"state": state, "unit": unit, "section": section, "period": view.campaign.period}
    kept: Mapping[str, Any] = {name: value for name, value in narrowed.items() if value}
    if view.kind == CaseKind.GOAL:
        states = {"OPEN": "DRAFTING", "CLOSED": "APPROVED"}
        kept = {**kept, **({"state": states.get(state, state)} if state else {})}
        kept = {name: value for name, value in kept.items() if name != "period"}
        return url_for("goals.register_page", year=view.campaign.fiscal_year, **kept)
    register = view.kind.value.lower()
    return url_for("registers.show", register=register, year=view.campaign.fiscal_year, **kept)


def sheet(view: View) -> xlsx.Sheet:
    """Return the counts as a sheet, a line a unit."""
    headings = [
        gettext("归口"),
        gettext("预算单位"),
        gettext("应报"),
        gettext("已报"),
        gettext("退回数"),
        gettext("未报"),
        gettext("逾期"),
        gettext("办结"),
    ]
    rows = [[one.section_name, one.unit_name, *figures(one)] for _, units in view.sections for one in units]
    rows.append([gettext("合计"), "", *figures(view.total)])
    return xlsx.Sheet(gettext("应报已报"), headings, rows, [18, 30, 10, 10, 10, 10, 10, 10])


def figures(one: Count) -> Sequence[int]:
    """Return a line's numbers in the order of the headings."""
    return (one.expected, one.reported, one.returned, one.missing, one.late, one.closed)


def noun(kind: CaseKind) -> str:
    """Return what a bulletin counts: projects, or reports of the units themselves."""
    return "项" if str(kind).startswith("UNIT_") or kind not in kinds() else "个项目"
