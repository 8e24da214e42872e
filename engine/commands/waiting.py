"""The rows that a waiting token needs: a work item, a timer, or a job for a worker outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.model import Element, ServiceTask, Signing, TimerEvent, UserTask, Value
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
#: How many people may sign one step.
MAX_SIGNERS = 1_000


@dataclass(frozen=True, slots=True)
class Dates:
    """Until when an item is to be done, and how urgent it is."""

    due_at: datetime | None = None
    due_provisional: bool = False
    follow_up_at: datetime | None = None
    priority: int = DEFAULT_PRIORITY


#: A signer whose turn has not come has no dates yet.
NO_DATES = Dates()


@dataclass(slots=True)
class Seat:
    """What a signer's row holds beside the work item: their own variables, and whose turn comes before theirs."""

    local: dict[str, Any]
    follows: list[int] = field(default_factory=list)
    lead: bool = False
    added_by: str | None = None


@dataclass(slots=True)
class NewItem:
    """A work item before its row exists; ``seat`` where it is one signer's."""

    token: int
    process_id: str
    element: str
    step: str
    round: int
    candidates: list[str]
    assignee: str | None
    dates: Dates
    index: int = 0
    state: str = "open"
    seat: Seat | None = None
    id: int = 0

    @property
    def seen_by(self) -> list[str]:
        """In whose inbox it stands."""
        return seen_by(self.candidates, self.assignee, None, False) if self.state == "open" else []


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


def new_items(act: Act, token: Token, element: UserTask) -> list[NewItem]:
    """Work out who a user task is for and until when: one item, or one for each signer.

    Raises :class:`ExecutionError` where nobody fits.
    """
    if element.signing is not None:
        items = _signers(act, token, element, element.signing)
    else:
        assignees, candidates = _assigned(act, token, element)
        assignee = assignees[0] if len(assignees) == 1 and assignees[0].startswith("user:") else None
        if assignee is None:
            candidates = list(dict.fromkeys([*assignees, *candidates]))
        dates = dates_of(act, token, element)
        items = [_item(token, element, candidates, assignee, dates)]
    round = act.progress.began(element.id)
    for item in items:
        item.round = round
        act.progress.join([*item.candidates, item.assignee])
    return items


def dates_of(act: Act, token: Token, element: UserTask, local: Mapping[str, Any] | None = None) -> Dates:
    """Work out until when a user task is to be done; ``local`` are a signer's own variables."""
    names = act.names(token, local)
    due = due_of(act, token, element, local)
    return Dates(
        due,
        due is not None and act.ports.working_days(act.unit).provisional(due),
        _moment(act, element.follow_up, names, element.id),
        _priority(act.value(element.priority, names, element.id), element.id),
    )


def _item(
    token: Token, element: UserTask, candidates: list[str], assignee: str | None, dates: Dates
) -> NewItem:
    step = element.label[:300]
    return NewItem(token.id, token.process_id, element.id, step, 0, candidates, assignee, dates)


def _assigned(
    act: Act, token: Token, element: UserTask, local: Mapping[str, Any] | None = None
) -> tuple[list[str], list[str]]:
    """Return the assignees and the candidates that the file names; who started it where it names nobody."""
    names = act.names(token, local)
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
    return assignees, candidates


def _signers(act: Act, token: Token, element: UserTask, signing: Signing) -> list[NewItem]:
    """Return one item for each principal that the assignment names, in its order; the lead's comes last."""
    assignees, candidates = _assigned(act, token, element)
    named = list(dict.fromkeys([*assignees, *candidates]))
    lead = _lead(act, token, element, signing)
    if lead is not None:
        named = [*(one for one in named if one != lead), lead]
    if len(named) > MAX_SIGNERS:
        raise ExecutionError("signing.too_many", element.id, count=len(named), limit=MAX_SIGNERS)
    items = []
    for index, principal in enumerate(named):
        local: dict[str, Any] = {"loopCounter": index + 1}
        local |= act.inputs(token, local)
        follows = [index - 1] if signing.mode == "in order" and index else []
        if principal == lead:
            follows = list(range(index))
        pool, assignee = ([], principal) if principal.startswith("user:") else ([principal], None)
        dates = NO_DATES if follows else dates_of(act, token, element, local)
        item = _item(token, element, pool, assignee, dates)
        item.index, item.state = index, "pending" if follows else "open"
        item.seat = Seat(local, follows, principal == lead)
        items.append(item)
    return items


def _lead(act: Act, token: Token, element: UserTask, signing: Signing) -> str | None:
    if signing.lead is None:
        return None
    try:
        found = principals(act.value(signing.lead, act.names(token), element.id), "user:")
    except TypeError as error:
        raise ExecutionError("task.bad_assignment", element.id, type=str(error)) from None
    if len(found) != 1:
        raise ExecutionError("signing.one_lead", element.id, count=len(found))
    return found[0]


def due_of(
    act: Act, token: Token, element: UserTask, local: Mapping[str, Any] | None = None
) -> datetime | None:
    """Work out until when a user task is to be done; ``local`` are a signer's own variables."""
    return _moment(act, element.due, act.names(token, local), element.id)


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
