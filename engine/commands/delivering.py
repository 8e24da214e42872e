"""Delivers messages and signals after their sender's commit: one command an instance, so that two are never locked at once.

A message is correlated once a process (whatever the version), to the oldest subscription with its name and key; start
events of the name come after those. What nobody awaits is kept for its time to live. Nothing but the rows says what is to
be done, so a worker that dies loses nothing, and two workers do nothing twice: each first locks the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, insert, or_, select, update

from engine import tables
from engine.commands import writer
from engine.commands.act import Act
from engine.commands.loading import load_instance, token_of
from engine.commands.naming import MESSAGE, SIGNAL
from engine.commands.ports import Ports
from engine.commands.start import StartRequest, begin
from engine.commands.subscriptions import happen, note_received
from engine.database import Unit
from engine.tables import business_keys, correlations, messages, subscriptions
from engine.values import load_json

#: How long a message rests after a delivery that failed for a reason outside the process; doubled after each further one.
BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(hours=1)

_message, _awaiting = messages.c, subscriptions.c
_correlated = (
    exists()
    .where(correlations.c.message_id == _message.id, correlations.c.process_id == _awaiting.process_id)
    .correlate(messages, subscriptions)
)
_taken = (
    exists()
    .where(
        business_keys.c.process_id == _awaiting.process_id,
        business_keys.c.key == _message.key,
        _message.key != "",
    )
    .correlate(messages, subscriptions)
)
#: What awaits something in a suspended case, or would start a suspended process: it is passed over until it is resumed.
_held = or_(
    exists().where(tables.instances.c.id == _awaiting.instance_id, tables.instances.c.state == "suspended"),
    and_(
        _awaiting.instance_id.is_(None),
        exists().where(
            tables.definitions.c.id == _awaiting.definition_id,
            tables.definitions.c.suspended_at.is_not(None),
        ),
    ),
)
#: What an instance has begun to await after it got the message, perhaps because of it.
_since = (
    exists()
    .where(
        correlations.c.message_id == _message.id,
        correlations.c.instance_id == _awaiting.instance_id,
        correlations.c.at <= _awaiting.created_at,
    )
    .correlate(messages, subscriptions)
)
#: A message that isn't kept is for those who awaited it when it was published.
_in_time = or_(
    _message.expires_at > _message.published_at,
    and_(_awaiting.created_at <= _message.published_at, ~_since),
)
#: Which subscription a message is for: one of its name and key, or a start event of its name.
_fits = and_(
    _awaiting.kind == MESSAGE,
    _awaiting.name == _message.name,
    or_(
        and_(_awaiting.instance_id.is_not(None), _awaiting.key == _message.key),
        and_(_awaiting.instance_id.is_(None), ~_taken),
    ),
    ~_correlated,
    ~_held,
    _in_time,
)
_waits = exists().where(_awaiting.id == _message.subscription_id, _held)
_ready = (
    select(_message.id)
    .where(
        or_(
            _message.attempts == 0,
            _message.due_at <= bindparam("now"),
            _message.due_at > bindparam("longest"),  # the clock was put back
        ),
        or_(
            and_(_message.state == "new", or_(_message.kind == MESSAGE, ~_waits)),
            and_(
                _message.state == "buffered",
                or_(_message.expires_at <= bindparam("now"), exists().where(_fits).correlate(messages)),
            ),
        ),
    )
    .order_by(_message.due_at, _message.id)
    .limit(bindparam("limit"))
)
_locked = select(messages).where(_message.id == bindparam("id")).with_for_update(skip_locked=True)
_fitting = (
    select(subscriptions)
    .select_from(messages.join(subscriptions, _fits))
    .where(_message.id == bindparam("id"))
    .order_by(_awaiting.instance_id.is_(None), _awaiting.id)
)
_subscription = select(subscriptions).where(_awaiting.id == bindparam("id"))
_is_held = select(_awaiting.id).where(_awaiting.id == bindparam("id"), _held)


def ready(unit: Unit, now: datetime, limit: int) -> list[int]:
    """Return the messages and signals for which something is to be done, the oldest first."""
    return list(unit.execute(_ready, {"now": now, "longest": now + MAX_BACKOFF, "limit": limit}).scalars())


def deliver(ports: Ports, unit: Unit, id: int) -> bool:
    """Deliver a message or a signal to one that awaits it; tell whether it was: there may be others, so ask again.

    False where nobody awaits it (any more), or where another worker is at it.
    """
    row = unit.execute(_locked, {"id": id}).first()
    if row is None or row.state == "done":
        return False
    if row.kind == SIGNAL:
        return _signal(ports, unit, row)
    now = ports.clock.now()
    over = row.state == "buffered" and row.expires_at <= now
    for candidate in () if over else _candidates(unit, row):
        act = _reach(ports, unit, row, candidate)
        if act is not None:
            values = {
                "message_id": row.id,
                "process_id": candidate.process_id,
                "instance_id": act.instance.id,
                "at": act.now,
            }
            unit.execute(insert(correlations), values)
            return True
    _settle(unit, row, now)
    return False


def postpone(ports: Ports, unit: Unit, id: int, reason: str) -> None:
    """Let a message rest whose delivery has failed."""
    row = unit.execute(_locked, {"id": id}).first()
    if row is not None:
        rest = min(MAX_BACKOFF, BACKOFF * 2 ** min(row.attempts, 10))
        values = {
            "attempts": row.attempts + 1,
            "due_at": ports.clock.now() + rest,
            "error": reason[:2000],
        }
        unit.execute(update(messages).where(_message.id == id).values(values))


def _candidates(unit: Unit, row: Any) -> Sequence[Any]:
    """Return the subscriptions that a message may be correlated to, in the order in which they are asked.

    Where it has no key and several instances of a process await it, nobody can say which one is meant: it waits until
    only one does.
    """
    found = unit.execute(_fitting, {"id": row.id}).all()
    if row.key:
        return found
    instances: dict[str, set[int]] = {}
    for one in found:
        if one.instance_id is not None:
            instances.setdefault(one.process_id, set()).add(one.instance_id)
    return [one for one in found if len(instances.get(one.process_id, ())) < 2]


def _signal(ports: Ports, unit: Unit, row: Any) -> bool:
    """Deliver a signal to its subscription, if that is still there; the row has done its work then."""
    candidate = unit.execute(_subscription, {"id": row.subscription_id}).first()
    act = None if candidate is None else _reach(ports, unit, row, candidate)
    if act is None and unit.execute(_is_held, {"id": row.subscription_id}).first() is not None:
        return False
    unit.execute(delete(messages).where(_message.id == row.id))
    return act is not None


def _reach(ports: Ports, unit: Unit, row: Any, candidate: Any) -> Act | None:
    """Hand a message or a signal to a subscription; None where that is gone, or its case suspended."""
    variables = load_json(row.variables)
    if candidate.instance_id is None:
        return _start(ports, unit, row, candidate)
    act = load_instance(ports, unit, candidate.instance_id, row.actor)
    if unit.execute(_subscription, {"id": candidate.id}).first() is None:  # asked anew: only now it is locked
        return None
    if act.progress.suspended is not None:
        return None
    token = token_of(act, candidate.token)
    note_received(act, token.element, row.kind, row.name, row.key, variables)
    happen(act, token, variables)
    act.execution.run()
    writer.write(unit, [act])
    return act


def _start(ports: Ports, unit: Unit, row: Any, candidate: Any) -> Act:
    """Begin an instance by a start event; its business key is the message's."""
    process = ports.catalogue.get(unit, candidate.definition_id)
    (id,) = writer.reserve(unit, "instances", 1)
    request = StartRequest(load_json(row.variables), row.key or None)
    act = begin(ports, unit, process, request, row.actor, id, event=candidate.element)
    element = process.element(process.process_id, candidate.element)
    note_received(act, element, row.kind, row.name, row.key, request.variables)
    writer.write(unit, [act])
    return act


def _settle(unit: Unit, row: Any, now: datetime) -> None:
    """Keep what nobody awaits yet; forget what has lived long enough, but not that its id was there."""
    if row.expires_at > now:
        if row.state != "buffered":
            unit.execute(update(messages).where(_message.id == row.id).values(state="buffered"))
        return
    if row.message_id is not None:
        unit.execute(update(messages).where(_message.id == row.id).values(state="done", variables="{}"))
        return
    unit.execute(delete(correlations).where(correlations.c.message_id == row.id))
    unit.execute(delete(messages).where(_message.id == row.id))
