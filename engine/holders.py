"""Whether anybody is there today for whom something is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, exists, or_, select

from engine import tables
from engine.database import Unit

_posts, _orgs = tables.posts.c, tables.organisations.c
_held = (
    select(_posts.role, _posts.org)
    .join(tables.people, tables.people.c.id == _posts.person)
    .join(tables.organisations, _orgs.code == _posts.org)
    .where(
        tables.people.c.active,
        or_(_posts.valid_from.is_(None), _posts.valid_from <= bindparam("today")),
        or_(_posts.valid_to.is_(None), _posts.valid_to >= bindparam("today")),
        or_(_orgs.valid_from.is_(None), _orgs.valid_from <= bindparam("today")),
        or_(_orgs.valid_to.is_(None), _orgs.valid_to >= bindparam("today")),
    )
    .distinct()
)
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
    roles = {one.removeprefix("role:").partition("@")[0] for one in asked if one.startswith("role:")}
    orgs = {one.removeprefix("org:") for one in asked if one.startswith("org:")}
    wanted = or_(_posts.role.in_(sorted(roles)), _posts.org.in_(sorted(orgs)))
    held: set[str] = set()
    for row in unit.execute(_held.where(wanted), {"today": today}):
        held |= {f"role:{row.role}", f"role:{row.role}@{row.org}", f"org:{row.org}"}
    missing = asked - held
    return missing if missing and staffed(unit) else set()
