"""The logs: who administered what, who signed in, who read what; and how long the last two are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, delete, or_, select

from engine import tables
from engine.admin import settings
from engine.admin.record import CHAIN, Command
from engine.calendar import ZONE
from engine.database import Unit
from engine.errors import BihuanError
from engine.values import load_json

#: The chains of history that administration writes.
CHAINS = (CHAIN, settings.CHAIN, "interventions", "deployments")
#: The longest number that a key of the database has.
_KEY_DIGITS = 18
_events, _sign_ins, _reads = tables.events.c, tables.sign_ins.c, tables.reads.c


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What narrows a log; the empty string narrows nothing. ``before`` is where the page begins, as the one before said."""

    text: str = ""
    person: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None
    before: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Administered:
    """An event of administration: when, by whom, of which kind, and its body."""

    chain: str
    seq: int
    at: datetime
    actor: str
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody signed in, was turned away, or left."""

    id: int
    at: datetime
    account: str
    what: str
    how: str
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody read what not everybody may: the case, which records of it, and why it counts."""

    id: int
    at: datetime
    person: str
    instance_id: int
    what: str
    names: str
    why: str
    address: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of a log, the newest first; ``next`` is what ``before`` must be for the following one."""

    rows: Sequence[Any]
    next: str | None


def administered(unit: Unit, query: LogQuery) -> LogPage:
    """Return what administrators did; ``kind`` is an event's kind or the part before its dot."""
    wanted = select(tables.events).where(_events.chain.in_(CHAINS))
    if query.person:
        wanted = wanted.where(_events.actor.in_((query.person, f"user:{query.person}")))
    if query.kind:
        wanted = wanted.where(
            or_(_events.kind == query.kind, _events.kind.like(f"{_escaped(query.kind)}.%", escape="\\"))
        )
    if query.text:
        wanted = wanted.where(_events.body.like(f"%{_escaped(query.text)}%", escape="\\"))
    wanted = _between(wanted, _events.at, query)
    if query.before:
        at, chain, seq = _cursor(query.before)
        earlier = (_events.chain < chain) | ((_events.chain == chain) & (_events.seq < seq))
        wanted = wanted.where((_events.at < at) | ((_events.at == at) & earlier))
    order = (_events.at.desc(), _events.chain.desc(), _events.seq.desc())
    rows = unit.execute(wanted.order_by(*order).limit(query.limit + 1)).all()
    page = [
        Administered(row.chain, row.seq, row.at, row.actor, row.kind, load_json(row.body or "{}"))
        for row in rows[: query.limit]
    ]
    more = len(rows) > query.limit
    return LogPage(page, f"{page[-1].at.isoformat()}~{page[-1].chain}~{page[-1].seq}" if more else None)


def _cursor(text: str) -> tuple[datetime, str, int]:
    """Return where a page begins; raises :class:`BihuanError` for what no page said."""
    moment, _, rest = text.partition("~")
    chain, _, seq = rest.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        number = int(seq)
    except ValueError:
        raise BihuanError("time.unreadable", text=text) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=ZONE), chain, number


def sign_ins(unit: Unit, query: LogQuery) -> LogPage:
    """Return who signed in and who was turned away; ``kind`` is what happened."""
    wanted = select(tables.sign_ins)
    if query.person:
        wanted = wanted.where(_sign_ins.account == query.person)
    if query.kind:
        wanted = wanted.where(_sign_ins.what == query.kind)
    if query.text:
        pattern = f"%{_escaped(query.text)}%"
        columns = (_sign_ins.account, _sign_ins.address, _sign_ins.agent)
        wanted = wanted.where(or_(*(column.like(pattern, escape="\\") for column in columns)))
    return _numbered(unit, _between(wanted, _sign_ins.at, query), _sign_ins.id, query, SignIn)


def reads(unit: Unit, query: LogQuery) -> LogPage:
    """Return who read sensitive records; ``kind`` is why they count."""
    wanted = select(tables.reads)
    if query.person:
        wanted = wanted.where(_reads.person == query.person)
    if query.kind:
        wanted = wanted.where(_reads.why == query.kind)
    if query.text:
        cases = tables.instances.c
        pattern = f"%{_escaped(query.text)}%"
        about = select(cases.id).where(
            or_(cases.subject.like(pattern, escape="\\"), cases.unit.like(pattern, escape="\\"))
        )
        wanted = wanted.where(_reads.instance_id.in_(about) | _reads.names.like(pattern, escape="\\"))
    return _numbered(unit, _between(wanted, _reads.at, query), _reads.id, query, Read)


def prune(command: Command) -> int:
    """Delete what the logs of sign-ins and reading hold beyond their time, and sessions that ended before it; record it.

    The chain of administration is never shortened.
    """
    months = max(settings.LEAST_MONTHS, int(settings.get(command.unit, settings.LOGS)["months"]))
    oldest = _months_before(command.now, months)
    sessions = tables.sessions.c
    old = {
        "sign_ins": (tables.sign_ins, _sign_ins.at < oldest),
        "reads": (tables.reads, _reads.at < oldest),
        "sessions": (tables.sessions, sessions.seen_at < oldest),
    }
    counts = {
        name: command.unit.execute(delete(table).where(condition)).rowcount
        for name, (table, condition) in old.items()
    }
    if any(counts.values()):
        command.record("logs.pruned", before=oldest, **counts)
    return sum(counts.values())


def _months_before(now: datetime, months: int) -> datetime:
    """Return the same day some months ago, or the last one of that month."""
    local = now.astimezone(ZONE)
    month = local.year * 12 + local.month - 1 - months
    first = local.replace(year=month // 12, month=month % 12 + 1, day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first.replace(day=min(local.day, (following - timedelta(days=1)).day))


def _between(wanted: Select[Any], column: Any, query: LogQuery) -> Select[Any]:
    if query.since is not None:
        wanted = wanted.where(column >= datetime.combine(query.since, time(), ZONE))
    if query.until is not None:
        wanted = wanted.where(column < datetime.combine(query.until + timedelta(days=1), time(), ZONE))
    return wanted


def _numbered(unit: Unit, wanted: Select[Any], id: Any, query: LogQuery, kind: type[Any]) -> LogPage:
    if query.before.isascii() and query.before.isdigit() and len(query.before) <= _KEY_DIGITS:
        wanted = wanted.where(id < int(query.before))
    rows = unit.execute(wanted.order_by(id.desc()).limit(query.limit + 1)).all()
    page = [kind(**row._mapping) for row in rows[: query.limit]]
    return LogPage(page, str(page[-1].id) if len(rows) > query.limit else None)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
