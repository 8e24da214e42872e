"""What people set up for themselves: preferences, and saved filters of their own or shared with a role that they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, literal, select, union_all, update

from engine import history, tables
from engine.calendar import ZONE
from engine.database import Unit
from engine.errors import Forbidden, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor, members, names
from engine.values import dump_json, load_plain

MAX_NAME = 100
MAX_QUERY = 2_000
MAX_VALUE = 10_000
#: So many filters a person, or a role, has at most.
MAX_FILTERS = 50
#: The chain of history that tells who changed which saved filter.
CHAIN = "filters"

_preferences, _filters = tables.preferences.c, tables.saved_filters.c
_none = literal("")
_own = union_all(
    select(
        literal(0).label("id"),
        _preferences.name,
        _none.label("list"),
        _preferences.value.label("text"),
        _none.label("owner"),
        _none.label("created_by"),
    ).where(_preferences.person == bindparam("person")),
    select(
        _filters.id,
        _filters.name,
        _filters.list,
        _filters.query.label("text"),
        _filters.owner,
        _filters.created_by,
    ).where(_filters.owner.in_(bindparam("owners", expanding=True))),
)


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A saved filter of a list: ``query`` is the address's, ``owner`` the person or the role whose it is."""

    id: int
    list: str
    name: str
    query: str
    owner: str
    created_by: str

    @property
    def shared(self) -> bool:
        """Whether all who hold a role have it."""
        return self.owner.startswith("role:")


@dataclass(frozen=True, slots=True)
class Personal:
    """All preferences of a person by name, and the saved filters that they have, own ones first."""

    preferences: Mapping[str, Any] = field(default_factory=dict)
    filters: Sequence[SavedFilter] = ()


def personal(unit: Unit, actor: Actor) -> Personal:
    """Return what a person set up, in one statement."""
    rows = unit.execute(_own, {"person": actor.person, "owners": _owners(actor)}).all()
    found = [
        SavedFilter(row.id, row.list, row.name, row.text, row.owner, row.created_by) for row in rows if row.id
    ]
    found.sort(key=lambda one: (one.shared, one.name, one.id))
    return Personal({row.name: load_plain(row.text) for row in rows if not row.id}, found)


def prefer(unit: Unit, actor: Actor, name: str, value: Any) -> None:
    """Keep a person's preference; None forgets it. It concerns nobody else, so no history is written of it."""
    mine = (_preferences.person == actor.person) & (_preferences.name == name)
    text = dump_json(value)
    if not 0 < len(name) <= MAX_NAME or len(text) > MAX_VALUE:
        raise Refused("preference.too_long", limit=MAX_VALUE)
    if value is None:
        unit.execute(delete(tables.preferences).where(mine))
    elif not unit.execute(update(tables.preferences).where(mine), {"value": text}).rowcount:
        unit.execute(insert(tables.preferences), {"person": actor.person, "name": name, "value": text})


def save_filter(
    unit: Unit, actor: Actor, now: datetime, list_name: str, name: str, query: str, role: str | None
) -> int:
    """Save a filter under a name, in place of the one that the actor saved under it; return its id.

    ``role`` shares it with all who hold ``role:…@org``, which the actor must hold themself: :class:`Forbidden` else.
    """
    owner = actor.principal if role is None else role
    if owner not in _owners(actor):
        raise Forbidden("filters.not_your_role")
    name = _name(name)
    if len(query) > MAX_QUERY:
        raise Refused("filters.too_long", limit=MAX_QUERY)
    same = (_filters.owner == owner) & (_filters.list == list_name) & (_filters.name == name)
    known = unit.execute(select(tables.saved_filters).where(same)).first()
    if known is not None:
        _may_change(unit, actor, now, known)
        unit.execute(
            update(tables.saved_filters).where(_filters.id == known.id), {"query": query, "changed_at": now}
        )
        id = int(known.id)
    else:
        count = select(func.count()).select_from(tables.saved_filters).where(_filters.owner == owner)
        if unit.execute(count).scalar_one() >= MAX_FILTERS:
            raise Refused("filters.too_many", limit=MAX_FILTERS)
        row = {"owner": owner, "list": list_name, "name": name, "query": query}
        made = insert(tables.saved_filters).values(**row, created_by=actor.principal, changed_at=now)
        id = int(unit.execute(made.returning(_filters.id)).scalar_one())
    body = {"filter": id, "list": list_name, "name": name, "query": query, "owner": owner}
    history.record(unit, CHAIN, Entry("filter.saved", actor.principal, now, body=body))
    return id


def rename_filter(unit: Unit, actor: Actor, now: datetime, filter_id: int, name: str) -> None:
    """Give a saved filter another name."""
    row = _changed(unit, actor, now, filter_id)
    name = _name(name)
    same = (_filters.owner == row.owner) & (_filters.list == row.list) & (_filters.name == name)
    if unit.execute(select(_filters.id).where(same, _filters.id != row.id)).first():
        raise Refused("filters.name_taken", name=name)
    unit.execute(update(tables.saved_filters).where(_filters.id == row.id), {"name": name, "changed_at": now})
    body = {"filter": row.id, "name": name, "before": row.name, "owner": row.owner}
    history.record(unit, CHAIN, Entry("filter.renamed", actor.principal, now, body=body))


def delete_filter(unit: Unit, actor: Actor, now: datetime, filter_id: int) -> None:
    """Delete a saved filter; for whom it was the default the list has none again."""
    row = _changed(unit, actor, now, filter_id)
    unit.execute(delete(tables.saved_filters).where(_filters.id == row.id))
    body = {"filter": row.id, "list": row.list, "name": row.name, "query": row.query, "owner": row.owner}
    history.record(unit, CHAIN, Entry("filter.deleted", actor.principal, now, body=body))


def see_filter(unit: Unit, actor: Actor, filter_id: int) -> Any:
    """Return a saved filter's row; raises :class:`NotFound` for one that the actor doesn't have."""
    row = unit.execute(select(tables.saved_filters).where(_filters.id == filter_id)).first()
    if row is None or row.owner not in _owners(actor):
        raise NotFound("filters.unknown")
    return row


def _changed(unit: Unit, actor: Actor, now: datetime, filter_id: int) -> Any:
    row = see_filter(unit, actor, filter_id)
    _may_change(unit, actor, now, row)
    return row


def _may_change(unit: Unit, actor: Actor, now: datetime, row: Any) -> None:
    """Raise :class:`Forbidden` unless the actor made the filter, or who made it holds the role no more."""
    if row.created_by == actor.principal:
        return
    role, _, org = row.owner.removeprefix("role:").partition("@")
    if row.created_by in members(unit, role, org, now.astimezone(ZONE).date()):
        person = names(unit, [row.created_by]).get(row.created_by, row.created_by)
        raise Forbidden("filters.not_yours", person=person)


def _owners(actor: Actor) -> list[str]:
    """Return whose filters a person has: their own, and those of the roles that they hold at an organisation."""
    roles = {one for one in actor.principals if one.startswith("role:") and "@" in one}
    return sorted({actor.principal, *roles})


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME:
        raise Refused("filters.no_name", limit=MAX_NAME)
    return name
