"""What administrators look at: people with their posts, organisations with how many people they have, and the roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select

from engine import tables
from engine.database import Unit
from engine.errors import NotFound
from engine.identity import Organisation, organisation_of, valid_id

_people, _posts, _orgs = tables.people.c, tables.posts.c, tables.organisations.c


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as the list shows it; ``state`` is held, coming or over."""

    id: int
    role: str
    org: str
    org_name: str
    valid_from: date | None
    valid_to: date | None
    state: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with all their posts; ``state`` is active, locked or closed."""

    id: str
    name: str
    state: str
    locked_until: datetime | None
    must_change: bool
    has_password: bool
    posts: Sequence[PostRow] = ()
    phone: str = ""
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """What narrows the list of people; the empty string narrows nothing. ``after`` is the last id of the page before."""

    text: str = ""
    org: str = ""
    role: str = ""
    state: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of people; ``next`` is where the following one begins."""

    rows: Sequence[PersonRow]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class OrgRow:
    """An organisation with its depth in the tree, how many active people hold a post at it, and its state."""

    org: Organisation
    depth: int
    people: int
    state: str
    children: Sequence[str] = field(default_factory=list)


def people(unit: Unit, query: PeopleQuery, now: datetime, today: date) -> PeoplePage:
    """Return a page of people by id."""
    conditions: list[Any] = []
    if query.text:
        pattern = "%" + query.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append(or_(_people.id.like(pattern, escape="\\"), _people.name.like(pattern, escape="\\")))
    if query.org or query.role:
        post = exists().where(_posts.person == _people.id)
        post = post.where(or_(_posts.valid_to.is_(None), _posts.valid_to >= today))
        if query.org:
            post = post.where(_posts.org == query.org)
        if query.role:
            post = post.where(_posts.role == query.role)
        conditions.append(post)
    if query.state == "closed":
        conditions.append(~_people.active)
    elif query.state == "active":
        conditions.append(_people.active)
    elif query.state == "locked":
        conditions.append(_people.active & (_people.locked_until > now))
    elif query.state == "no_post":
        conditions.append(_people.active & ~exists().where(_posts.person == _people.id))
    total = unit.execute(select(func.count()).select_from(tables.people).where(*conditions)).scalar_one()
    rows = unit.execute(
        select(tables.people)
        .where(*conditions, _people.id > query.after)
        .order_by(_people.id)
        .limit(query.limit + 1)
    ).all()
    page = rows[: query.limit]
    posts = posts_of(unit, [row.id for row in page], today)
    return PeoplePage(
        [_person(row, posts.get(row.id, ()), now) for row in page],
        page[-1].id if len(rows) > query.limit else None,
        total,
    )


def person(unit: Unit, id: str, now: datetime, today: date) -> PersonRow:
    """Return one person; raises :class:`NotFound`."""
    row = unit.execute(select(tables.people).where(_people.id == id)).first() if valid_id(id) else None
    if row is None:
        raise NotFound("person.unknown", person=id)
    return _person(row, posts_of(unit, [id], today).get(id, ()), now)


def posts_of(unit: Unit, ids: Sequence[str], today: date) -> dict[str, list[PostRow]]:
    """Return the posts of people, past and coming ones too, by person."""
    query = (
        select(tables.posts, _orgs.name.label("org_name"))
        .join(tables.organisations, _orgs.code == _posts.org)
        .where(_posts.person.in_(ids))
        .order_by(_posts.person, _posts.id)
    )
    found: dict[str, list[PostRow]] = {}
    for row in unit.execute(query):
        state = _state(row.valid_from, row.valid_to, today)
        post = PostRow(row.id, row.role, row.org, row.org_name, row.valid_from, row.valid_to, state)
        found.setdefault(row.person, []).append(post)
    return found


def organisations(unit: Unit, today: date) -> list[OrgRow]:
    """Return all organisations as a tree: each after the one that it belongs to."""
    orgs = [organisation_of(row) for row in unit.execute(select(tables.organisations).order_by(_orgs.code))]
    counts = _counted(unit, today, _posts.org)
    below: dict[str | None, list[Organisation]] = {}
    for org in orgs:
        below.setdefault(org.parent, []).append(org)
    found: list[OrgRow] = []

    def add(parent: str | None, depth: int) -> None:
        for org in below.get(parent, ()):
            children = [one.code for one in below.get(org.code, ())]
            state = _state(org.valid_from, org.valid_to, today)
            found.append(OrgRow(org, depth, counts.get(org.code, 0), state, children))
            add(org.code, depth + 1)

    add(None, 0)
    return found


def roles(unit: Unit, today: date) -> dict[str, int]:
    """Return the roles that posts have, with how many active people hold each today."""
    return _counted(unit, today, _posts.role)


def _counted(unit: Unit, today: date, column: Any) -> dict[str, int]:
    """Return how many active people hold a post today, by a column of the posts."""
    held = or_(_posts.valid_from.is_(None), _posts.valid_from <= today)
    held &= or_(_posts.valid_to.is_(None), _posts.valid_to >= today)
    query: Select[Any] = (
        select(column, func.count(_posts.person.distinct()))
        .join(tables.people, _people.id == _posts.person)
        .where(held, _people.active)
        .group_by(column)
    )
    rows: Sequence[Any] = unit.execute(query).all()
    return {str(row[0]): int(row[1]) for row in rows}


def _person(row: Any, posts: Sequence[PostRow], now: datetime) -> PersonRow:
    locked = row.locked_until is not None and row.locked_until > now
    return PersonRow(
        row.id,
        row.name,
        "closed" if not row.active else "locked" if locked else "active",
        row.locked_until if locked else None,
        row.must_change,
        row.password_hash is not None,
        posts,
        row.phone or "",
        row.email or "",
        row.mobile or "",
    )


def _state(first: date | None, last: date | None, today: date) -> str:
    if last is not None and last < today:
        return "over"
    return "coming" if first is not None and first > today else "held"
