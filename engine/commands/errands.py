"""Errands: something a person wants made, in the background and as a file; asked for, made, fetched, forgotten.

What is made is what the person who asked may see at the moment when it is made: the maker acts as that person.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from engine import history, tables
from engine.commands import informing, notes, writer
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import NotFound
from engine.history import Entry
from engine.identity import Actor
from engine.store import Store, Stored
from engine.values import dump_json, load_plain

#: The chain of history of what is asked for without a case.
CHAIN = "errands"
OPEN, DONE, FAILED, GONE = "open", "done", "failed", "gone"
#: How long making one may take before another worker makes it again, and how often that is tried.
LEASE, ATTEMPTS = timedelta(minutes=5), 3
#: How long a file waits to be fetched.
KEPT = timedelta(days=30)

_errands = tables.errands.c
_row = select(tables.errands).where(_errands.id == bindparam("id"))
_next = (
    select(tables.errands)
    .where(
        _errands.state == OPEN,
        _errands.kind.in_(bindparam("kinds", expanding=True)),
        or_(_errands.leased_until.is_(None), _errands.leased_until <= bindparam("now")),
    )
    .order_by(_errands.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Errand:
    """An errand as its person sees it, and as its maker is given it; ``person`` is an id, not a principal.

    ``parts_done`` of ``parts`` are made, where its maker says so.
    """

    id: int
    kind: str
    person: str
    instance_id: int | None
    params: Mapping[str, Any]
    state: str
    asked_at: datetime
    finished_at: datetime | None
    name: str | None
    size: int | None
    subject: str | None = None
    parts_done: int | None = None
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What a maker made: a file's name and content."""

    name: str
    content: bytes


def ask(
    ports: Ports, unit: Unit, kind: str, instance_id: int | None, actor: Actor, params: Mapping[str, Any]
) -> int:
    """Note that the actor wants something made, of a case or without one; return the errand's id.

    Raises as seeing the case does.
    """
    if instance_id is None:
        return order(unit, kind, actor.person, params, ports.clock.now())
    act = load_instance(ports, unit, instance_id, actor.principal)
    notes.see(unit, act, actor)
    made = _insert(unit, kind, actor.person, instance_id, params, act.now)
    act.entries.append(Entry(f"{kind}.asked", act.actor, act.now, None, {"errand": made}))
    writer.write(unit, [act])
    return made


def order(unit: Unit, kind: str, person: str, params: Mapping[str, Any], now: datetime) -> int:
    """Note that somebody wants something made that isn't of one case; return the errand's id."""
    made = _insert(unit, kind, person, None, params, now)
    body = {"errand": made, **params}
    history.record(unit, CHAIN, Entry(f"{kind}.asked", f"user:{person}", now, None, body))
    return made


def _insert(
    unit: Unit, kind: str, person: str, instance_id: int | None, params: Mapping[str, Any], now: datetime
) -> int:
    values = {
        "kind": kind,
        "person": person,
        "instance_id": instance_id,
        "params": dump_json(params),
        "state": OPEN,
        "asked_at": now,
        "attempts": 0,
    }
    return int(unit.execute(insert(tables.errands).returning(_errands.id), values).scalar_one())


def progressed(unit: Unit, errand: int, done: int, parts: int, now: datetime) -> None:
    """Note how far an errand is; its worker lives, and has its time again."""
    values = {"parts_done": done, "parts": parts, "leased_until": now + LEASE}
    unit.execute(update(tables.errands).where(_errands.id == errand, _errands.state == OPEN).values(values))


def find(unit: Unit, errand: int, actor: Actor) -> tuple[Errand, str | None]:
    """Return an errand of the actor's own, and the hash of its file where there is one; raises :class:`NotFound`."""
    row = unit.execute(_row, {"id": errand}).first()
    if row is None or row.person != actor.person:
        raise NotFound("errand.unknown")
    return _view(row), row.sha256 if row.state == DONE else None


def listed(unit: Unit, actor: Actor, limit: int) -> list[Errand]:
    """Return the actor's errands, the newest first."""
    instances = tables.instances.c
    query = (
        select(tables.errands, instances.subject)
        .join(tables.instances, instances.id == _errands.instance_id, isouter=True)
        .where(_errands.person == actor.person)
        .order_by(_errands.id.desc())
        .limit(limit)
    )
    return [_view(row, row.subject) for row in unit.execute(query)]


