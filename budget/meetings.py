"""Meetings (上会): convened under a number, an agenda of work items, decisions in one table.

Plain functions on a session; none commits. What moves the cases is :mod:`workflows.meetings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.codes import Code
from budget.goals import next_number
from budget.tables import Meeting, MeetingItem


class MeetingKind(Code):
    """Which meeting it is."""

    BUREAU = ("BUREAU", "局长办公会", "meeting of the bureau's leaders")
    EXPERT = ("EXPERT", "专家会", "meeting of experts")


class MeetingState(Code):
    """How far a meeting is."""

    PREPARED = ("PREPARED", "筹备", "being prepared")
    HELD = ("HELD", "部分未办成", "some items failed")
    CLOSED = ("CLOSED", "已办结", "closed")


class MeetingError(Exception):
    """A meeting can't do what was asked; the text says which and why, in English."""


def convene(
    session: Session,
    kind: MeetingKind,
    *,
    title: str,
    held_on: date,
    place: str,
    chair: str,
    attendees: str,
    by: str,
    now: datetime,
) -> Meeting:
    """Begin a meeting under the year's next number of its kind."""
    found = Meeting(
        kind=kind,
        year=held_on.year,
        serial=next_number(session, f"meeting-{kind}-{held_on.year}"),
        title=title,
        held_on=held_on,
        place=place,
        chair=chair,
        attendees=attendees,
        state=MeetingState.PREPARED,
        created_by=by,
        created_at=now,
    )
    session.add(found)
    session.flush()
    return found


def name(meeting: Meeting) -> str:
    """Return what a meeting is called: 局长办公会2026年第3次会议."""
    return f"{MeetingKind[meeting.kind].zh}{meeting.year}年第{meeting.serial}次会议"


def put_on(
    session: Session, meeting: Meeting, *, item_id: int, instance_id: int, step: str, subject: str, unit: str
) -> MeetingItem:
    """Put a work item on the agenda; raises :class:`MeetingError` where it is on an agenda that isn't closed."""
    taken = session.scalars(
        select(Meeting)
        .join(MeetingItem)
        .where(MeetingItem.item_id == item_id, Meeting.state != MeetingState.CLOSED)
    ).first()
    if taken is not None or meeting.state != MeetingState.PREPARED:
        raise MeetingError(f"item {item_id} is on an agenda")
    last = session.execute(
        select(func.max(MeetingItem.position)).where(MeetingItem.meeting_id == meeting.id)
    ).scalar_one()
    found = MeetingItem(
        meeting_id=meeting.id,
        position=(last or 0) + 1,
        item_id=item_id,
        instance_id=instance_id,
        step=step,
        subject=subject,
        unit=unit,
    )
    session.add(found)
    session.flush()
    return found


def take_off(session: Session, meeting: Meeting, item: MeetingItem) -> None:
    """Take what is not decided off the agenda again."""
    if item.done_at is not None:
        raise MeetingError(f"item {item.item_id} is done")
    session.delete(item)
    session.flush()
    session.refresh(meeting, ["items"])


def fill(item: MeetingItem, answers: str) -> None:
    """Keep what the step's form holds as the meeting decided (JSON); raises :class:`MeetingError` for what is done."""
    if item.done_at is not None:
        raise MeetingError(f"item {item.item_id} is done")
    item.answers = answers


def decide(meeting: Meeting, decisions: Mapping[int, tuple[str, str]]) -> None:
    """Write down what was decided: decision and remark, by the id of the agenda's item."""
    for item in meeting.items:
        if item.id in decisions and item.done_at is None:
            item.decision, item.remark = decisions[item.id]
