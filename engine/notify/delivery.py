"""Sends what lies in the outbox: each row under a lease, outside every transaction, with rests between attempts.

That a row is being sent is committed before it is sent. Where its worker vanished nobody knows whether it went out: a
channel whose receivers recognise a message by its id gets it again, any other doesn't, and an administrator decides.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, update

from engine import tables
from engine.commands.jobs import BACKOFF, MAX_BACKOFF
from engine.database import Unit
from engine.errors import BihuanError, NotFound
from engine.messages import sentence
from engine.notify.audience import Reader
from engine.notify.configuration import Configured, General, configured, gate, general, with_secrets
from engine.notify.gate import Gate
from engine.notify.kinds import ABOUT_OPEN_TASKS
from engine.notify.letters import cases_of, concealed, words
from engine.notify.ports import Message, Undelivered
from engine.notify.sources import secret_cases
from engine.notify.telling import RETRIES, after_quiet
from engine.values import digest

if TYPE_CHECKING:
    from engine.engine import Engine

log = logging.getLogger(__name__)

#: How long a worker may take for one message.
LEASE = timedelta(minutes=2)

_box, _people, _items = tables.outbox.c, tables.people.c, tables.work_items.c
_ready = (
    select(tables.outbox)
    .where(
        _box.state.in_(("open", "sending")),
        _box.due_at <= bindparam("now"),
        or_(_box.leased_until.is_(None), _box.leased_until <= bindparam("now")),
    )
    .order_by(_box.due_at, _box.id)
    .limit(1)
)
_change = update(tables.outbox).where(_box.id == bindparam("row"))
_FREE: Mapping[str, Any] = {"lease": None, "leased_until": None}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox as administrators see it: to whom, through what, and what became of it; not what it says."""

    id: int
    channel: str
    person: str
    name: str
    kind: str
    state: str
    attempts: int
    error: str | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A row that is ready to be sent, with all that sending needs."""

    row: Any
    lease: str
    channel: Configured
    options: Mapping[str, Any]
    message: Message
    gate: Gate


def any_ready(unit: Unit, now: datetime) -> bool:
    """Tell whether anything could be sent."""
    return unit.execute(_ready, {"now": now}).first() is not None


def send_next(engine: Engine, now: datetime) -> bool:
    """Take up the oldest message that is due, and send it or say why not; tell whether there was one."""
    taken: list[bool] = []

    def take(unit: Unit) -> _Parcel | None:
        taken.clear()
        row = unit.execute(_ready.with_for_update(skip_locked=True), {"now": now}).first()
        if row is None:
            return None
        taken.append(True)
        return _prepared(engine, unit, row, now)

    parcel = engine.database.retry(take)
    if parcel is None:
        return bool(taken)
    try:
        parcel.channel.channel.send(parcel.options, parcel.message, parcel.gate)
        outcome: Undelivered | None = None
    except Undelivered as error:
        outcome = error
    except Exception as error:
        log.exception("channel %s failed at message %s", parcel.channel.name, parcel.row.id)
        outcome = Undelivered(type(error).__name__, unclear=True)
    engine.database.retry(lambda unit: _settle(unit, parcel, outcome, engine.clock.now()))
    return True


def _prepared(engine: Engine, unit: Unit, row: Any, now: datetime) -> _Parcel | None:
    """Lease a row and gather what sending it needs; None where it is settled without being sent."""
    channel = configured(unit, engine.plugins).get(row.channel)
    if channel is None or not channel.on or _over(unit, row):
        _set(unit, row.id, state="dropped", **_FREE)
        return None
    if row.state == "sending" and not channel.channel.repeatable(channel.options):
        language = general(unit).language
        _set(unit, row.id, state="failed", error=sentence("delivery.interrupted", {}, language), **_FREE)
        return None
    later = after_quiet(channel.quiet, now)
    if later > now:
        _set(unit, row.id, state="open", due_at=later, **_FREE)
        return None
    reader = _reader(unit, row.person)
    address = reader.address(channel) if reader is not None else None
    if reader is None or address is None:
        _set(unit, row.id, state="dropped", **_FREE)
        return None
    try:
        options = with_secrets(unit, channel)
    except BihuanError as error:
        _fail(unit, row, error.message(general(unit).language), final=False, now=now)
        return None
    lease = secrets.token_hex(16)
    attempts = row.attempts + 1
    _set(unit, row.id, state="sending", lease=lease, leased_until=now + LEASE, attempts=attempts)
    body = concealed(row.body, secret_cases(engine.plugins, unit, cases_of(row.body)))
    message = message_of(engine.database.code, row.key, body, general(unit), channel, reader, address, now)
    return _Parcel(row, lease, channel, options, message, gate(unit))


def message_of(
    county: str,
    key: str,
    body: str,
    general: General,
    channel: Configured,
    reader: Reader,
    address: str,
    now: datetime,
) -> Message:
    """Return the message of a letter; its id depends on nothing but what is told to whom."""
    said = words(body, general, discreet=channel.discreet)
    id = digest(f"{county}:{key}")[:32]
    return Message(id, reader.name, address, reader.mobile, said.title, said.paragraphs, now, said.link)


def _over(unit: Unit, row: Any) -> bool:
    """Whether there is nothing left to tell: the task is done."""
    if row.item_id is None or row.kind not in ABOUT_OPEN_TASKS:
        return False
    return bool(unit.execute(select(_items.state).where(_items.id == row.item_id)).scalar() != "open")


def _reader(unit: Unit, person: str) -> Reader | None:
    query = select(_people.name, _people.email, _people.mobile).where(_people.id == person, _people.active)
    row = unit.execute(query).first()
    return None if row is None else Reader(person, row.name, row.email or "", row.mobile or "")


def _settle(unit: Unit, parcel: _Parcel, outcome: Undelivered | None, now: datetime) -> None:
    """Write what became of a message, unless another worker has it meanwhile."""
    row = parcel.row
    held = unit.execute(select(_box.lease).where(_box.id == row.id).with_for_update()).scalar()
    if held != parcel.lease:
        return
    if outcome is None:
        _set(unit, row.id, state="sent", sent_at=now, error=None, **_FREE)
        return
    if outcome.unclear and not parcel.channel.channel.repeatable(parcel.channel.options):
        reason = sentence("delivery.unclear", {"reason": outcome.reason}, general(unit).language)
        _set(unit, row.id, state="failed", error=reason, **_FREE)
        return
    _fail(unit, row, outcome.reason, final=outcome.final, now=now)


def _fail(unit: Unit, row: Any, reason: str, *, final: bool, now: datetime) -> None:
    left = 0 if final else row.retries - 1
    if not left:
        _set(unit, row.id, state="failed", retries=0, error=reason, **_FREE)
        return
    rest = min(MAX_BACKOFF, BACKOFF * 2 ** (RETRIES - row.retries))
    _set(unit, row.id, state="open", retries=left, error=reason, due_at=now + rest, **_FREE)


def _set(unit: Unit, id: int, **values: Any) -> None:
    unit.execute(_change.values(values), {"row": id})


def listed(
    unit: Unit, states: Sequence[str], channel: str | None, before: int | None, limit: int
) -> list[Delivery]:
    """Return rows of the outbox, the newest first, those before the id ``before``."""
    query = (
        select(tables.outbox, _people.name)
        .join(tables.people, _people.id == _box.person)
        .where(_box.state.in_(list(states)))
        .order_by(_box.id.desc())
        .limit(limit)
    )
    if channel is not None:
        query = query.where(_box.channel == channel)
    if before is not None:
        query = query.where(_box.id < before)
    return [
        Delivery(
            row.id,
            row.channel,
            row.person,
            row.name,
            row.kind,
            row.state,
            row.attempts,
            row.error,
            row.created_at,
            row.due_at,
            row.sent_at,
        )
        for row in unit.execute(query)
    ]


def counts(unit: Unit) -> dict[tuple[str, str], int]:
    """Return how many messages there are: (channel, state) → number."""
    number = func.count().label("number")
    rows = unit.execute(select(_box.channel, _box.state, number).group_by(_box.channel, _box.state))
    return {(row.channel, row.state): row.number for row in rows}


def again(unit: Unit, id: int, now: datetime) -> None:
    """Let a message that failed be tried anew; raises :class:`NotFound`."""
    values = {"state": "open", "retries": RETRIES, "due_at": now, "error": None, **_FREE}
    mine = update(tables.outbox).where(_box.id == id, _box.state == "failed")
    if unit.execute(mine.values(values)).rowcount != 1:
        raise NotFound("delivery.unknown")
