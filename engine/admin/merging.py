"""Organisations that become part of others (撤并): what waits for the one is the other's at once, and no row is rewritten.

Whoever holds a post at the successor holds it for the organisations that it absorbed too: open tasks, tasks that their
cases will still open, and what these organisations may read. History keeps the names as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from engine import tables
from engine.admin import rights
from engine.admin.people import reasoned
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.errors import NotFound, Refused
from engine.identity import members

_orgs, _posts, _inbox = tables.organisations.c, tables.posts.c, tables.inbox.c
_roles = select(_posts.role).distinct().order_by(_posts.role)
_waiting = (
    select(_inbox.principal, func.count().label("waiting"))
    .where(_inbox.principal.in_(bindparam("principals", expanding=True)))
    .group_by(_inbox.principal)
)


@dataclass(frozen=True, slots=True)
class Heirs:
    """A role at an organisation: how many open tasks wait for it, who holds it there, and at the successor."""

    role: str
    waiting: int
    here: int
    there: int

    @property
    def orphaned(self) -> bool:
        """Whether tasks would wait for nobody."""
        return self.waiting > 0 and self.there == 0


@dataclass(frozen=True, slots=True)
class Merger:
    """What a merger would do, or has done: role by role."""

    code: str
    name: str
    into: str
    into_name: str
    roles: Sequence[Heirs]


def preview(command: Command, code: str, into: str) -> Merger:
    """Return what merging an organisation into another one would do; raises what :func:`merge` raises."""
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    row, other = _org(command, code), _org(command, into)
    if code == into or row.successor == into:
        raise Refused("org.same", org=row.name)
    if other.successor is not None or (other.valid_to is not None and other.valid_to < command.today):
        raise Refused("org.over", org=other.name)
    roles = command.unit.execute(_roles).scalars().all()
    principals = [f"role:{role}@{code}" for role in roles]
    counted = command.unit.execute(_waiting, {"principals": principals})
    waiting = {one.principal: int(one.waiting) for one in counted}
    found = [
        Heirs(
            role,
            waiting.get(f"role:{role}@{code}", 0),
            len(members(command.unit, role, code, command.today)),
            len(members(command.unit, role, into, command.today)),
        )
        for role in roles
    ]
    return Merger(code, row.name, into, other.name, [one for one in found if one.waiting or one.here])


def merge(command: Command, code: str, into: str, reason: str) -> Merger:
    """Merge an organisation into another one at once; return what waited for it.

    Its posts end with yesterday, what is below it comes below the successor. Raises :class:`NotFound`, and
    :class:`Refused` for itself, for a successor that is over, and where tasks would wait for nobody.
    """
    found = preview(command, code, into)
    why = reasoned(reason)
    if any(one.orphaned for one in found.roles):
        raise Refused("org.no_heirs", org=found.into_name)
    values = {"successor": into, "valid_to": command.today - timedelta(days=1)}
    command.unit.execute(update(tables.organisations).where(_orgs.code == code).values(values))
    mine = update(tables.organisations).where(_orgs.successor == code)
    command.unit.execute(mine.values(successor=into))
    below = update(tables.organisations).where(_orgs.parent == code, _orgs.code != into)
    command.unit.execute(below.values(parent=into))
    rights.keep_administrators(command.unit, command.today)
    waiting = {one.role: one.waiting for one in found.roles}
    command.record("org.merged", org=code, name=found.name, into=into, waiting=waiting, reason=why)
    return found


def _org(command: Command, code: str) -> Any:
    row = command.unit.execute(select(tables.organisations).where(_orgs.code == code)).first()
    if row is None:
        raise NotFound("org.unknown", org=code)
    return row
