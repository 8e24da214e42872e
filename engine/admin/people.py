"""Accounts and posts: made, changed and closed by administrators, each change with the old value and the new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from engine import tables
from engine.admin import phones, rights, sessions
from engine.admin.record import Command, changes
from engine.admin.rights import Right
from engine.commands.handing import items_of
from engine.errors import BihuanError, Conflict, Forbidden, NotFound, Refused
from engine.identity import ADMIN, ADMINISTRATORS, AUDITOR, valid_id
from engine.notify import contacts

_ROLE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_people, _posts = tables.people.c, tables.posts.c
LONGEST_NAME = 60


def create(command: Command, id: str, name: str, hashed: str | None) -> None:
    """Make an account; without the hash of a first password its person signs in elsewhere (OIDC)."""
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    if not valid_id(id):
        raise BihuanError("person.bad_id", person=id)
    name = named(name)
    if command.unit.execute(select(_people.id).where(_people.id == id)).first():
        raise Conflict("person.exists", person=id)
    row = {
        "id": id,
        "name": name,
        "password_hash": hashed,
        "must_change": True,
        "failures": 0,
        "active": True,
    }
    command.unit.execute(insert(tables.people), row)
    command.record("person.created", person=id, name=name)


def rename(command: Command, id: str, name: str) -> bool:
    """Change a person's name; return whether it is another one."""
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    row, name = person(command, id), named(name)
    if row.name == name:
        return False
    command.unit.execute(update(tables.people).where(_people.id == id).values(name=name))
    command.record("person.changed", person=id, changes={"name": [row.name, name]})
    return True


def contact(command: Command, id: str, typed: Mapping[str, str]) -> bool:
    """Set a person's office phone, e-mail and mobile number (empty: none); return whether any is another.

    The record says which, and the phone's old and new number; the private addresses stay out of it.
    """
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    row = person(command, id)
    changed: dict[str, list[Any]] = {}
    if phones.set_person(command, id, typed.get("phone", ""), ()):
        changed["phone"] = []
    for kind in contacts.KINDS:
        text = typed.get(kind, "").strip()
        address = contacts.clean(kind, text) if text else None
        if (getattr(row, kind) or None) != address:
            contacts.keep(command.unit, id, kind, address, command.by, command.now)
            changed[kind] = []
    return bool(changed)


def close(command: Command, id: str, reason: str) -> None:
    """Close an account at once: its sessions end, its posts give nothing any more; what it did stays.

    Raises :class:`Refused` for one's own, for the last one with an administrator's right, and while tasks wait for the
    person by name.
    """
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    row = person(command, id)
    if id == command.actor.person:
        raise Forbidden("admin.oneself")
    if not row.active:
        raise Conflict("person.closed_already", person=row.name)
    why, waiting = reasoned(reason), len(items_of(command.unit, id))
    if waiting:
        raise Refused("person.in_hand", person=row.name, count=waiting)
    command.unit.execute(update(tables.people).where(_people.id == id).values(active=False))
    sessions.end_all(command.unit, id, "closed", command.by, command.now)
    if roles_of(command, id) & ADMINISTRATORS:
        rights.keep_administrators(command.unit, command.today)
    command.record("person.closed", person=id, name=row.name, reason=why)


def reopen(command: Command, id: str, reason: str) -> None:
    """Open a closed account again, with the posts that it still has."""
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    row = person(command, id)
    if row.active:
        raise Conflict("person.open_already", person=row.name)
    command.unit.execute(update(tables.people).where(_people.id == id).values(active=True))
    command.record("person.reopened", person=id, name=row.name, reason=reasoned(reason))


def grant(command: Command, id: str, role: str, org: str, first: date | None, last: date | None) -> int:
    """Give a person a role at an organisation from the first to the last day; return the post's id.

    Raises :class:`Refused` for a role that can't go with the person's others, and for a post that they have.
    """
    rights.require(command.unit, command.actor, Right.GRANTS)
    person(command, id)
    if not _ROLE.fullmatch(role):
        raise BihuanError("post.bad_role", role=role)
    _organisation(command, org)
    _dates(first, last)
    _not_oneself(command, id)
    if role == AUDITOR:
        raise Refused("post.auditor")
    _compatible(command, id, role, org, first, last)
    row = {"person": id, "role": role, "org": org, "valid_from": first, "valid_to": last}
    post: int = command.unit.execute(insert(tables.posts).returning(_posts.id), row).scalar_one()
    command.record("post.added", post=post, **row)
    return post


