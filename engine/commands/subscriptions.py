"""What an instance awaits from outside, as rows: opened with the token that waits, closed when it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from engine import feel
from engine.bpmn.event_definitions import ConditionalEvent, MessageEvent, SignalEvent
from engine.bpmn.model import Element, Event, SubProcess
from engine.commands import sending
from engine.commands.naming import CONDITION, MESSAGE, SIGNAL, key_of, name_of
from engine.commands.scopes import Scopes, plain
from engine.database import Unit
from engine.errors import ExecutionError
from engine.runtime import Token
from engine.tables import subscriptions

if TYPE_CHECKING:
    from engine.commands.act import Act

_open = insert(subscriptions)
_signals = select(subscriptions.c.token).where(
    subscriptions.c.instance_id == bindparam("instance"),
    subscriptions.c.kind == SIGNAL,
    subscriptions.c.name == bindparam("name"),
)
_close = delete(subscriptions).where(
    subscriptions.c.instance_id == bindparam("instance"),
    subscriptions.c.token.in_(bindparam("tokens", expanding=True)),
)


@dataclass(slots=True)
class NewSubscription:
    """A subscription before its row exists."""

    kind: str
    name: str
    key: str
    process_id: str
    token: int
    element: str


def new_subscription(act: Act, token: Token) -> NewSubscription:
    """Return what a token waits for; its name and key are evaluated now (as Camunda 8 does), and stay as they are.

    Raises :class:`ExecutionError` where the name is no text, or the key neither a text nor a number.
    """
    element = token.element
    names = act.names(token)
    name = key = ""
    match element.awaits:
        case MessageEvent() as message:
            kind = MESSAGE
            name = name_of(act, message.name, names, element)
            key = key_of(act, message.key, names, element)
        case SignalEvent() as signal:
            kind = SIGNAL
            name = name_of(act, signal.name, names, element)
        case ConditionalEvent():
            kind = CONDITION
        case _:
            raise ExecutionError("run.unsupported", element.id, kind=element.kind)
    return NewSubscription(kind, name, key, token.process_id, token.id, element.id)


def happen(act: Act, token: Token, variables: Mapping[str, Any]) -> None:
    """Let what a token waits for happen, and give its element what came along."""
    going = act.execution.fire(token.id)
    if not stays(token.element):
        unsubscribe(act, token.id)
    act.catches(going, variables)


def reach(act: Act, token: Token) -> None:
    """Let a signal that was just thrown happen wherever this instance awaits it (BPMN 2.0.2, 10.5.7)."""
    outgoing = act.changes.outbox.get(token.id)
    if outgoing is None or outgoing.kind != SIGNAL:
        return
    outgoing.reached = True
    awaiting = {
        new.token
        for new in act.changes.subscriptions.values()
        if new.kind == SIGNAL and new.name == outgoing.name
    }
    if act.instance.stored:
        wanted = {"instance": act.instance.id, "name": outgoing.name}
        awaiting.update(act.unit.execute(_signals, wanted).scalars())
    for waiting in act.execution.waiting():
        if waiting.id in awaiting and act.execution.awaits(waiting.id) is not None:
            note_received(act, waiting.element, SIGNAL, outgoing.name, "", outgoing.variables)
            happen(act, waiting, outgoing.variables)


def note_received(
    act: Act, element: Element, kind: str, name: str, key: str, variables: Mapping[str, Any]
) -> None:
    """Write in the history that a message or a signal has come."""
    body = {"step": element.label, "name": name, "key": key, "payload": dict(variables)}
    act.note(f"{kind}.received", element.id, body)


def holds(act: Act, token: Token) -> bool:
    """Tell whether the condition that a token waits for is true; a name that nothing gives yet is null."""
    awaited = token.element.awaits
    if not isinstance(awaited, ConditionalEvent) or awaited.condition.expression is None:
        return False
    try:
        return awaited.condition.expression.evaluate(act.names(token), act.env) is True
    except feel.FeelError:
        return False


def met(act: Act, token: Token) -> None:
    """Note that the condition of a token has become true, which ends the waiting of all but those that stay armed."""
    act.note("condition.met", token.element.id, {"step": token.element.label})
    if not stays(token.element):
        unsubscribe(act, token.id)


def brought(act: Act, token: Token) -> dict[str, Any]:
    """Return what an event sub-process begins with: what came with its event, as its start event maps it.

    That is its own; the scope around it keeps what it has, as in Camunda 8. Anything else begins with nothing.
    """
    element = token.element
    start = act.process.model(token.process_id).start(element.id)
    if not isinstance(element, SubProcess) or not element.triggered or start is None:
        return {}
    scope = act.scopes.find(token.id)
    if not start.outputs:
        return dict(scope.values) if scope is not None else {}
    holder = Scopes.new({})
    for binding in start.outputs:
        names = act.names(token, holder.scopes[0].values)
        holder.assign(0, binding.target, plain(act.data(binding.source, names, start.id)))
    return holder.scopes[0].values


def starts_sub_process(act: Act, token: Token) -> bool:
    """Tell whether an element is the start event of an event sub-process, whose mapping was done when it began."""
    element = token.element
    around = act.process.model(token.process_id).elements.get(element.parent or "")
    return element.kind == "startEvent" and isinstance(around, SubProcess) and around.triggered


def stays(element: Element) -> bool:
    """Tell whether an event stays armed when it has happened: one that doesn't interrupt happens again and again."""
    return isinstance(element, Event) and not element.interrupting


def unsubscribe(act: Act, token: int) -> None:
    """Close a token's subscription, whether its row exists already or not."""
    if act.changes.subscriptions.pop(token, None) is None:
        act.changes.unsubscribed.add(token)


def write(unit: Unit, acts: Sequence[Act]) -> None:
    """Send what ``acts`` threw to those that await it by now; close subscriptions that are over, open the new ones."""
    for act in acts:
        if act.changes.outbox:
            sending.write(unit, act)
    for act in acts:
        if act.changes.unsubscribed:
            tokens = sorted(act.changes.unsubscribed)
            unit.execute(_close, {"instance": act.instance.id, "tokens": tokens})
    rows = [
        {
            "kind": new.kind,
            "name": new.name,
            "key": new.key,
            "process_id": new.process_id,
            "instance_id": act.instance.id,
            "token": new.token,
            "element": new.element,
            "created_at": act.now,
        }
        for act in acts
        for new in act.changes.subscriptions.values()
    ]
    if rows:
        unit.execute(_open, rows)
