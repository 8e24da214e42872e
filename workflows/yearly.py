"""The year's plan of campaigns (domain §5): what opens when, what was begun or skipped, and beginning it in time.

A campaign's planning begins so many working days before it opens, by itself or by hand; the process then waits for the
day itself. What is due is reckoned anew each time, so a clock that jumps and a server that stood still lose nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import campaigns
from budget.cases import CaseKind, CaseState
from budget.tables import CalendarMark, Campaign, Case
from engine import StartRequest, messages
from engine.calendar import ZONE, WorkingDays, load_working_days
from engine.errors import Conflict, NotFound, Refused
from workflows import profiles
from workflows.annual_report import starting as annual_report
from workflows.campaigns import kinds
from workflows.goal_approval import starting as goal_approval
from workflows.indicator_library import starting as indicator_library
from workflows.key_selection import starting as key_selection
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


def _approval(_session: Session, entry: Entry, profile: Profile) -> tuple[str, StartRequest]:
    return goal_approval.PROCESS, goal_approval.planned(entry.fiscal_year, entry.opens, profile)


def _selection(session: Session, entry: Entry, profile: Profile) -> tuple[str, StartRequest]:
    return key_selection.PROCESS, key_selection.planned(session, entry.fiscal_year, profile)


def _report(_session: Session, entry: Entry, profile: Profile) -> tuple[str, StartRequest]:
    return annual_report.PROCESS, annual_report.request(entry.fiscal_year, profile)


def _library(_session: Session, entry: Entry, profile: Profile) -> tuple[str, StartRequest]:
    return indicator_library.PROCESS, indicator_library.planned(entry.fiscal_year, profile)


#: What of the plan is no campaign: it begins on its day, and what its instance starts with.
STARTS: Mapping[CaseKind, Callable[[Session, Entry, Profile], tuple[str, StartRequest]]] = {
    CaseKind.APPROVAL: _approval,
    CaseKind.KEY_SELECTION: _selection,
    CaseKind.ANNUAL_REPORT: _report,
    CaseKind.LIBRARY: _library,
}
#: Of these there is one a year: where somebody began it by hand, the plan has nothing to begin.
_ONE_A_YEAR = frozenset({CaseKind.KEY_SELECTION, CaseKind.ANNUAL_REPORT})


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign of the plan: when its planning begins, and what became of it."""

    entry: Entry
    begins: date
    mark: CalendarMark | None
    #: The campaign of the same kind, year and period, whoever began it.
    campaign: Campaign | None
    #: The case of what is no campaign, whoever began it.
    case: int | None

    @property
    def open(self) -> bool:
        """Whether it is neither begun nor skipped."""
        return self.mark is None and self.campaign is None and self.case is None


def title(entry: Entry) -> str:
    """Return what a campaign of the plan is called."""
    period = (
        f"（{int(entry.period)}月）" if entry.period.isdecimal() else entry.period and f"（{entry.period}）"
    )
    return f"{entry.fiscal_year}年度{entry.kind.zh.removeprefix('年度')}{period}"


def plan(session: Session, profile: Profile, year: int) -> Sequence[Planned]:
    """Return the plan of a calendar year for the kinds of business that can be called for, in the order of its days."""
    working = load_working_days(session)
    return _plan(session, profile, year, working)


def _plan(session: Session, profile: Profile, year: int, working: WorkingDays) -> Sequence[Planned]:
    lead = int(profile.value("calendar.lead_days"))
    known = {*kinds(), *STARTS}
    marks = {one.key: one for one in session.scalars(select(CalendarMark).where(CalendarMark.year == year))}
    return [
        Planned(
            entry,
            entry.opens if entry.kind in STARTS else working.add(entry.opens, -lead),
            marks.get(entry.key),
            campaigns.same(session, entry.kind, entry.fiscal_year, entry.period),
            _case(session, entry, marks.get(entry.key)),
        )
        for entry in entries(profile.value("calendar.plan"), year, working.add)
        if entry.kind in known
    ]


def _case(session: Session, entry: Entry, mark: CalendarMark | None) -> int | None:
    """Return the case of an entry that is no campaign: the plan's own, or the year's where there is one a year."""
    if entry.kind not in STARTS or mark is not None:
        return mark.instance_id if mark is not None and entry.kind in STARTS else None
    if entry.kind not in _ONE_A_YEAR:
        return None
    query = select(Case.instance_id).where(
        Case.kind == entry.kind, Case.fiscal_year == entry.fiscal_year, Case.state != CaseState.WITHDRAWN
    )
    return session.scalars(query.order_by(Case.instance_id).limit(1)).first()


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
    """Begin the planning of a campaign of the plan, or what is no campaign itself; return its instance.

    Raises :class:`Conflict` where it is begun.
    """
    profile = profiles.of(engine)
    if entry.kind in STARTS:
        with engine.database.read() as unit, Session(unit.connection) as session:
            mark = session.get(CalendarMark, entry.key)
            if _case(session, entry, mark) is not None:
                raise Conflict("calendar.begun", title=title(entry))
            process, asked = STARTS[entry.kind](session, entry, profile)
        given, key = asked.variables, asked.business_key or entry.key
    else:
        process, given, key = "campaign", variables(profile, entry), entry.key
    started = engine.start(process, actor=actor, variables=given, business_key=key)
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