def change_post(command: Command, post_id: int, first: date | None, last: date | None) -> bool:
    """Change the days of a post; return whether they are others. Ending one is setting its last day."""
    rights.require(command.unit, command.actor, Right.GRANTS)
    row = command.unit.execute(select(tables.posts).where(_posts.id == post_id)).first()
    if row is None:
        raise NotFound("post.unknown")
    _dates(first, last)
    _not_oneself(command, row.person)
    after = {"valid_from": first, "valid_to": last}
    changed = changes(row._asdict(), after)
    if not changed:
        return False
    if row.role == AUDITOR:
        raise Refused("post.auditor")
    _compatible(command, row.person, row.role, row.org, first, last, but=post_id)
    command.unit.execute(update(tables.posts).where(_posts.id == post_id).values(after))
    if row.role in ADMINISTRATORS:
        rights.keep_administrators(command.unit, command.today)
    command.record(
        "post.changed", post=post_id, person=row.person, role=row.role, org=row.org, changes=changed
    )
    return True


def person(command: Command, id: str) -> Any:
    """Return a person's row; raises :class:`NotFound`."""
    row = command.unit.execute(select(tables.people).where(_people.id == id)).first()
    if row is None:
        raise NotFound("person.unknown", person=id)
    return row


def named(name: str) -> str:
    """Return a name that can be kept; raises :class:`BihuanError`."""
    text = " ".join(name.split())
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise BihuanError("person.bad_name", length=LONGEST_NAME)
    return text


def reasoned(reason: str) -> str:
    """Return the reason of a change that must have one; raises :class:`BihuanError`."""
    text = reason.strip()
    if not text:
        raise BihuanError("operation.no_reason")
    return text[:500]


def roles_of(command: Command, id: str) -> set[str]:
    """Return the roles that a person has posts of, today or later."""
    query = select(_posts.role).where(
        _posts.person == id, _posts.valid_to.is_(None) | (_posts.valid_to >= command.today)
    )
    return set(command.unit.execute(query).scalars())


def _organisation(command: Command, code: str) -> None:
    known = select(tables.organisations.c.code).where(tables.organisations.c.code == code)
    if command.unit.execute(known).first() is None:
        raise NotFound("org.unknown", org=code)


def _not_oneself(command: Command, id: str) -> None:
    if id == command.actor.person:
        raise Forbidden("admin.own_posts")


def _dates(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise BihuanError("dates.order", since=str(first), until=str(last))


def _compatible(
    command: Command,
    id: str,
    role: str,
    org: str,
    first: date | None,
    last: date | None,
    but: int | None = None,
) -> None:
    """Raise :class:`Refused` where a person would have the same post twice, or roles that must be apart, on one day."""
    apart = rights.separated(command.unit)
    if apart and role == ADMIN:
        raise Refused("admin.whole_while_separated")
    for other in command.unit.execute(select(tables.posts).where(_posts.person == id)):
        if other.id == but or not _overlap(first, last, other.valid_from, other.valid_to):
            continue
        if (other.role, other.org) == (role, org):
            raise Refused("post.exists", role=role, org=org)
        if (other.role in ADMINISTRATORS | {AUDITOR}) != (role in ADMINISTRATORS | {AUDITOR}):
            raise Refused("post.mixed", role=role, other=other.role)
        if apart and role in rights.PARTS and other.role in rights.PARTS and other.role != role:
            raise Refused("admin.parts_joined", person=id)


def _overlap(first: date | None, last: date | None, from_: date | None, to: date | None) -> bool:
    return (first is None or to is None or first <= to) and (last is None or from_ is None or from_ <= last)
