"""The rows that a waiting token needs: a work item, a timer, or a job for a worker outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.model import Element, ServiceTask, TimerEvent, UserTask, Value
from engine.bpmn.steps import MAX_RETRIES
from engine.calendar import CLOSES, OPENS, add_duration, cycle_of, moment_of
from engine.commands.assignment import principals, seen_by
from engine.errors import BihuanError, ExecutionError
from engine.runtime import Token

if TYPE_CHECKING:
    from engine.commands.act import Act
    from engine.commands.scopes import Names

DEFAULT_PRIORITY = 50
#: How often a timer is tried whose command fails for a reason outside the process, and a job that doesn't say.
TIMER_ATTEMPTS = 5
JOB_ATTEMPTS = 3


@dataclass(slots=True)
class NewItem:
    """A work item before its row exists."""

    token: int
    process_id: str
    element: str
    step: str
    round: int
    candidates: list[str]
    assignee: str | None
    due_at: datetime | None
    due_provisional: bool
    follow_up_at: datetime | None
    priority: int
    id: int = 0

    @property
    def seen_by(self) -> list[str]:
        """In whose inbox it stands."""
        return seen_by(self.candidates, self.assignee, None, False)


@dataclass(slots=True)
class NewJob:
    """A timer or an external job before its row exists."""

    kind: str
    type: str
    token: int
    element: str
    due_at: datetime
    due_provisional: bool = False
    cycle: str | None = None
    repeats: int | None = None
    retries: int = TIMER_ATTEMPTS
    backoff: int | None = None


def new_item(act: Act, token: Token, element: UserTask) -> NewItem:
    """Work out who a user task is for and until when; raises :class:`ExecutionError` where nobody fits."""
    names = act.names(token)
    try:
        assignees = principals(act.value(element.assignee, names, element.id), "user:")
        candidates = [
            *principals(act.value(element.candidate_users, names, element.id), "user:"),
            *principals(act.value(element.candidate_groups, names, element.id), "role:"),
        ]
    except TypeError as error:
        raise ExecutionError("task.bad_assignment", element.id, type=str(error)) from None
    assigned = element.assignee or element.candidate_users or element.candidate_groups
    if not assigned and act.instance.initiator.startswith("user:"):
        candidates = [act.instance.initiator]
    elif assigned and not assignees and not candidates:
        raise ExecutionError("task.nobody", element.id)
    assignee = assignees[0] if len(assignees) == 1 and assignees[0].startswith("user:") else None
    if assignee is None:
        candidates = list(dict.fromkeys([*assignees, *candidates]))
    due = due_of(act, token, element)
    item = NewItem(
        token.id,
        token.process_id,
        element.id,
        element.label[:300],
        act.progress.began(element.id),
        candidates,
        assignee,
        due,
        due is not None and act.ports.working_days(act.unit).provisional(due),
        _moment(act, element.follow_up, names, element.id),
        _priority(act.value(element.priority, names, element.id), element.id),
    )
    act.progress.join([*candidates, assignee])
    return item


def due_of(act: Act, token: Token, element: UserTask) -> datetime | None:
    """Work out until when a user task is to be done."""
    return _moment(act, element.due, act.names(token), element.id)


def new_timer(act: Act, token: Token, timer: TimerEvent) -> NewJob:
    """Work out when a timer goes off."""
    element = token.element
    names = act.names(token)
    value = act.value(timer.value, names, element.id)
    try:
        if timer.type == "cycle":
            if value is None:
                raise BihuanError("time.unreadable", text="null")
            cycle = cycle_of(value, act.now)
            return _timer(act, element, token, cycle.first, cycle.interval, cycle.times)
        due = moment_of(value, act.now, OPENS)
    except BihuanError as error:
        raise ExecutionError(
            "timer.unreadable", element.id, text=str(error.params.get("text", value))
        ) from None
    if due is None:
        raise ExecutionError("timer.unreadable", element.id, text="null")
    return _timer(act, element, token, due)


def _timer(
    act: Act,
    element: Element,
    token: Token,
    due: datetime,
    cycle: str | None = None,
    repeats: int | None = None,
) -> NewJob:
    provisional = act.ports.working_days(act.unit).provisional(due)
    return NewJob("timer", "timer", token.id, element.id, due, provisional, cycle, repeats)


def new_job(act: Act, token: Token) -> NewJob:
    """Return the job of a service task that isn't done inside the transaction."""
    element = token.element
    if not isinstance(element, ServiceTask):
        raise ExecutionError("run.unsupported", element.id, kind=element.kind)
    names = act.names(token)
    retries, backoff = attempts(act, element, names), _backoff(act, element, names)
    return NewJob("external", element.type, token.id, element.id, act.now, retries=retries, backoff=backoff)


def attempts(act: Act, element: ServiceTask, names: Names) -> int:
    """Return how often a service task's job is tried; raises :class:`ExecutionError` for what is no such number."""
    if element.retries is None:
        return JOB_ATTEMPTS
    found = act.value(element.retries, names, element.id)
    try:
        number = int(feel.to_python(feel.convert(found)))
    except (TypeError, ValueError, ArithmeticError, feel.FeelError):
        number = 0
    if not 1 <= number <= MAX_RETRIES:
        raise ExecutionError("job.bad_retries", element.id, value=str(found), most=MAX_RETRIES)
    return number


def _backoff(act: Act, element: ServiceTask, names: Names) -> int | None:
    found = act.value(element.backoff, names, element.id)
    if found is None:
        return None
    try:
        until = found if isinstance(found, str) else f"PT{found.total_seconds():.0f}S"
        return max(0, int((add_duration(act.now, until) - act.now).total_seconds()))
    except (AttributeError, BihuanError):
        raise ExecutionError("job.bad_backoff", element.id, text=str(found)) from None


def _moment(act: Act, value: Value | None, names: Names, element: str) -> datetime | None:
    found = act.value(value, names, element)
    try:
        return moment_of(found, act.now, CLOSES)
    except BihuanError:
        raise ExecutionError("task.bad_due", element, text=str(found)) from None


def _priority(value: Any, element: str) -> int:
    if value is None:
        return DEFAULT_PRIORITY
    try:
        number = int(feel.to_python(feel.convert(value)))
    except (TypeError, ValueError, ArithmeticError, feel.FeelError):
        raise ExecutionError("task.bad_priority", element, value=str(value)) from None
    return min(100, max(0, number))
