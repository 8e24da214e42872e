"""What administrators may do, in one hand or in three (三员分立), as the county has set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import or_, select

from engine import tables
from engine.database import Unit
from engine.errors import Forbidden, Refused
from engine.identity import ADMIN, ADMINISTRATORS, AUDIT_ADMIN, SEC_ADMIN, SYS_ADMIN, SYSTEM, Actor
from engine.values import load_plain

#: The setting that gives the administrator's rights to three people.
SEPARATION = "admin_separation"


class Right(StrEnum):
    """What an administrative command needs; ``admin.right.<value>`` is its sentence."""

    #: Make and change people and organisations; ask for a new first password.
    ACCOUNTS = "accounts"
    #: Give and take posts and scopes of audits, confirm what touches another's account.
    GRANTS = "grants"
    #: Change the working days and the office's words.
    SETTINGS = "settings"
    #: Change the rules of passwords, sessions and logs, and the separation itself.
    SECURITY = "security"
    #: Read the logs.
    LOGS = "logs"


#: The three parts; ``admin`` has all of them where they aren't separated, and none where they are.
PARTS: Mapping[str, frozenset[Right]] = {
    SYS_ADMIN: frozenset({Right.ACCOUNTS, Right.SETTINGS}),
    SEC_ADMIN: frozenset({Right.GRANTS, Right.SECURITY}),
    AUDIT_ADMIN: frozenset({Right.LOGS}),
}


def separated(unit: Unit) -> bool:
    """Whether the county separates the administrator's rights."""
    query = select(tables.settings.c.value).where(tables.settings.c.key == SEPARATION)
    text = unit.execute(query).scalar()
    return text is not None and bool(load_plain(text))


def rights(roles: Iterable[str], apart: bool) -> frozenset[Right]:
    """Return the rights that roles give in a county that separates them or doesn't."""
    found: set[Right] = set()
    for role in roles:
        if role == ADMIN and not apart:
            found.update(Right)
        found.update(PARTS.get(role, ()))
    return frozenset(found)


def rights_of(unit: Unit, actor: Actor) -> frozenset[Right]:
    """Return the administrative rights of a person today."""
    if actor is SYSTEM:
        return frozenset(Right)
    roles = {post.role for post in actor.posts} & ADMINISTRATORS
    return rights(roles, separated(unit)) if roles else frozenset()


def require(unit: Unit, actor: Actor, *wanted: Right) -> None:
    """Raise :class:`Forbidden` for a person who has none of these rights."""
    if rights_of(unit, actor).isdisjoint(wanted):
        raise Forbidden(f"admin.right.{wanted[0].value}")


def holders(unit: Unit, today: date, *, without: int | None = None) -> dict[str, set[str]]:
    """Return who holds each administrative role today; the post ``without`` isn't counted."""
    posts, people, orgs = tables.posts.c, tables.people.c, tables.organisations.c
    query = (
        select(posts.id, posts.role, posts.person)
        .join(tables.people, people.id == posts.person)
        .join(tables.organisations, orgs.code == posts.org)
        .where(
            posts.role.in_(ADMINISTRATORS),
            people.active,
            or_(posts.valid_from.is_(None), posts.valid_from <= today),
            or_(posts.valid_to.is_(None), posts.valid_to >= today),
            or_(orgs.valid_from.is_(None), orgs.valid_from <= today),
            or_(orgs.valid_to.is_(None), orgs.valid_to >= today),
        )
    )
    found: dict[str, set[str]] = {role: set() for role in sorted(ADMINISTRATORS)}
    for row in unit.execute(query):
        if row.id != without:
            found[row.role].add(row.person)
    return found


def keep_administrators(unit: Unit, today: date) -> None:
    """Raise :class:`Refused` where a change would leave nobody with one of the administrator's rights."""
    found = holders(unit, today)
    if not separated(unit):
        if not found[ADMIN]:
            raise Refused("admin.last", role=ADMIN)
        return
    for role in PARTS:
        if not found[role]:
            raise Refused("admin.last", role=role)


def separable(unit: Unit, today: date) -> None:
    """Raise :class:`Refused` unless each part is held by somebody, and no two by the same person."""
    found = holders(unit, today)
    seen: dict[str, str] = {}
    for role in PARTS:
        if not found[role]:
            raise Refused("admin.part_missing", role=role)
        for person in sorted(found[role]):
            if person in seen:
                raise Refused("admin.parts_joined", person=person)
            seen[person] = role
