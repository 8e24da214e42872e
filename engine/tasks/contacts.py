"""Whom one may ask about a step: people with their posts and office phones, roles with who holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from engine import tables
from engine.database import Unit
from engine.identity import held_on
from engine.tasks.views import PostView

#: Of so many people who hold a role the names are told; of more, how many they are.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Contact:
    """A person with the post and the office phone, or with an empty name a role of ``holders`` people and its office."""

    name: str
    post: PostView | None
    phone: str | None
    holders: int = 1


@dataclass(slots=True)
class _Role:
    post: PostView
    phone: str | None
    people: dict[str, Contact] = field(default_factory=dict)


def contacts(unit: Unit, wanted: Collection[str], today: date) -> Mapping[str, list[Contact]]:
    """Return for each principal whom one may ask; in two statements."""
    people, posts, orgs = tables.people.c, tables.posts.c, tables.organisations.c
    ids = sorted({one.removeprefix("user:") for one in wanted if one.startswith("user:")})
    roles = sorted({one.removeprefix("role:").partition("@")[0] for one in wanted if one.startswith("role:")})
    codes = sorted({one.rpartition("@")[2] for one in wanted if one.startswith("role:") and "@" in one})
    offices = select(orgs.code, orgs.name, orgs.phone, orgs.successor).where(orgs.code.in_(codes))
    empty = {row.code: row for row in unit.execute(offices)}
    codes += [row.successor for row in empty.values() if row.successor is not None]
    at_role = posts.role.in_(roles) & posts.org.in_(codes)
    query = (
        select(
            people.id,
            people.name,
            people.phone,
            posts.role,
            posts.org,
            orgs.name.label("office"),
            orgs.phone.label("desk"),
        )
        .select_from(tables.people)
        .join(tables.posts, posts.person == people.id, isouter=True)
        .join(tables.organisations, orgs.code == posts.org, isouter=True)
        .where(
            people.active,
            *held_on(today),
            or_(people.id.in_(ids), at_role),
        )
        .order_by(posts.id)
    )
    found: dict[str, list[Contact]] = {}
    held: dict[str, _Role] = {}
    for row in unit.execute(query):
        post = None if row.role is None else PostView(row.role, row.org, row.office)
        contact = Contact(row.name, post, row.phone or row.desk)
        found.setdefault(f"user:{row.id}", [contact])
        if post is not None:
            role = held.setdefault(f"role:{row.role}@{row.org}", _Role(post, row.desk))
            role.people[row.id] = contact
    for principal in wanted:
        if principal.startswith("role:"):
            role_name, _, org = principal.removeprefix("role:").partition("@")
            office = empty.get(org)
            shown = PostView(role_name, org, office.name if office is not None else org)
            role = (
                held.get(principal)
                or held.get(_after(role_name, office))
                or _Role(shown, office.phone if office is not None else None)
            )
            named = list(role.people.values())
            several = [Contact("", role.post, role.phone, len(named))]
            found[principal] = named if 0 < len(named) <= NAMED else several
    return found


def _after(role: str, office: Any) -> str:
    """Return a role at the organisation that its own one became part of."""
    return "" if office is None or office.successor is None else f"role:{role}@{office.successor}"
