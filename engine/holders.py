"""Whether anybody is there today for whom something is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Date, bindparam, exists, func, or_, select

from engine import tables
from engine.database import Unit
from engine.identity import held_on

_posts, _orgs = tables.posts.c, tables.organisations.c
_held = (
    select(_posts.role, _posts.org)
    .join(tables.people, tables.people.c.id == _posts.person)
    .join(tables.organisations, _orgs.code == _posts.org)
    .where(
        tables.people.c.active,
        or_(
            _posts.role.in_(bindparam("roles", expanding=True)),
            _posts.org.in_(bindparam("orgs", expanding=True)),
        ),
        *held_on(bindparam("today", type_=Date)),
    )
    .distinct()
)
_held_without = _held.add_columns(
    tables.people.c.id.in_(bindparam("people", expanding=True)).label("without")
)
_merged = select(_orgs.code, _orgs.successor).where(_orgs.successor.is_not(None))
_staffed = select(exists().where(_posts.id.is_not(None)))


def staffed(unit: Unit) -> bool:
    """Whether the county has posts at all; where it has none, as in a play, every role counts as held."""
    return bool(unit.execute(_staffed).scalar())


def unheld(unit: Unit, principals: Collection[str], today: date) -> set[str]:
    """Return those of the principals that nobody is today: roles and organisations without anybody in a post.

    People are themselves. In one statement, or two.
    """
    asked = {one for one in principals if not one.startswith("user:")}
    if not asked:
        return set()
    held: set[str] = set()
    for row in unit.execute(_held, {"today": today, **_wanted(asked)}):
        held |= {f"role:{row.role}", f"role:{row.role}@{row.org}", f"org:{row.org}"}
    missing = asked - held
    if missing:
        successors = {row.code: row.successor for row in unit.execute(_merged)}
        missing = {one for one in missing if _after(one, successors) not in held}
    return missing if missing and staffed(unit) else set()


def others(unit: Unit, principals: Collection[str], without: Collection[str], today: date) -> dict[str, bool]:
    """Return of each principal that somebody is today whether that is anybody besides the people of ``without``.

    A role or an organisation without anybody in a post isn't in it. In one statement, or two.
    """
    found = {one: one not in without for one in principals if one.startswith("user:")}
    asked = set(principals) - found.keys()
    if not asked:
        return found
    people = sorted(one.removeprefix("user:") for one in without)
    held: dict[str, bool] = {}
    for row in unit.execute(_held_without, {"people": people, "today": today, **_wanted(asked)}):
        for one in (f"role:{row.role}", f"role:{row.role}@{row.org}", f"org:{row.org}"):
            held[one] = held.get(one, False) or not row.without
    missing = asked - held.keys()
    if missing:
        successors = {row.code: row.successor for row in unit.execute(_merged)}
        now = {one: _after(one, successors) for one in missing}
        held |= {one: held[later] for one, later in now.items() if later in held}
    return found | {one: held[one] for one in asked if one in held}


def _wanted(asked: Collection[str]) -> dict[str, list[str]]:
    """Return the parameters that say which posts a question about roles and organisations is about."""
    roles = {one.removeprefix("role:").partition("@")[0] for one in asked if one.startswith("role:")}
    orgs = {one.removeprefix("org:") for one in asked if one.startswith("org:")}
    return {"roles": sorted(roles), "orgs": sorted(orgs)}


def vacant(unit: Unit, today: date) -> dict[str, int]:
    """Return the roles that nobody holds today and for which tasks wait, with how many do."""
    inbox = tables.inbox.c
    counted = select(inbox.principal, func.count().label("waiting")).where(
        inbox.principal.startswith("role:")
    )
    waiting = {row.principal: int(row.waiting) for row in unit.execute(counted.group_by(inbox.principal))}
    missing = unheld(unit, waiting, today)
    return {principal: count for principal, count in sorted(waiting.items()) if principal in missing}


def _after(principal: str, successors: Mapping[str, str]) -> str:
    """Return a principal at the organisation that its own one became part of."""
    head, mark, org = principal.rpartition("@" if principal.startswith("role:") else ":")
    return f"{head}{mark}{successors.get(org, org)}"
