"""A campaign's records: its plan, the list of those who must report, and how many have (应报、已报、退回、逾期、未报).

The functions work on a session inside the command's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, false, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from budget.cases import CampaignState, CaseError, CaseKind, CaseState
from budget.tables import Campaign, CampaignMember, Case, Project, Section, Unit

#: A case in one of these states waits for the one who must report.
WITH_UNIT = (CaseState.OPEN, CaseState.RETURNED)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What the performance section decides about a campaign before it is issued."""

    kind: CaseKind
    fiscal_year: int
    period: str
    title: str
    as_of: date | None
    opens_at: datetime
    due_at: datetime


def campaign_of(session: Session, campaign_id: int) -> Campaign:
    """Return a campaign; raises :class:`CaseError` where there is none."""
    found = session.get(Campaign, campaign_id)
    if found is None:
        raise CaseError(f"there is no campaign {campaign_id}")
    return found


def same(session: Session, kind: str, fiscal_year: int, period: str) -> Campaign | None:
    """Return the campaign of a kind, a year and a period that is there already."""
    query = select(Campaign).where(
        Campaign.kind == kind, Campaign.fiscal_year == fiscal_year, Campaign.period == period
    )
    return session.scalars(query).first()


def plan(session: Session, wanted: Plan, instance_id: int) -> Campaign:
    """Write what was planned; the same instance changes its own plan, a cancelled campaign may be planned anew.

    Raises :class:`CaseError` where another instance has a campaign of this kind, year and period.
    """
    session.execute(
        delete(Campaign).where(
            Campaign.instance_id == instance_id,
            Campaign.state == CampaignState.PLANNED,
            or_(
                Campaign.kind != wanted.kind,
                Campaign.fiscal_year != wanted.fiscal_year,
                Campaign.period != wanted.period,
            ),
        )
    )
    found = same(session, wanted.kind, wanted.fiscal_year, wanted.period)
    if found is None:
        found = Campaign(kind=wanted.kind, fiscal_year=wanted.fiscal_year, period=wanted.period)
        session.add(found)
    elif found.instance_id != instance_id and found.state != CampaignState.CANCELLED:
        raise CaseError(f"campaign {found.id} is of the same kind, year and period")
    found.title, found.as_of = wanted.title, wanted.as_of
    found.opens_at, found.due_at = wanted.opens_at, wanted.due_at
    found.state, found.instance_id = CampaignState.PLANNED, instance_id
    found.opened_at = found.closed_at = None
    session.flush()
    return found


