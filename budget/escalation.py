"""Reminders and escalations of late reports (domain §5.1): who is how many working days late, and what was done about it.

Which step follows after how many days is decided by the table D13 of the process; here it is done, once for each case
and deadline. The functions work on a session inside the command's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, false, func, select, type_coerce
from sqlalchemy.orm import Session

from budget.campaigns import WITH_UNIT
from budget.codes import Code
from budget.tables import Campaign, Case, Escalation, Moment, Project, Unit
from engine.calendar import ZONE

#: Nobody is reminded earlier than so many working days before a deadline, and nothing new follows so long after it.
HORIZON = 60


class Step(Code):
    """A step of the chain."""

    REMIND_FIRST = ("REMIND_FIRST", "首次提醒", "first reminder")
    REMIND_LAST = ("REMIND_LAST", "再次提醒", "second reminder")
    REMIND_DUE = ("REMIND_DUE", "到期提醒", "reminder of the day")
    HEAD = ("HEAD", "告知单位负责人", "head of the unit told")
    SECTION = ("SECTION", "告知归口股室", "section told")
    BULLETIN = ("BULLETIN", "绩效股通报", "notice of the performance section")
    LEDGER = ("LEDGER", "记入责任台账", "entered in the ledger")
    REVIEW_CHIEF = ("REVIEW_CHIEF", "审核超期，告知股长", "review late: chief told")
    REVIEW_LEADER = ("REVIEW_LEADER", "审核超期，告知分管局领导", "review late: leader told")


@dataclass(frozen=True, slots=True)
class Late:
    """A case that is with its unit, and how many working days past its deadline (negative: before it)."""

    instance_id: int
    unit: str
    unit_name: str
    section: str
    project: str | None
    due_at: datetime
    age: int


_DUE = type_coerce(Case.due_at, Moment)
_WAITING = (
    select(
        Case.instance_id, _DUE.label("due"), Unit.code, Unit.name, Unit.section, Project.name.label("project")
    )
    .join(Unit, Unit.code == Case.unit)
    .outerjoin(Project, Project.id == Case.project_id)
    .where(
        Case.campaign_id == bindparam("campaign"),
        Case.state.in_(WITH_UNIT),
        Case.submitted_at.is_(None),
        Case.due_at.is_not(None),
        ~Unit.secret_flag,
        ~func.coalesce(Project.secret_flag, false()),
    )
)


def age(due: date, today: date, is_working: Callable[[date], bool]) -> int:
    """Return how many working days ``today`` is after the deadline's day, negative before it; a free day counts nothing."""
    first, last = min(due, today), max(due, today)
    days = (last - first).days
    if days > HORIZON * 3:
        return HORIZON if today > due else -HORIZON
    worked = sum(is_working(date.fromordinal(first.toordinal() + offset)) for offset in range(1, days + 1))
    return worked if today >= due else -worked


def ages(
    session: Session, campaign: Campaign, today: date, is_working: Callable[[date], bool]
) -> Mapping[datetime, int]:
    """Return the deadlines of the cases of a campaign that are with their unit before the first report, each with how many
    working days ago it was.

    Nothing secret is among them: it is handled offline, by somebody named for it (domain §5.1).
    """
    found = session.execute(_WAITING.with_only_columns(_DUE).distinct(), {"campaign": campaign.id}).scalars()
    return {due: age(due.astimezone(ZONE).date(), today, is_working) for due in found}


def waiting(session: Session, campaign: Campaign, found: Mapping[datetime, int]) -> list[Late]:
    """Return the cases of a campaign that have one of these deadlines (:func:`ages`), and are with their unit still."""
    query = _WAITING.where(_DUE.in_(list(found))).order_by(Unit.code, Case.instance_id)
    return [
        Late(row.instance_id, row.code, row.name, row.section, row.project, row.due, found[row.due])
        for row in session.execute(query, {"campaign": campaign.id})
    ]


def untaken(session: Session, late: Sequence[Late], step: str) -> list[Late]:
    """Return those for whom a step wasn't taken yet for their deadline."""
    ids = [one.instance_id for one in late]
    taken: set[tuple[int, datetime]] = set()
    for first in range(0, len(ids), 500):
        query = select(Escalation.instance_id, Escalation.due_at).where(
            Escalation.step == step, Escalation.instance_id.in_(ids[first : first + 500])
        )
        taken |= {(row.instance_id, row.due_at) for row in session.execute(query)}
    return [one for one in late if (one.instance_id, one.due_at) not in taken]


def note(session: Session, late: Sequence[Late], step: str, now: datetime) -> None:
    """Note that a step was taken."""
    session.add_all(
        Escalation(instance_id=one.instance_id, due_at=one.due_at, step=step, taken_at=now) for one in late
    )
    session.flush()


def by_unit(late: Sequence[Late]) -> Mapping[str, list[Late]]:
    """Return cases by their unit's code."""
    found: dict[str, list[Late]] = {}
    for one in late:
        found.setdefault(one.unit, []).append(one)
    return found


def by_section(late: Sequence[Late]) -> Mapping[str, list[Late]]:
    """Return cases by the code of the section in charge."""
    found: dict[str, list[Late]] = {}
    for one in late:
        found.setdefault(one.section, []).append(one)
    return found
