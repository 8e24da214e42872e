"""What follows from the responsibility ledger (P16): measures, points, and the unit's right to be heard.

Plain functions on a session, called by the process ``accountability`` inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from budget.codes import Code
from budget.escalation import age
from budget.goals import next_number
from budget.ledger import LedgerEvent
from budget.tables import Accountability, LedgerEntry, Project, Unit
from engine.calendar import ZONE, WorkingDays


class Measure(Code):
    """处理措施."""

    RECORD = ("RECORD", "仅记入台账", "recorded only")
    TALK = ("TALK", "约谈", "talk")
    BULLETIN = ("BULLETIN", "通报", "bulletin")
    BULLETIN_TALK = ("BULLETIN_TALK", "通报并约谈", "bulletin and talk")


#: Measures of which a talk is part.
TALKS = frozenset({Measure.TALK, Measure.BULLETIN_TALK})


class AccountabilityState(Code):
    """Where it is; the first two end states of P16 are RECORDED and REVOKED."""

    DRAFTING = ("DRAFTING", "拟办", "being drafted")
    ISSUED = ("ISSUED", "已签发", "issued")
    RECORDED = ("RECORDED", "已记录", "recorded")
    REVOKED = ("REVOKED", "已撤销", "revoked")
    WAIVED = ("WAIVED", "不予追究", "nothing follows")
    OFFLINE = ("OFFLINE", "线下办理", "handled offline")


#: States in which points count.
COUNTING = frozenset({AccountabilityState.ISSUED, AccountabilityState.RECORDED})
#: The gravest first.
_GRAVITY = (LedgerEvent.RECTIFICATION, LedgerEvent.REFUSED, LedgerEvent.POOR_REPORT, LedgerEvent.NOT_REPORTED)


class AccountabilityError(Exception):
    """It can't be done; the text says what and why, in English."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the table of measures looks at: the gravest event, how many entries of the year, the longest delay."""

    event: LedgerEvent
    count: int
    late_days: int
    items: Sequence[str]


def of_instance(session: Session, instance_id: int) -> Accountability:
    """Return the record of an instance; raises :class:`AccountabilityError` where it has none."""
    found = session.get(Accountability, instance_id)
    if found is None:
        raise AccountabilityError(f"instance {instance_id} holds nobody accountable")
    return found


def waiting(session: Session, fiscal_year: int) -> list[tuple[LedgerEntry, Unit, Project | None]]:
    """Return the year's entries from which nothing has followed yet, by unit; none of secret units and projects."""
    query = (
        select(LedgerEntry, Unit, Project)
        .join(Unit, Unit.code == LedgerEntry.unit)
        .outerjoin(Project, Project.id == LedgerEntry.project_id)
        .where(LedgerEntry.fiscal_year == fiscal_year, LedgerEntry.handled_by.is_(None))
        .where(~Unit.secret_flag, ~func.coalesce(Project.secret_flag, False).is_(True))
        .order_by(Unit.code, LedgerEntry.since, LedgerEntry.id)
    )
    return [(entry, unit, project) for entry, unit, project in session.execute(query)]


def begin(
    session: Session, instance_id: int, unit: str, entries: Collection[int], now: datetime
) -> Accountability:
    """Begin with entries of one unit and year; raises :class:`AccountabilityError` for others and for handled ones."""
    query = select(LedgerEntry).where(LedgerEntry.id.in_(entries))
    found = [one for one in session.scalars(query) if one.handled_by in (None, instance_id)]
    if len(found) != len(set(entries)) or not found or {one.unit for one in found} != {unit}:
        raise AccountabilityError(f"{sorted(entries)} are not all open entries of {unit}")
    years = {one.fiscal_year for one in found}
    if len(years) > 1:
        raise AccountabilityError(f"{sorted(entries)} are of several years")
    for one in found:
        one.handled_by = instance_id
    record = session.get(Accountability, instance_id)
    if record is None:
        record = Accountability(instance_id=instance_id, unit=unit, fiscal_year=years.pop(), opened_at=now)
        session.add(record)
    record.state = AccountabilityState.DRAFTING
    record.event = next(event for event in _GRAVITY if event in {one.event for one in found})
    session.flush()
    return record


