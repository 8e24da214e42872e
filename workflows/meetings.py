"""Holding a meeting (上会): what its chair has to decide is put on an agenda, and moves as the meeting decided.

Each item is completed by the engine's own command as an act of the chair: whoever may not decide an item, because they
did an earlier step of it, is told so, and the other items move all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

import forms
from budget import meetings
from budget.meetings import MeetingError, MeetingKind, MeetingState
from budget.plugin import bihuan_secret_cases
from budget.tables import Meeting, MeetingItem
from engine import InboxQuery, feel
from engine.errors import BihuanError, InvalidAnswers
from engine.values import load_json

if TYPE_CHECKING:
    from engine import Candidate
    from engine.engine import Engine, TaskView
    from engine.identity import Actor

#: Who prepares meetings; the chair closes them.
CLERKS = frozenset({"perf_staff", "perf_chief", "budget_staff", "budget_chief"})
_LEADERS = ("bureau_leader", "deputy_leader", "perf_chief", "budget_chief")
#: Who may chair a meeting, by its kind; experts preside over their own, and what waits for them is decided there.
CHAIRS_OF: Mapping[MeetingKind, tuple[str, ...]] = {
    MeetingKind.BUREAU: _LEADERS,
    MeetingKind.EXPERT: (*_LEADERS, "expert", "agency_lead"),
}
CHAIRS = CHAIRS_OF[MeetingKind.EXPERT]
#: So many items one agenda has at most, and so many of the chair's are offered.
MOST = 100


@dataclass(frozen=True, slots=True)
class Offered:
    """A work item that waits for the chair, with the outcomes that it may have."""

    item_id: int
    instance_id: int
    step: str
    subject: str
    unit: str
    outcomes: Sequence[str]


def offered(engine: Engine, chair: Actor, only: int | None = None) -> list[Offered]:
    """Return what waits for a chair and may be decided in a meeting; what is secret never is (domain §6.4)."""
    rows = engine.inbox(chair, InboxQuery(limit=MOST)).rows
    with engine.database.read() as unit, Session(unit.connection) as session:
        secret = bihuan_secret_cases(session, [row.instance_id for row in rows])
    wanted = [row.item_id for row in rows if row.instance_id not in secret and only in (None, row.item_id)]
    return [
        Offered(
            one.item_id,
            one.instance_id or 0,
            one.step,
            one.subject or one.step,
            one.unit or "",
            _outcomes(one),
        )
        for one in engine.candidates(wanted, actor=chair)
        if _decides(one)
    ]


def _decides(one: Candidate) -> bool:
    return one.refusal is None and one.can["complete"] is None


def _outcomes(one: Candidate) -> list[str]:
    return [outcome.name for outcome in one.outcomes]


def outcomes(engine: Engine, chair: Actor, items: Sequence[MeetingItem]) -> dict[int, list[str]]:
    """Return what items of an agenda may be decided to, by their ids; nothing for one that the chair can't decide now."""
    found = {one.item_id: one for one in engine.candidates([item.item_id for item in items], actor=chair)}
    return {
        item.id: _outcomes(found[item.item_id]) if _decides(found[item.item_id]) else [] for item in items
    }


def task_of(engine: Engine, chair: Actor, item: MeetingItem) -> TaskView | None:
    """Return an item's step as its chair has it; None where they can't decide it now."""
    try:
        task = engine.task(item.item_id, chair)
    except BihuanError:
        return None
    return task if task.can["complete"] is None else None


def hold(engine: Engine, meeting_id: int, chair: Actor) -> tuple[int, int]:
    """Do what was decided, item by item; return how many moved and how many did not.

    The minutes are attached to each case. An item that moved is not done again when it is held once more. Raises
    :class:`MeetingError` for another's meeting, one that is closed, and one without minutes or with an open decision.
    """
    with engine.database.read() as unit, Session(unit.connection) as session:
        meeting = session.get_one(Meeting, meeting_id)
        if meeting.chair != chair.person or meeting.state == MeetingState.CLOSED:
            raise MeetingError(f"the meeting {meeting_id} is not to be closed by {chair.person}")
        todo = [item for item in meeting.items if item.done_at is None]
        if meeting.minutes_sha256 is None or not meeting.items or any(not item.decision for item in todo):
            raise MeetingError(f"the meeting {meeting_id} has no minutes, or not every item is decided")
        said = meetings.name(meeting)
        session.expunge_all()
    failed = 0
    for item in todo:
        try:
            _move(engine, meeting, item, chair, said)
            failure = None
        except BihuanError as error:
            failed += 1
            failure = json.dumps(
                {language: _why(error, language) for language in ("zh", "en")}, ensure_ascii=False
            )
        _note(engine, item.id, failure)
    with engine.database.write() as unit, unit.savepoint() as session:
        kept = session.get_one(Meeting, meeting_id)
        kept.state = MeetingState.HELD if failed else MeetingState.CLOSED
        kept.closed_at = None if failed else engine.clock.now()
    return len(todo) - failed, failed


def _move(engine: Engine, meeting: Meeting, item: MeetingItem, chair: Actor, said: str) -> None:
    task = engine.task(item.item_id, chair)
    if not item.attached:
        _attach(engine, meeting, item, chair)
    opinion = f"{said}：{item.decision}。{item.remark}".strip()
    engine.complete(
        item.item_id,
        actor=chair,
        version=task.version,
        outcome=item.decision,
        answers=answers_of(engine, task, item),
        opinion=opinion,
        document_version=task.document_version,
        request_key=f"meeting-{meeting.id}-{item.item_id}-{task.version}",
    )


def answers_of(engine: Engine, task: TaskView, item: MeetingItem) -> dict[str, Any] | None:
    """Return a step's form as the meeting filled it in, else as the chair's page has it; None where it has none."""
    if task.form_source is None:
        return None
    given = task.answers if item.answers is None else load_json(item.answers)["answers"]
    return dict(forms.compute(forms.read(task.form_source), given, task.variables, _environment(engine)))


def _environment(engine: Engine) -> feel.Environment:
    return feel.Environment(now=engine.clock.now, functions=engine.ports.functions)


def _attach(engine: Engine, meeting: Meeting, item: MeetingItem, chair: Actor) -> None:
    """Attach the minutes to an item's case once: a row each, the content once for all."""
    view = engine.instance(item.instance_id, chair)
    if any(one.sha256 == meeting.minutes_sha256 for one in view.attachments):
        return
    path = engine.store.path(str(meeting.minutes_sha256)) if engine.store is not None else None
    if path is None:
        raise MeetingError(f"the minutes of the meeting {meeting.id} are gone")
    with path.open("rb") as stream:
        engine.attach(item.item_id, actor=chair, name=str(meeting.minutes_name), stream=stream)
    with engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(MeetingItem, item.id).attached = True


def _why(error: BihuanError, language: str) -> str:
    if isinstance(error, InvalidAnswers):
        found = [one.message.get(language) or one.message["zh"] for one in error.findings]
        return "；".join(found) if language == "zh" else "; ".join(found)
    return error.message(language)


def _note(engine: Engine, id: int, failure: str | None) -> None:
    with engine.database.write() as unit, unit.savepoint() as session:
        kept = session.get_one(MeetingItem, id)
        kept.failure = failure
        kept.done_at = None if failure else engine.clock.now()
