"""Organisations: units, sections, departments; made, renamed, moved and given their first and last day."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import insert, select, update

from engine import tables
from engine.admin import rights
from engine.admin.people import named
from engine.admin.record import Command, changes
from engine.admin.rights import Right
from engine.database import Unit
from engine.errors import BihuanError, Conflict, NotFound, Refused
from engine.identity import ADMINISTRATORS, Organisation

_CODE = re.compile(r"[\w.\-]{1,40}")
_KIND = re.compile(r"[\w\-]{0,40}")
#: So many levels an organisation may stand below the topmost one.
_DEEPEST = 20
_orgs = tables.organisations.c

#: What another room keeps of the organisation, written in the same transaction; returns what it changed: name → [old, new].
Also = Callable[[Unit], Mapping[str, Any]]


def create(command: Command, org: Organisation, also: Also | None = None) -> None:
    """Make an organisation; raises :class:`Conflict` for a code that is taken."""
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    if not _CODE.fullmatch(org.code):
        raise BihuanError("org.bad_code", org=org.code)
    if command.unit.execute(select(_orgs.code).where(_orgs.code == org.code)).first():
        raise Conflict("org.exists", org=org.code)
    row = _checked(command, org)
    command.unit.execute(insert(tables.organisations), {"code": org.code, **row})
    more = also(command.unit) if also is not None else {}
    command.record("org.created", org=org.code, **row, **({"changes": dict(more)} if more else {}))


def change(command: Command, org: Organisation, also: Also | None = None) -> bool:
    """Change an organisation; return whether anything is different. Its posts are held on its days only.

    Raises :class:`NotFound`, and :class:`Refused` for a parent below it and where no administrator would be left.
    """
    rights.require(command.unit, command.actor, Right.ACCOUNTS)
    before = command.unit.execute(select(tables.organisations).where(_orgs.code == org.code)).first()
    if before is None:
        raise NotFound("org.unknown", org=org.code)
    row = _checked(command, org)
    changed = changes(before._asdict(), row)
    if changed:
        command.unit.execute(update(tables.organisations).where(_orgs.code == org.code).values(row))
    more = also(command.unit) if also is not None else {}
    if not changed and not more:
        return False
    if changed.keys() & {"valid_from", "valid_to"} and _administers(command, org.code):
        rights.keep_administrators(command.unit, command.today)
    command.record("org.changed", org=org.code, name=org.name, changes={**changed, **more})
    return True


def _checked(command: Command, org: Organisation) -> dict[str, Any]:
    if not _KIND.fullmatch(org.kind):
        raise BihuanError("org.bad_kind", kind=org.kind)
    if org.valid_from is not None and org.valid_to is not None and org.valid_to < org.valid_from:
        raise BihuanError("dates.order", since=str(org.valid_from), until=str(org.valid_to))
    above, levels = org.parent, 0
    while above is not None:
        if above == org.code:
            raise Refused("org.circle", org=org.name)
        levels += 1
        if levels > _DEEPEST:
            raise Refused("org.too_deep", org=org.name, most=_DEEPEST)
        found = command.unit.execute(select(_orgs.parent).where(_orgs.code == above)).first()
        if found is None:
            raise NotFound("org.unknown", org=above)
        above = found.parent
    return {
        "name": named(org.name),
        "kind": org.kind,
        "parent": org.parent,
        "valid_from": org.valid_from,
        "valid_to": org.valid_to,
    }


def _administers(command: Command, code: str) -> bool:
    posts = tables.posts.c
    query = select(posts.id).where(posts.org == code, posts.role.in_(ADMINISTRATORS)).limit(1)
    return command.unit.execute(query).first() is not None
