"""What starts instances by itself: the message, signal and timer start events of the newest version of each process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from engine import feel, history, tables
from engine.bpmn.event_definitions import MessageEvent, SignalEvent, TimerEvent
from engine.bpmn.model import Event, ProcessModel, Value
from engine.calendar import OPENS, cycle_of, moment_of, next_of
from engine.commands import writer
from engine.commands.naming import MESSAGE, SIGNAL, key_text
from engine.commands.ports import Ports
from engine.commands.start import StartRequest, begin
from engine.database import Unit
from engine.errors import BihuanError, Refused
from engine.history import Entry
from engine.tables import start_timers, subscriptions
from engine.values import iso

BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(hours=1)

#: As many times of a cycle that began in the past are passed over.
MAX_PASSED = 100_000

_timers = start_timers.c
_due = (
    select(_timers.id)
    .where(
        _timers.due_at <= bindparam("now"),
        or_(
            _timers.retry_at.is_(None),
            _timers.retry_at <= bindparam("now"),
            _timers.retry_at > bindparam("longest"),  # the clock was put back
        ),
        ~exists().where(
            tables.definitions.c.id == _timers.definition_id, tables.definitions.c.suspended_at.is_not(None)
        ),
    )
    .order_by(_timers.due_at, _timers.id)
    .limit(bindparam("limit"))
)
_locked = select(start_timers).where(_timers.id == bindparam("id")).with_for_update(skip_locked=True)


def renew(
    ports: Ports, unit: Unit, models: Mapping[str, ProcessModel], definitions: Mapping[str, int]
) -> None:
    """Let the start events of a deployment's processes take the place of those of their earlier versions.

    ``definitions`` gives the id of each process's new definition. Raises :class:`Refused` for a name or a time that can't
    be evaluated, for which there are no variables yet.
    """
    ids = list(definitions)
    unit.execute(
        delete(subscriptions).where(
            subscriptions.c.instance_id.is_(None), subscriptions.c.process_id.in_(ids)
        )
    )
    unit.execute(delete(start_timers).where(_timers.process_id.in_(ids)))
    now = ports.clock.now()
    env = ports.environment(unit, now)
    awaited: list[dict[str, Any]] = []
    timed: list[dict[str, Any]] = []
    for model in models.values():
        for event in model.awaited_starts():
            place = {"process_id": model.id, "definition_id": definitions[model.id], "element": event.id}
            match event.awaits:
                case MessageEvent(name=name):
                    awaited.append({**place, "kind": MESSAGE, "name": _name(name, env, event)})
                case SignalEvent(name=name):
                    awaited.append({**place, "kind": SIGNAL, "name": _name(name, env, event)})
                case TimerEvent() as timer:
                    when = _times(timer, env, now, event)
                    if when is not None:
                        provisional = ports.working_days(unit).provisional(when["due_at"])
                        timed.append({**place, **when, "due_provisional": provisional, "attempts": 0})
    if awaited:
        unit.execute(
            insert(subscriptions), [{**row, "key": "", "token": 0, "created_at": now} for row in awaited]
        )
    if timed:
        unit.execute(insert(start_timers), timed)


def due(unit: Unit, now: datetime, limit: int) -> list[int]:
    """Return the start timers that are due, the oldest first."""
    return list(unit.execute(_due, {"now": now, "longest": now + MAX_BACKOFF, "limit": limit}).scalars())


def fire(ports: Ports, unit: Unit, id: int, now: datetime) -> bool:
    """Start an instance by a timer that is due ``now``; False where it is gone, or another worker is at it.

    The timer and the instance change in one transaction, so it starts one whatever dies.
    """
    row = unit.execute(_locked, {"id": id}).first()
    if row is None or row.due_at > now:
        return False
    if ports.catalogue.suspended_since(unit, row.definition_id) is not None:
        return False
    process = ports.catalogue.get(unit, row.definition_id)
    (number,) = writer.reserve(unit, "instances", 1)
    act = begin(ports, unit, process, StartRequest({}), "system", number, event=row.element)
    writer.write(unit, [act])
    left = None if row.repeats is None else row.repeats - 1
    mine = _timers.id == id
    if row.cycle is None or left == 0:
        unit.execute(delete(start_timers).where(mine))
    else:
        values = {
            "due_at": next_of(row.due_at, row.cycle),
            "repeats": left,
            "attempts": 0,
            "retry_at": None,
            "error": None,
        }
        unit.execute(update(start_timers).where(mine).values(values))
    return True


def postpone(ports: Ports, unit: Unit, id: int, reason: str) -> None:
    """Let a start timer rest that has failed for a reason outside the process."""
    row = unit.execute(_locked, {"id": id}).first()
    if row is not None:
        rest = min(MAX_BACKOFF, BACKOFF * 2 ** min(row.attempts, 10))
        values = {
            "attempts": row.attempts + 1,
            "retry_at": ports.clock.now() + rest,
            "error": reason[:2000],
        }
        unit.execute(update(start_timers).where(_timers.id == id).values(values))


def recompute(ports: Ports, unit: Unit, actor: str) -> int:
    """Work out provisional times again, from when they were deployed; return how many are others now."""
    deployed = (
        select(start_timers, tables.deployments.c.deployed_at)
        .join(tables.definitions, tables.definitions.c.id == _timers.definition_id)
        .join(tables.deployments, tables.deployments.c.id == tables.definitions.c.deployment_id)
        .where(_timers.due_provisional, _timers.cycle.is_(None))
    )
    changed = 0
    for row in unit.execute(deployed.order_by(_timers.id)).all():
        event = ports.catalogue.get(unit, row.definition_id).definition.model.elements[row.element]
        if not isinstance(event, Event) or event.timer is None:
            continue
        when = _times(event.timer, ports.environment(unit, row.deployed_at), row.deployed_at, event)
        if when is None:
            continue
        provisional = ports.working_days(unit).provisional(when["due_at"])
        values = {"due_at": when["due_at"], "due_provisional": provisional}
        unit.execute(update(start_timers).where(_timers.id == row.id).values(values))
        if when["due_at"] != row.due_at:
            changed += 1
            body = {"process": row.process_id, "due": iso(when["due_at"]), "before": iso(row.due_at)}
            entry = Entry("due.recomputed", actor, ports.clock.now(), row.element, body)
            history.record(unit, "deployments", entry)
    return changed


def _name(value: Value, env: feel.Environment, event: Event) -> str:
    name = key_text(_value(value, env, event))
    if name is None:
        raise Refused("start.unreadable", element=event.label, text=value.text)
    return name


def _times(timer: TimerEvent, env: feel.Environment, now: datetime, event: Event) -> dict[str, Any] | None:
    """Return when a start timer goes off from now on; None where its time is over already."""
    value = _value(timer.value, env, event)
    try:
        if timer.type != "cycle":
            moment = moment_of(value, now, OPENS)
            if moment is None:
                raise BihuanError("time.unreadable", text="null")
            return {"due_at": moment, "cycle": None, "repeats": None} if moment >= now else None
        cycle = cycle_of(value, now)
        moment, left = cycle.first, cycle.times
        for _ in range(MAX_PASSED):
            if moment >= now or left == 0:
                break
            moment, left = next_of(moment, cycle.interval), None if left is None else left - 1
    except BihuanError as error:
        text = str(error.params.get("text", timer.value.text))
        raise Refused("start.unreadable", element=event.label, text=text) from None
    return None if left == 0 or moment < now else {"due_at": moment, "cycle": cycle.interval, "repeats": left}


def _value(value: Value, env: feel.Environment, event: Event) -> Any:
    if value.expression is None:
        return value.text
    try:
        return feel.to_host(value.expression.evaluate({}, env, strict=True))
    except feel.FeelError as error:
        raise Refused("start.unreadable", element=event.label, text=value.text) from error