def unbegin(session: Session, instance_id: int) -> None:
    """Undo :func:`begin`: the entries wait again."""
    session.execute(update(LedgerEntry).where(LedgerEntry.handled_by == instance_id).values(handled_by=None))
    record = session.get(Accountability, instance_id)
    if record is not None:
        session.delete(record)
    session.flush()


def entries_of(session: Session, instance_id: int) -> list[LedgerEntry]:
    """Return the entries that an instance is about, the oldest first."""
    query = select(LedgerEntry).where(LedgerEntry.handled_by == instance_id)
    return list(session.scalars(query.order_by(LedgerEntry.since, LedgerEntry.id)))


def weigh(session: Session, record: Accountability, now: datetime) -> Weighed:
    """Return what the table of measures looks at; working days are counted until the entry was made good."""
    entries = entries_of(session, record.instance_id)
    working = WorkingDays().is_working
    late = [
        age(_day(one.since), _day(one.settled_at or now), working)
        for one in entries
        if one.event == LedgerEvent.NOT_REPORTED
    ]
    count = session.execute(
        select(func.count())
        .select_from(LedgerEntry)
        .outerjoin(Accountability, Accountability.instance_id == LedgerEntry.handled_by)
        .where(LedgerEntry.unit == record.unit, LedgerEntry.fiscal_year == record.fiscal_year)
        .where(
            func.coalesce(Accountability.state, "").not_in(
                (AccountabilityState.REVOKED, AccountabilityState.WAIVED)
            )
        )
    ).scalar_one()
    items = [
        f"{LedgerEvent[one.event].zh}：{one.what}（{_day(one.since).isoformat()}起"
        + (f"，{_day(one.settled_at).isoformat()}消除）" if one.settled_at else "，未消除）")
        for one in entries
    ]
    return Weighed(LedgerEvent[record.event], count, max(0, *late, 0), items)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def change_state(session: Session, instance_id: int, state: AccountabilityState) -> Accountability:
    """Note where it is now."""
    record = of_instance(session, instance_id)
    record.state = state
    session.flush()
    return record


def settle(session: Session, instance_id: int, measure: Measure, points: Decimal, *, appealed: bool) -> None:
    """Note the measure that is to be signed."""
    record = of_instance(session, instance_id)
    record.measure, record.points, record.appealed = measure, points, appealed
    session.flush()


def issue(session: Session, instance_id: int, *, pattern: str, by: str, now: datetime) -> Accountability:
    """Give it the year's next number; from now on its points count."""
    record = of_instance(session, instance_id)
    if record.number is None:
        series = f"accountability-{record.fiscal_year}"
        record.number = pattern.format(
            fiscal_year=record.fiscal_year, unit=record.unit, section="", number=next_number(session, series)
        )
    record.issued_at, record.issued_by = now, by
    return change_state(session, instance_id, AccountabilityState.ISSUED)


def unissue(session: Session, instance_id: int) -> None:
    """Undo :func:`issue`; the number stays its own."""
    record = change_state(session, instance_id, AccountabilityState.DRAFTING)
    record.issued_at = record.issued_by = None
    session.flush()


def points_by_unit(session: Session, fiscal_year: int) -> Mapping[str, Decimal]:
    """Return the points of each unit that has any in a year."""
    query = select(Accountability.unit, Accountability.points).where(
        Accountability.fiscal_year == fiscal_year,
        Accountability.state.in_(COUNTING),
        Accountability.points.is_not(None),
    )
    found: dict[str, Decimal] = {}
    for unit, points in session.execute(query):
        found[unit] = found.get(unit, Decimal(0)) + (points or Decimal(0))
    return found


def measure_of(answers: Mapping[str, Any]) -> tuple[Measure, Decimal]:
    """Return the measure and the points of a form; raises KeyError for a measure that is none."""
    return Measure[str(answers["measure"])], Decimal(answers["points"])
