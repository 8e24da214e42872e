"""The rows that a waiting token needs: a work item, a timer, or a job for a worker outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.event_definitions import TimerEvent
from engine.bpmn.model import Element, MultiInstance, ServiceTask, Signing, UserTask, Value
from engine.bpmn.steps import MAX_RETRIES
from engine.calendar import CLOSES, OPENS, add_duration, cycle_of, moment_of
from engine.commands.assignment import principals, seen_by
from engine.commands.nominating import Skipped, assigned, pool
from engine.errors import BihuanError, ExecutionError
from engine.runtime import Token
from engine.signing import Rule

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
    #: From when on it is shown as urgent.
    urgent_at: datetime | None = None


#: A step whose file says nothing of time; and a signer whose turn has not come has no dates yet.
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
    """Work out who a user task is for and until when: one item, or one for each signer; none where there is nobody to
    wait for.

    Raises :class:`ExecutionError` where nobody fits.
    """
    reason = "no_items"
    try:
        if element.signing is not None:
            items = _signers(act, token, element, element.signing)
        else:
            candidates, assignee = pool(*assigned(act, token, element))
            items = [_item(token, element, candidates, assignee, dates_of(act, token, element))]
    except Skipped as skipped:
        items, reason = [], skipped.reason
    if not items:
        outcome = rule_of(element).conclude(())
        signed = results_of(element, outcome, (), ()) if element.signing is not None else {"outcome": outcome}
        act.note("item.skipped", element.id, {"step": element.label, "why": reason, "outcome": outcome})
        act.results(token, {"opinion": "", "actor": "system", **signed})
    scope = act.scopes.document_scope(token.scope)
    round = act.progress.began(element.id, None if act.scopes.scopes[scope].isolated else scope)
    act.progress.renew(scope, element.saved_as)
    for item in items:
        item.round = round
        act.progress.join([*item.candidates, item.assignee])
        if element.entrusts:
            act.entrust(
                scope, element.entrusts, [*item.candidates, *([item.assignee] if item.assignee else [])]
            )
    return items


def rule_of(element: UserTask) -> Rule:
    """Return the rule by which the signatures of a user task make its outcome."""
    signing = element.signing or Signing("any")
    return Rule(
        signing.mode, element.outcomes, element.rejects, element.abstains, signing.ratio, signing.at_once
    )


def results_of(
    element: UserTask, outcome: str, signatures: Sequence[Mapping[str, Any]], outputs: Sequence[Any]
) -> dict[str, Any]:
    """Return the variables that a step with several signers gives: the outcome of the whole, and each signature."""
    found: dict[str, Any] = {"outcome": outcome, "signatures": list(signatures)}
    if isinstance(element.loop, MultiInstance) and element.loop.output_collection is not None:
        found[element.loop.output_collection] = list(outputs)
    return found


def dates_of(act: Act, token: Token, element: UserTask, local: Mapping[str, Any] | None = None) -> Dates:
    """Work out until when a user task is to be done; ``local`` are a signer's own variables."""
    if element.due is element.follow_up is element.priority is element.urgent_after is None:
        return NO_DATES
    names = act.names(token, local)
    due = moment(act, element.due, names, element.id)
    return Dates(
        due,
        due is not None and act.ports.working_days(act.unit).provisional(due),
        moment(act, element.follow_up, names, element.id),
        _priority(act.value(element.priority, names, element.id), element.id),
        moment(act, element.urgent_after, names, element.id),
    )


def _item(
    token: Token, element: UserTask, candidates: list[str], assignee: str | None, dates: Dates
) -> NewItem:
    step = element.label[:300]
    new = NewItem(token.id, token.process_id, element.id, step, 0, candidates, assignee, dates)
    new.index = token.item or 0
    return new