def any_ready(unit: Unit, kinds: Sequence[str], now: datetime) -> bool:
    """Tell whether there is anything to make of these kinds."""
    return unit.execute(_next, {"kinds": list(kinds), "now": now}).first() is not None


def lease(unit: Unit, kinds: Sequence[str], now: datetime) -> tuple[Errand, str] | None:
    """Take up the oldest errand of these kinds for a worker; return it with the lease. Others pass it over."""
    row = unit.execute(_next.with_for_update(skip_locked=True), {"kinds": list(kinds), "now": now}).first()
    if row is None:
        return None
    mine = secrets.token_hex(16)
    values = {"lease": mine, "leased_until": now + LEASE, "attempts": row.attempts + 1}
    unit.execute(update(tables.errands).where(_errands.id == row.id).values(values))
    return _view(row), mine


def finish(unit: Unit, errand: int, lease: str, name: str, stored: Stored, now: datetime) -> bool:
    """Note what was made; tell whether the worker still had the errand."""
    values = {
        "state": DONE,
        "finished_at": now,
        "name": name[-300:],
        "type": stored.type,
        "size": stored.size,
        "sha256": stored.sha256,
        "lease": None,
        "leased_until": None,
        "error": None,
    }
    done = _change(unit, errand, lease, values)
    if done:
        _tell(unit, errand, "tell.file", {"name": values["name"]}, now)
    return done


def fail(unit: Unit, errand: int, lease: str, reason: str, now: datetime, *, final: bool) -> bool:
    """Note that making it failed; it is tried :data:`ATTEMPTS` times unless the reason is final."""
    row = unit.execute(_row, {"id": errand}).first()
    over = row is None or final or row.attempts >= ATTEMPTS
    values: dict[str, Any] = {"error": reason[:2000], "lease": None}
    if over:
        values |= {"state": FAILED, "finished_at": now, "leased_until": None}
    else:
        values |= {"leased_until": now + timedelta(seconds=5)}
    changed = _change(unit, errand, lease, values)
    if changed and over:
        _tell(unit, errand, "tell.no_file", {}, now)
    return changed


def _tell(unit: Unit, errand: int, code: str, params: Mapping[str, Any], now: datetime) -> None:
    """Tell whoever asked for an errand that it is over: they may have left the page."""
    person = unit.execute(select(_errands.person).where(_errands.id == errand)).scalar_one()
    informing.finished(unit, f"user:{person}", code, params, f"/sheets/{errand}", now)


def _change(unit: Unit, errand: int, lease: str, values: Mapping[str, Any]) -> bool:
    mine = (_errands.id == errand) & (_errands.lease == lease) & (_errands.state == OPEN)
    return unit.execute(update(tables.errands).where(mine).values(dict(values))).rowcount == 1


def forget(unit: Unit, store: Store, now: datetime) -> int:
    """Delete the files that nobody fetches any more, and those made of cases whose contents were deleted; count them."""
    archives, attachments = tables.archives.c, tables.attachments.c
    pruned = select(archives.instance_id).where(archives.pruned_at.is_not(None))
    over = (_errands.state == DONE) & or_(
        _errands.finished_at <= now - KEPT, _errands.instance_id.in_(pruned)
    )
    contents = set(unit.execute(select(_errands.sha256).where(over)).scalars())
    if not contents:
        return 0
    unit.execute(update(tables.errands).where(over).values(state=GONE))
    kept = set(
        unit.execute(
            select(_errands.sha256).where(_errands.state == DONE, _errands.sha256.in_(contents))
        ).scalars()
    )
    kept |= set(unit.execute(select(attachments.sha256).where(attachments.sha256.in_(contents))).scalars())
    return sum(store.remove(content, now) for content in sorted(contents - kept))


def _view(row: Any, subject: str | None = None) -> Errand:
    return Errand(
        row.id,
        row.kind,
        row.person,
        row.instance_id,
        load_plain(row.params),
        row.state,
        row.asked_at,
        row.finished_at,
        row.name,
        row.size,
        subject,
        row.parts_done,
        row.parts,
    )
