"""What an instance sends: messages and signals leave as rows of the same transaction, and are delivered after its commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, literal, null, or_, select

from engine.bpmn.event_definitions import MessageEvent, SignalEvent
from engine.bpmn.model import Element, Event, SendTask
from engine.calendar import moment_of
from engine.commands.naming import MESSAGE, SIGNAL, key_of, name_of
from engine.database import Unit
from engine.errors import BihuanError, ExecutionError
from engine.runtime import Token
from engine.tables import messages, subscriptions
from engine.values import dump_json

if TYPE_CHECKING:
    from engine.commands.act import Act
    from engine.commands.scopes import Names

#: How long a message waits for somebody to await it where nobody says.
TIME_TO_LIVE = timedelta(hours=1)

_known = select(messages.c.id).where(
    messages.c.name == bindparam("name"),
    messages.c.key == bindparam("key"),
    messages.c.message_id == bindparam("message_id"),
)


@dataclass(slots=True)
class Outgoing:
    """A message or a signal before its rows exist; ``reached`` says that this instance itself has got the signal."""

    kind: str
    name: str
    key: str
    message_id: str | None
    variables: Mapping[str, Any]
    expires_at: datetime
    reached: bool = False


def send(act: Act, token: Token, inputs: Mapping[str, Any]) -> None:
    """Note what a send task or a throwing event sends; its variables are those of its input mapping."""
    element = token.element
    names = act.names(token, inputs)
    match sent_by(element):
        case SignalEvent() as signal:
            name = name_of(act, signal.name, names, element)
            outgoing = Outgoing(SIGNAL, name, "", None, inputs, act.now)
        case MessageEvent() as message:
            outgoing = _message(act, element, message, names, inputs)
        case _:
            raise ExecutionError("run.unsupported", element.id, kind=element.kind)
    act.changes.outbox[token.id] = outgoing
    body = {"step": element.label, "name": outgoing.name, "key": outgoing.key, "payload": dict(inputs)}
    act.note(f"{outgoing.kind}.sent", element.id, body)


def sent_by(element: Element) -> MessageEvent | SignalEvent | None:
    """Return what an element sends."""
    if isinstance(element, SendTask):
        return element.message
    definition = element.definition if isinstance(element, Event) else None
    return definition if isinstance(definition, MessageEvent | SignalEvent) else None


def _message(
    act: Act, element: Element, message: MessageEvent, names: Names, inputs: Mapping[str, Any]
) -> Outgoing:
    key = key_of(act, message.key, names, element)
    name = name_of(act, message.name, names, element)
    identifier = key_of(act, message.message_id, names, element) or None
    lasting = act.value(message.time_to_live, names, element.id)
    try:
        expires_at = moment_of(lasting, act.now) or act.now + TIME_TO_LIVE
    except BihuanError:
        raise ExecutionError("timer.unreadable", element.id, text=str(lasting)) from None
    return Outgoing(MESSAGE, name, key, identifier, inputs, expires_at)


def write(unit: Unit, act: Act) -> None:
    """Write what an act sends: a message is one row, a signal one for each that awaits it now."""
    for outgoing in act.changes.outbox.values():
        base = {
            "kind": outgoing.kind,
            "name": outgoing.name,
            "key": outgoing.key,
            "variables": dump_json(outgoing.variables),
            "actor": "system",
            "sender_id": act.instance.id,
            "published_at": act.now,
            "expires_at": outgoing.expires_at,
        }
        if outgoing.kind == SIGNAL:
            broadcast(unit, base, besides=act.instance.id if outgoing.reached else None)
        else:
            store(unit, {**base, "message_id": outgoing.message_id})


def store(unit: Unit, row: Mapping[str, Any]) -> tuple[int, bool]:
    """Write a message; return its number, and whether it is new: one with a known id is the one that was."""
    if row.get("message_id") is not None:
        wanted = {name: row[name] for name in ("name", "key", "message_id")}
        known = unit.execute(_known, wanted).scalar()
        if known is not None:
            return int(known), False
    fresh = {**row, "state": "new", "due_at": row["published_at"], "attempts": 0}
    return int(unit.execute(insert(messages).returning(messages.c.id), fresh).scalar_one()), True


def broadcast(unit: Unit, row: Mapping[str, Any], *, besides: int | None = None) -> int:
    """Write a signal for each subscription that awaits it now, but for those of one instance; return how many there are."""
    given = {**row, "state": "new", "due_at": row["published_at"], "attempts": 0}
    columns = {name: literal(value, messages.c[name].type) for name, value in given.items()}
    awaiting = select(*columns.values(), subscriptions.c.id).where(
        subscriptions.c.kind == row["kind"], subscriptions.c.name == row["name"]
    )
    if besides is not None:
        awaiting = awaiting.where(
            or_(subscriptions.c.instance_id != besides, subscriptions.c.instance_id == null())
        )
    query = insert(messages).from_select([*columns, "subscription_id"], awaiting.order_by(subscriptions.c.id))
    return len(unit.execute(query.returning(messages.c.id)).all())
