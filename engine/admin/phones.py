"""Office phones, as the route of a case shows them: kept by administrators, and by whoever leads the office."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from engine import tables
from engine.admin import rights
from engine.admin.record import Command, changes
from engine.admin.rights import Right
from engine.database import Unit
from engine.errors import BihuanError, Forbidden, NotFound
from engine.identity import held_on

_PHONE = re.compile(r"[0-9+()（）\-转 ]{3,50}")
_people, _posts, _orgs = tables.people.c, tables.posts.c, tables.organisations.c


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody of an office, with their own number; empty where only the office has one."""

    person: str
    name: str
    roles: Sequence[str]
    phone: str


@dataclass(frozen=True, slots=True)
class Office:
    """An office with its number, and its people."""

    code: str
    name: str
    phone: str
    desks: Sequence[Desk]


def number(text: str) -> str | None:
    """Return a telephone number as it is kept, None for none; raises :class:`BihuanError` for what is none."""
    said = " ".join(text.split())
    if not said:
        return None
    if not _PHONE.fullmatch(said):
        raise BihuanError("person.bad_phone", phone=said)
    return said


def offices(unit: Unit, led: Collection[str], today: date) -> list[Office]:
    """Return the offices of these codes with everybody who holds a post there today."""
    found = []
    query = select(_orgs.code, _orgs.name, _orgs.phone).where(_orgs.code.in_(sorted(led)))
    for org in unit.execute(query.order_by(_orgs.code)).all():
        held = tables.posts.join(tables.people, _people.id == _posts.person).join(
            tables.organisations, _orgs.code == _posts.org
        )
        rows = unit.execute(
            select(_people.id, _people.name, _people.phone, _posts.role)
            .select_from(held)
            .where(_posts.org == org.code, _people.active, *held_on(today))
            .order_by(_people.id, _posts.id)
        ).all()
        roles: dict[str, list[str]] = {}
        for row in rows:
            roles.setdefault(row.id, []).append(row.role)
        desks = {row.id: Desk(row.id, row.name, roles[row.id], row.phone or "") for row in rows}
        found.append(Office(org.code, org.name, org.phone or "", list(desks.values())))
    return found


def set_office(command: Command, org: str, phone: str, led: Collection[str]) -> bool:
    """Set an office's number (empty: none); return whether it is another one. ``led`` are the actor's own offices.

    Raises :class:`Forbidden` for who neither leads the office nor keeps accounts, and :class:`NotFound`.
    """
    if org not in led:
        rights.require(command.unit, command.actor, Right.ACCOUNTS)
    row = command.unit.execute(select(_orgs.name, _orgs.phone).where(_orgs.code == org)).first()
    if row is None:
        raise NotFound("org.unknown", org=org)
    changed = changes({"phone": row.phone}, {"phone": number(phone)})
    if changed:
        command.unit.execute(
            update(tables.organisations).where(_orgs.code == org).values(phone=changed["phone"][1])
        )
        command.record("org.changed", org=org, name=row.name, changes=changed)
    return bool(changed)


def set_person(command: Command, person: str, phone: str, led: Collection[str]) -> bool:
    """Set a person's office number (empty: none); return whether it is another one.

    Raises :class:`Forbidden` for who keeps no accounts and leads no office in which the person has a post.
    """
    row = command.unit.execute(select(_people.phone).where(_people.id == person)).first()
    if row is None:
        raise NotFound("person.unknown", person=person)
    if rights.rights_of(command.unit, command.actor).isdisjoint({Right.ACCOUNTS}):
        here = select(_posts.id).select_from(
            tables.posts.join(tables.organisations, _orgs.code == _posts.org)
        )
        mine = here.where(
            _posts.person == person, _posts.org.in_(sorted(led)), *held_on(command.today)
        ).limit(1)
        if command.unit.execute(mine).first() is None:
            raise Forbidden("phone.not_yours")
    changed = changes({"phone": row.phone}, {"phone": number(phone)})
    if changed:
        command.unit.execute(
            update(tables.people).where(_people.id == person).values(phone=changed["phone"][1])
        )
        command.record("person.changed", person=person, changes=changed)
    return bool(changed)
