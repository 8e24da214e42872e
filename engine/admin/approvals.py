"""What takes two administrators: one asks, another confirms within a day, and both can see what became of it.

A new first password, the unlocking of an account, and whether the administrator's rights are separated at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from engine import tables
from engine.admin import rights, sessions
from engine.admin.people import person, reasoned
from engine.admin.record import Command
from engine.admin.rights import SEPARATION, Right
from engine.admin.settings import put
from engine.errors import Conflict, Forbidden, NotFound, Refused
from engine.identity import ADMIN, called
from engine.passwords import first_password, hash_password
from engine.values import dump_json, load_plain

#: After this time a request is worth nothing.
LASTS = timedelta(hours=24)
_table = tables.approvals.c


@dataclass(frozen=True, slots=True)
class Approval:
    """A request that needs, or had, a second person; ``state`` is open, confirmed, declined or expired."""

    id: int
    kind: str
    subject: str
    params: Mapping[str, Any]
    reason: str
    state: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    """Who may ask, who may confirm, what must be so both times, and what is done; it may tell a secret once."""

    asks: frozenset[Right]
    confirms: frozenset[Right]
    check: Callable[[Command, str, Mapping[str, Any]], None]
    do: Callable[[Command, str, Mapping[str, Any]], str | None]


def register(name: str, kind: Kind) -> None:
    """Let another room ask for a second person, too."""
    KINDS[name] = kind


def ask(
    command: Command, kind: str, subject: str, reason: str, params: Mapping[str, Any] | None = None
) -> int:
    """Ask for something that takes two; return the request's id.

    Raises :class:`Forbidden` without the right, and :class:`Conflict` where the same is asked for already.
    """
    what = _kind(kind)
    rights.require(command.unit, command.actor, *sorted(what.asks))
    given = dict(params or {})
    _not_for_oneself(command, subject)
    what.check(command, subject, given)
    waiting = (_table.kind == kind) & (_table.subject == subject) & (_table.state == "open")
    if command.unit.execute(select(_table.id).where(waiting, _table.expires_at > command.now)).first():
        raise Conflict("approval.asked_already")
    row = {
        "kind": kind,
        "subject": subject,
        "params": dump_json(given),
        "reason": reasoned(reason),
        "state": "open",
        "asked_by": command.by,
        "asked_at": command.now,
        "expires_at": command.now + LASTS,
    }
    id: int = command.unit.execute(insert(tables.approvals).returning(_table.id), row).scalar_one()
    command.record("approval.asked", approval=id, about=kind, subject=subject, reason=row["reason"], **given)
    return id


def confirm(command: Command, approval_id: int) -> str | None:
    """Do what was asked for, on a second person's word; return the secret that it makes, which is told only here.

    Raises :class:`Forbidden` for who asked and for whom it is about, and :class:`Conflict` where it is decided or too old.
    """
    row = _open(command, approval_id)
    what = _kind(row.kind)
    rights.require(command.unit, command.actor, *sorted(what.confirms))
    if row.asked_by == command.by:
        raise Forbidden("proposal.same_person")
    _not_for_oneself(command, row.subject)
    params = load_plain(row.params)
    what.check(command, row.subject, params)
    _decide(command, approval_id, "confirmed", None)
    told = what.do(command, row.subject, params)
    command.record(
        "approval.confirmed", approval=approval_id, about=row.kind, subject=row.subject, asked_by=row.asked_by
    )
    return told


def decline(command: Command, approval_id: int, reason: str) -> None:
    """Turn a request down; who asked may take it back so."""
    row = _open(command, approval_id)
    what = _kind(row.kind)
    if row.asked_by != command.by:
        rights.require(command.unit, command.actor, *sorted(what.confirms))
    why = reasoned(reason)
    _decide(command, approval_id, "declined", why)
    command.record("approval.declined", approval=approval_id, about=row.kind, subject=row.subject, reason=why)


def listed(command: Command, limit: int = 100) -> Sequence[Approval]:
    """Return the requests that the actor may decide or has made, the open ones first, then the newest."""
    mine = rights.rights_of(command.unit, command.actor)
    kinds = [name for name, kind in KINDS.items() if mine & (kind.asks | kind.confirms)]
    rows = command.unit.execute(
        select(tables.approvals)
        .where((_table.asked_by == command.by) | _table.kind.in_(kinds))
        .order_by((_table.state != "open"), _table.id.desc())
        .limit(limit)
    )
    return [_approval(row, command.now) for row in rows]


def may_confirm(command: Command, approval: Approval) -> str | None:
    """Return why the actor may not confirm a request, None where they may."""
    if approval.state != "open":
        return f"approval.{approval.state}"
    if rights.rights_of(command.unit, command.actor).isdisjoint(_kind(approval.kind).confirms):
        return f"admin.right.{min(_kind(approval.kind).confirms).value}"
    if approval.asked_by == command.by:
        return "proposal.same_person"
    return "admin.oneself" if approval.subject == command.actor.person else None


def _approval(row: Any, now: datetime) -> Approval:
    state = "expired" if row.state == "open" and row.expires_at <= now else row.state
    return Approval(
        row.id,
        row.kind,
        row.subject,
        load_plain(row.params),
        row.reason,
        state,
        row.asked_by,
        row.asked_at,
        row.expires_at,
        row.decided_by,
        row.decided_at,
        row.answer,
    )


def _open(command: Command, approval_id: int) -> Any:
    query = select(tables.approvals).where(_table.id == approval_id).with_for_update()
    row = command.unit.execute(query).first()
    if row is None:
        raise NotFound("proposal.unknown")
    if row.state != "open":
        raise Conflict("proposal.decided", by=called(command.unit, row.decided_by), at=row.decided_at)
    if row.expires_at <= command.now:
        raise Conflict("approval.expired", at=row.expires_at)
    return row


def _decide(command: Command, approval_id: int, state: str, answer: str | None) -> None:
    values = {"state": state, "decided_by": command.by, "decided_at": command.now, "answer": answer}
    command.unit.execute(update(tables.approvals).where(_table.id == approval_id).values(values))


def _not_for_oneself(command: Command, subject: str) -> None:
    if subject == command.actor.person:
        raise Forbidden("admin.oneself")


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise NotFound("operation.unknown", operation=name)
    return KINDS[name]


def _active(command: Command, subject: str, _params: Mapping[str, Any]) -> None:
    row = person(command, subject)
    if not row.active:
        raise Refused("person.inactive", person=row.name)


def _locked(command: Command, subject: str, params: Mapping[str, Any]) -> None:
    _active(command, subject, params)
    row = person(command, subject)
    if row.locked_until is None or row.locked_until <= command.now:
        raise Conflict("person.not_locked", person=row.name)


def _reset(command: Command, subject: str, _params: Mapping[str, Any]) -> str:
    password = first_password()
    values = {
        "password_hash": hash_password(password),
        "must_change": True,
        "failures": 0,
        "locked_until": None,
    }
    command.unit.execute(update(tables.people).where(tables.people.c.id == subject).values(values))
    sessions.end_all(command.unit, subject, "password", command.by, command.now)
    command.record("password.reset", person=subject)
    return password


def _unlock(command: Command, subject: str, _params: Mapping[str, Any]) -> None:
    values = {"failures": 0, "locked_until": None}
    command.unit.execute(update(tables.people).where(tables.people.c.id == subject).values(values))
    command.record("person.unlocked", person=subject)


def _separable(command: Command, _subject: str, params: Mapping[str, Any]) -> None:
    apart = rights.separated(command.unit)
    if apart == bool(params.get("on")):
        raise Conflict("admin.separated_already" if apart else "admin.joined_already")
    found = rights.holders(command.unit, command.today)
    if not apart:
        rights.separable(command.unit, command.today)
    elif not found[ADMIN]:
        raise Refused("admin.last", role=ADMIN)


def _separate(command: Command, _subject: str, params: Mapping[str, Any]) -> None:
    put(command, SEPARATION, bool(params.get("on")))


KINDS: MutableMapping[str, Kind] = {
    "reset_password": Kind(frozenset({Right.ACCOUNTS}), frozenset({Right.GRANTS}), _active, _reset),
    "unlock": Kind(frozenset({Right.ACCOUNTS}), frozenset({Right.GRANTS}), _locked, _unlock),
    "separate": Kind(
        frozenset({Right.SECURITY}), frozenset({Right.ACCOUNTS, Right.SECURITY}), _separable, _separate
    ),
}