def enroll(session: Session, campaign: Campaign, members: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Fix who must report and let the sending out begin; return how many there are.

    A member is ``unit``, ``project_id``, ``business_key``, ``amount`` in 分 and ``secret``.
    """
    withdraw(session, campaign)
    rows = [
        {**one, "campaign_id": campaign.id, "amount": 0 if one["secret"] else one["amount"]}
        for one in members
    ]
    for first in range(0, len(rows), _CHUNK):
        session.execute(insert(CampaignMember), rows[first : first + _CHUNK])
    campaign.state, campaign.opened_at = CampaignState.OPENING, now
    session.flush()
    return len(rows)


def withdraw(session: Session, campaign: Campaign) -> None:
    """Undo :func:`enroll`."""
    session.execute(delete(CampaignMember).where(CampaignMember.campaign_id == campaign.id))
    campaign.state, campaign.opened_at = CampaignState.PLANNED, None
    session.flush()


def unstarted(session: Session, campaign: Campaign, limit: int) -> Sequence[CampaignMember]:
    """Return the next members of whom no instance was started yet, in the order of the list.

    What was started before a server died is found by its case, which is written with the start.
    """
    query = (
        select(CampaignMember)
        .where(CampaignMember.campaign_id == campaign.id, CampaignMember.instance_id.is_(None))
        .order_by(CampaignMember.id)
        .limit(limit)
    )
    waiting = session.scalars(query).all()
    projects = [one.project_id for one in waiting if one.project_id is not None]
    units = [one.unit for one in waiting if one.project_id is None]
    started = {
        (row.project_id, row.unit if row.project_id is None else ""): row.instance_id
        for row in session.execute(
            select(Case.project_id, Case.unit, Case.instance_id).where(
                Case.campaign_id == campaign.id,
                or_(Case.project_id.in_(projects), and_(Case.project_id.is_(None), Case.unit.in_(units))),
            )
        )
    }
    for one in waiting:
        one.instance_id = started.get((one.project_id, one.unit if one.project_id is None else ""))
    return [one for one in waiting if one.instance_id is None]


def note_started(session: Session, started: Mapping[int, int]) -> None:
    """Note the instances of members: member's id → instance."""
    session.execute(
        update(CampaignMember), [{"id": member, "instance_id": id} for member, id in started.items()]
    )


def sent_out(session: Session, campaign: Campaign) -> tuple[int, int]:
    """Return how many members were started, and how many there are."""
    row = session.execute(
        select(func.count(CampaignMember.instance_id), func.count()).where(
            CampaignMember.campaign_id == campaign.id
        )
    ).one()
    return int(row[0]), int(row[1])


def change_state(session: Session, campaign: Campaign, state: CampaignState, now: datetime | None) -> None:
    """Let a campaign be open, closed or cancelled; ``now`` is when it closed, None while it isn't."""
    campaign.state = state
    campaign.closed_at = now if state in (CampaignState.CLOSED, CampaignState.CANCELLED) else None
    session.flush()


@dataclass(frozen=True, slots=True)
class Count:
    """How far a unit, or several, are: how many must report, have, were sent back, are late, have not.

    Reported are those that were handed in and not sent back, those handled offline among them. ``late`` are those of
    which the deadline passed before the first report. ``amount`` in 分 is without secret projects.
    """

    unit: str = ""
    unit_name: str = ""
    section: str = ""
    section_name: str = ""
    expected: int = 0
    reported: int = 0
    returned: int = 0
    missing: int = 0
    late: int = 0
    closed: int = 0
    secret: int = 0
    amount: int = 0

    @property
    def waiting(self) -> int:
        """How many are with the unit: not reported, or sent back."""
        return self.returned + self.missing


def counts(
    session: Session, campaign_id: int, now: datetime, scope: ColumnElement[bool] | None = None
) -> list[Count]:
    """Return a campaign's counts unit by unit, in one grouped statement; ``scope`` limits :class:`Unit`."""
    state, is_late = Case.state, late(now)
    secret = or_(Unit.secret_flag, func.coalesce(Project.secret_flag, false()))

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    query = (
        select(
            Unit.code,
            Unit.name,
            Section.code,
            Section.name,
            func.count(),
            number(state.in_((CaseState.SUBMITTED, CaseState.CLOSED, CaseState.OFFLINE))),
            number(state == CaseState.RETURNED),
            number(state == CaseState.OPEN),
            number(is_late),
            number(state.in_((CaseState.CLOSED, CaseState.OFFLINE))),
            number(secret),
            func.coalesce(func.sum(case((secret, 0), else_=Project.annual_amount)), 0),
        )
        .select_from(Case)
        .join(Unit, Unit.code == Case.unit)
        .join(Section, Section.code == Unit.section)
        .outerjoin(Project, Project.id == Case.project_id)
        .where(Case.campaign_id == campaign_id, state != CaseState.WITHDRAWN)
        .where(true() if scope is None else scope)
        .group_by(Unit.code, Unit.name, Section.code, Section.name)
        .order_by(Section.code, Unit.code)
    )
    return [Count(*row[:4], *(int(value) for value in row[4:])) for row in session.execute(query)]


def late(now: datetime) -> ColumnElement[bool]:
    """Return the condition on cases that the deadline passed before the report: it is with its unit, and was not in time."""
    return and_(
        Case.state.in_(WITH_UNIT),
        or_(Case.overdue_at.is_not(None), and_(Case.state == CaseState.OPEN, Case.due_at < now)),
    )


def total(found: Iterable[Count], section: str = "", section_name: str = "") -> Count:
    """Return the sum of counts, of a section where it is named."""
    names = ("expected", "reported", "returned", "missing", "late", "closed", "secret", "amount")
    rows = list(found)
    sums = {name: sum(getattr(one, name) for one in rows) for name in names}
    return Count(section=section, section_name=section_name, **sums)


def by_section(found: Sequence[Count]) -> list[Count]:
    """Return the sums of each section, in the order of the sections' codes."""
    names = {one.section: one.section_name for one in found}
    return [
        total((one for one in found if one.section == code), section=code, section_name=name)
        for code, name in names.items()
    ]


def mark_late(session: Session, campaign: Campaign, now: datetime) -> list[int]:
    """Note that those of a campaign who have never reported until their deadline are late; return their instances."""
    found = list(
        session.scalars(
            select(Case.instance_id)
            .where(
                Case.campaign_id == campaign.id,
                Case.state == CaseState.OPEN,
                Case.overdue_at.is_(None),
                Case.due_at <= now,
            )
            .order_by(Case.instance_id)
        )
    )
    _set_late(session, found, now)
    return found


def forget_late(session: Session, instances: Sequence[int]) -> None:
    """Undo :func:`mark_late`."""
    _set_late(session, instances, None)


def _set_late(session: Session, instances: Sequence[int], at: datetime | None) -> None:
    for first in range(0, len(instances), _CHUNK):
        some = list(instances[first : first + _CHUNK])
        session.execute(update(Case).where(Case.instance_id.in_(some)).values(overdue_at=at))


def postpone(session: Session, instances: Sequence[int], due: datetime) -> None:
    """Let the deadline of cases that are still with their unit be another day."""
    for first in range(0, len(instances), _CHUNK):
        some = list(instances[first : first + _CHUNK])
        waits = (Case.instance_id.in_(some), Case.state.in_(WITH_UNIT))
        session.execute(update(Case).where(*waits).values(due_at=due, overdue_at=None))


def waiting_instances(session: Session, campaign_id: int, units: Sequence[str] | None = None) -> list[int]:
    """Return the instances of a campaign that are still with their unit, of some units or of all."""
    query = select(Case.instance_id).where(Case.campaign_id == campaign_id, Case.state.in_(WITH_UNIT))
    if units is not None:
        query = query.where(Case.unit.in_(list(units)))
    return list(session.scalars(query.order_by(Case.unit, Case.instance_id)))