def _signers(act: Act, token: Token, element: UserTask, signing: Signing) -> list[NewItem]:
    """Return one item for each signer, in the order of the file; the lead follows all others."""
    lead = _lead(act, token, element, signing)
    if isinstance(element.loop, MultiInstance):
        seats = _instances(act, token, element, element.loop)
    else:
        seats = _named(act, token, element, lead)
    if len(seats) > MAX_SIGNERS:
        raise ExecutionError("signing.too_many", element.id, count=len(seats), limit=MAX_SIGNERS)
    leads = [place for place, (_, several, one) in enumerate(seats) if lead and lead in (one, *several)]
    if lead is not None and len(leads) != 1:
        raise ExecutionError("signing.one_lead", element.id, count=len(leads))
    items = []
    for index, (local, candidates, assignee) in enumerate(seats):
        follows = [index - 1] if signing.mode == "in order" and index else []
        if index in leads:
            follows = [other for other in range(len(seats)) if other != index]
        dates = NO_DATES if follows else dates_of(act, token, element, local)
        item = _item(token, element, candidates, assignee, dates)
        item.index, item.state = index, "pending" if follows else "open"
        item.seat = Seat(local, follows, index in leads)
        items.append(item)
    return items


#: A signer before their row: their own variables, the candidates, the assignee.
_Signer = tuple[dict[str, Any], list[str], str | None]


def _named(act: Act, token: Token, element: UserTask, lead: str | None) -> list[_Signer]:
    """Return a signer for each principal that the assignment names; the lead comes last, named there or not."""
    assignees, candidates = assigned(act, token, element)
    named = dict.fromkeys([*assignees, *candidates])
    if lead is not None:
        named.pop(lead, None)
        named[lead] = None
    found: list[_Signer] = []
    for number, principal in enumerate(named, 1):
        local: dict[str, Any] = {"loopCounter": number}
        local |= act.inputs(token, local)
        mine = ([], principal) if principal.startswith("user:") else ([principal], None)
        found.append((local, *mine))
    return found


def _instances(act: Act, token: Token, element: UserTask, loop: MultiInstance) -> list[_Signer]:
    """Return a signer for each item of a multi-instance; assignment and input mappings see the item."""
    names = act.names(token)
    if loop.collection is not None:
        values = act.data(loop.collection, names, element.id)
        if not isinstance(values, list):
            raise ExecutionError("signing.no_list", element.id, value=str(values)[:100])
    else:
        values = [None] * _cardinality(act, loop, names, element)
    found: list[_Signer] = []
    for number, value in enumerate(values, 1):
        local: dict[str, Any] = {"loopCounter": number}
        if loop.input_element is not None:
            local[loop.input_element] = value
        local |= act.inputs(token, local)
        try:
            found.append((local, *pool(*assigned(act, token, element, local))))
        except Skipped as skipped:
            act.note(
                "signer.skipped", element.id, {"step": element.label, "why": skipped.reason, "item": number}
            )
    return found


def _cardinality(act: Act, loop: MultiInstance, names: Names, element: UserTask) -> int:
    value = act.value(loop.cardinality, names, element.id)
    try:
        number = int(feel.to_python(feel.convert(value)))
    except (TypeError, ValueError, ArithmeticError, feel.FeelError):
        number = -1
    if not 0 <= number <= MAX_SIGNERS:
        raise ExecutionError("signing.no_number", element.id, value=str(value)[:100], limit=MAX_SIGNERS)
    return number


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
    return moment(act, element.due, act.names(token, local), element.id)


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
    kind = _type(act, element, names)
    return NewJob("external", kind, token.id, element.id, act.now, retries=retries, backoff=backoff)


def _type(act: Act, element: ServiceTask, names: Names) -> str:
    if element.type_expression is None:
        return element.type
    found = act.value(element.type_expression, names, element.id)
    if not isinstance(found, str) or not found.strip():
        raise ExecutionError("job.bad_type", element.id, value=str(found))
    return found.strip()


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


def moment(act: Act, value: Value | None, names: Names, element: str) -> datetime | None:
    """Return the time that an attribute of the file says; raises :class:`ExecutionError` for anything else."""
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
