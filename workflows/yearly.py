"""The year's plan of campaigns (domain §5): what opens when, what was begun or skipped, and beginning it in time.

A campaign's planning begins so many working days before it opens, by itself or by hand; the process then waits for the
day itself. What is due is reckoned anew each time, so a clock that jumps and a server that stood still lose nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import campaigns
from budget.cases import CaseKind
from budget.tables import CalendarMark, Campaign
from engine import messages
from engine.calendar import ZONE, WorkingDays, load_working_days
from engine.errors import Conflict, NotFound, Refused
from workflows import profiles
from workflows.campaigns import kinds
from workflows.goal_approval import starting
from workflows.profiles import Profile
from workflows.profiles.calendar import Entry, entries

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.identity import Actor

#: What a campaign's process reads of the profile.
GROUPS = ("calendar", "escalation")
#: So long after its opening a campaign is not begun by itself any more; somebody decides.
_DAYS_LATE = 31
_REASON = 500

messages.register(
    {
        "calendar.unknown": {"zh": "年度日历里没有这一项", "en": "The year's plan has no such campaign"},
        "calendar.begun": {"zh": "“{title}”已经发起", "en": "“{title}” has been begun already"},
        "calendar.no_reason": {"zh": "请写明跳过的理由", "en": "Please say why it is skipped"},
    }
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign of the plan: when its planning begins, and what became of it."""

    entry: Entry
    begins: date
    mark: CalendarMark | None
    #: The campaign of the same kind, year and period, whoever began it.
    campaign: Campaign | None

    @property
    def open(self) -> bool:
        """Whether it is neither begun nor skipped."""
        return self.mark is None and self.campaign is None


def title(entry: Entry) -> str:
    """Return what a campaign of the plan is called."""
    period = (
        f"（{int(entry.period)}月）" if entry.period.isdecimal() else entry.period and f"（{entry.period}）"
    )
    return f"{entry.fiscal_year}年度{entry.kind.zh}{period}"


def plan(session: Session, profile: Profile, year: int) -> Sequence[Planned]:
    """Return the plan of a calendar year for the kinds of business that can be called for, in the order of its days."""
    working = load_working_days(session)
    return _plan(session, profile, year, working)


def _plan(session: Session, profile: Profile, year: int, working: WorkingDays) -> Sequence[Planned]:
    lead = int(profile.value("calendar.lead_days"))
    known = {*kinds(), CaseKind.APPROVAL}
    marks = {one.key: one for one in session.scalars(select(CalendarMark).where(CalendarMark.year == year))}
    return [
        Planned(
            entry,
            entry.opens if entry.kind == CaseKind.APPROVAL else working.add(entry.opens, -lead),
            marks.get(entry.key),
            campaigns.same(session, entry.kind, entry.fiscal_year, entry.period),
        )
        for entry in entries(profile.value("calendar.plan"), year, working.add)
        if entry.kind in known
    ]


def begin_due(engine: Engine) -> int:
    """Begin the planning of what opens soon and nobody has begun or skipped; return how many."""
    today = engine.clock.now().astimezone(ZONE).date()
    if not engine.setting("calendar", default=False):
        return 0
    with engine.database.read() as unit, Session(unit.connection) as session:
        profile = profiles.current(session)
        working = load_working_days(session)
        due = [
            one.entry
            for year in (today.year, today.year + 1)
            for one in _plan(session, profile, year, working)
            if one.open and one.begins <= today and (today - one.entry.opens).days <= _DAYS_LATE
        ]
    begun = 0
    for entry in due:
        try:
            begin(engine, entry, actor="system")
        except Conflict:
            continue  # somebody was first
        begun += 1
    return begun


def begin(engine: Engine, entry: Entry, *, actor: Actor | str) -> int:
    """Begin the planning of a campaign of the plan, or the batch of approvals; return its instance.

    Raises :class:`Conflict` where it is begun.
    """
    profile = profiles.of(engine)
    if entry.kind == CaseKind.APPROVAL:
        with engine.database.read() as unit, Session(unit.connection) as session:
            mark = session.get(CalendarMark, entry.key)
        if mark is not None and mark.instance_id is not None:
            raise Conflict("calendar.begun", title=title(entry))
        process, given = starting.PROCESS, starting.planned(entry.fiscal_year, entry.opens, profile).variables
    else:
        process, given = "campaign", variables(profile, entry)
    started = engine.start(process, actor=actor, variables=given, business_key=entry.key)
    by = actor if isinstance(actor, str) else actor.principal
    with engine.database.write() as unit, unit.savepoint() as session:
        mark = session.get(CalendarMark, entry.key) or CalendarMark(key=entry.key, year=entry.opens.year)
        mark.instance_id, mark.reason, mark.by, mark.at = started.instance_id, None, by, engine.clock.now()
        session.add(mark)
    return started.instance_id


def variables(profile: Profile, entry: Entry | None) -> dict[str, Any]:
    """Return what a campaign's instance starts with; without an entry of the plan its form is empty."""
    proposal = entry and {
        "title": title(entry),
        "kind": str(entry.kind),
        "fiscal_year": entry.fiscal_year,
        "period": entry.period,
        "as_of": entry.as_of.isoformat() if entry.as_of else None,
        "opens_on": entry.opens.isoformat(),
        "due_on": entry.due.isoformat(),
    }
    return {"proposal": proposal, "profile": profile.variables(*GROUPS)}


def find(session: Session, profile: Profile, year: int, key: str) -> Planned:
    """Return a campaign of a year's plan by its key; raises :class:`NotFound`."""
    for one in plan(session, profile, year):
        if one.entry.key == key:
            return one
    raise NotFound("calendar.unknown")


def skip(session: Session, one: Planned, *, by: str, reason: str, now: Any) -> None:
    """Note that a campaign of the plan isn't held this year, and why.

    Raises :class:`Refused` without a reason, :class:`Conflict` where it is begun.
    """
    if not reason.strip():
        raise Refused("calendar.no_reason")
    if not one.open:
        raise Conflict("calendar.begun", title=title(one.entry))
    session.add(
        CalendarMark(
            key=one.entry.key, year=one.entry.opens.year, reason=reason.strip()[:_REASON], by=by, at=now
        )
    )
    session.flush()


def resume(session: Session, one: Planned) -> None:
    """Take a skip back."""
    if one.mark is not None and one.mark.instance_id is None:
        session.delete(one.mark)
        session.flush()
