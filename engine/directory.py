"""Finding people by name, account, organisation or role: whom something can be passed to, sent to, or whom one can name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select

from engine import tables
from engine.calendar import ZONE
from engine.commands.complete import user_task
from engine.commands.holding import drafters_of
from engine.commands.loading import load_instance, load_item
from engine.commands.notes import offices_of, see, watchers
from engine.commands.ports import Ports
from engine.commands.signing import signers_of
from engine.database import Unit
from engine.errors import ExecutionError, Forbidden, NotFound
from engine.identity import ADMINISTRATORS, AUDITOR, Actor, Post
from engine.tasks.access import may_see

#: How many people one answer has at most.
MOST = 50
#: Who holds one of these roles acts on no business data, whatever other posts they have.
NO_BUSINESS = ADMINISTRATORS | {AUDITOR}

_people, _posts, _orgs = tables.people.c, tables.posts.c, tables.organisations.c
_joined = tables.people.join(tables.posts, _posts.person == _people.id).join(
    tables.organisations, _orgs.code == _posts.org
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is looked for in name, account and organisation; ``roles`` are those whose title has it."""

    text: str
    roles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """Who is looked for: all ``words`` must be found; ``ids`` and ``orgs`` narrow it to people or organisations."""

    words: Sequence[Word] = ()
    ids: Sequence[str] | None = None
    orgs: Sequence[str] | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person with the posts that they hold today."""

    person: str
    name: str
    posts: Sequence[Post]


@dataclass(frozen=True, slots=True)
class Office:
    """A role at an organisation that somebody holds today, and how many do."""

    role: str
    org: str
    org_name: str
    holders: int

    @property
    def principal(self) -> str:
        """The role as a principal, ``role:<role>@<organisation>``."""
        return f"role:{self.role}@{self.org}"


@dataclass(frozen=True, slots=True)
class Circle:
    """Which people come into question: ``among`` are principals (None: all), ``without`` people who don't."""

    among: Collection[str] | None = None
    without: Collection[str] = ()


def circle_of(
    ports: Ports,
    unit: Unit,
    actor: Actor,
    *,
    item_id: int | None = None,
    instance_id: int | None = None,
    drafting: bool = False,
) -> Circle:
    """Return who comes into question: for an item, whom it can be passed to (``drafting``: given for drafting); for an
    instance, who may see it and the actor's own colleagues; else everybody. Nobody finds themself.

    Raises :class:`NotFound` for what the actor may not see, :class:`Forbidden` for an administrator.
    """
    me = {actor.principal}
    if item_id is not None:
        return _takers(ports, unit, actor, item_id, drafting)
    if instance_id is not None:
        act = load_instance(ports, unit, instance_id, actor.principal, lock=False)
        see(unit, act, actor)
        return Circle(watchers(unit, act) | offices_of(actor), me)
    return Circle(None, me)


def _takers(ports: Ports, unit: Unit, actor: Actor, item_id: int, drafting: bool) -> Circle:
    item, act = load_item(ports, unit, item_id, actor.principal, lock=False)
    if actor.no_business:
        raise Forbidden("admin.no_business")
    if not may_see(item, act.progress.participants, actor.within(act.process.process_id)):
        raise NotFound("item.unknown", item=item_id)
    without = {actor.principal}
    if item.state != "open":
        return Circle((), without)
    element = user_task(act, item)
    if drafting:
        try:
            return Circle(drafters_of(act, item, element) if element.drafters is not None else (), without)
        except ExecutionError:
            return Circle((), without)
    for other in element.separate_from:
        without.update(act.progress.doers.get(other, ()))
    if element.signing is not None:
        signers = (one for one in signers_of(unit, act.instance.id, item.token) if not one.removed)
        without.update(one for signer in signers for one in (signer.assignee, signer.completed_by) if one)
    return Circle(None, without)


def find(unit: Unit, query: PeopleQuery, circle: Circle, today: date) -> list[Colleague]:
    """Return the people who are found, those whose name begins with the first word first; administrators never are."""
    wanted = [_people.active, ~_administers(today), _held(today), _among(circle.among)]
    wanted += [_named(word) for word in query.words]
    without = [one.removeprefix("user:") for one in circle.without]
    if without:
        wanted.append(_people.id.not_in(without))
    if query.ids is not None:
        wanted.append(_people.id.in_(list(query.ids)))
    if query.orgs is not None:
        wanted.append(_posts.org.in_(list(query.orgs)))
    first = query.words[0].text if query.words else ""
    near = func.min(case((_people.name.startswith(first, autoescape=True), 0), else_=1))
    found: Select[Any] = (
        select(_people.id, _people.name)
        .select_from(_joined)
        .where(*wanted)
        .group_by(_people.id, _people.name)
        .order_by(near, func.min(_posts.org), func.min(_posts.id), _people.id)
        .limit(min(query.limit, MOST))
    )
    rows = unit.execute(found).all()
    posts = _posts_of(unit, [row.id for row in rows], today)
    people = [Colleague(row.id, row.name, posts.get(row.id, ())) for row in rows]
    if query.ids is not None:
        places = {person: place for place, person in enumerate(query.ids)}
        people.sort(key=lambda one: places[one.person])
    return people


def find_offices(unit: Unit, query: PeopleQuery, today: date) -> list[Office]:
    """Return the roles at organisations that are found, by organisation; the administrators' is none."""
    wanted = [_people.active, _posts.role.not_in(NO_BUSINESS), _held(today)]
    for word in query.words:
        wanted.append(or_(_contains(_orgs.name, word.text), _posts.role.in_(list(word.roles))))
    if query.orgs is not None:
        wanted.append(_posts.org.in_(list(query.orgs)))
    rows = unit.execute(
        select(_posts.role, _posts.org, _orgs.name, func.count(func.distinct(_people.id)).label("holders"))
        .select_from(_joined)
        .where(*wanted)
        .group_by(_posts.role, _posts.org, _orgs.name)
        .order_by(_posts.org, _posts.role)
        .limit(min(query.limit, MOST))
    )
    return [Office(row.role, row.org, row.name, row.holders) for row in rows]


def _administers(today: date) -> ColumnElement[bool]:
    other = tables.posts.alias().c
    return exists().where(other.person == _people.id, other.role.in_(NO_BUSINESS), _held(today, other))


def _held(today: date, posts: Any = _posts) -> ColumnElement[bool]:
    return and_(
        or_(posts.valid_from.is_(None), posts.valid_from <= today),
        or_(posts.valid_to.is_(None), posts.valid_to >= today),
    )


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    return func.lower(column).contains(text.lower(), autoescape=True)


def _named(word: Word) -> ColumnElement[bool]:
    found = [_contains(column, word.text) for column in (_people.name, _people.id, _orgs.name)]
    return or_(*found, _posts.role.in_(list(word.roles)))


def _among(principals: Iterable[str] | None) -> ColumnElement[bool]:
    """Say that a person is one of those whom principals mean, by their name or by a post."""
    if principals is None:
        return _people.active
    found: list[ColumnElement[bool]] = [false()]
    people = [one[5:] for one in principals if one.startswith("user:")]
    orgs = [one[4:] for one in principals if one.startswith("org:")]
    if people:
        found.append(_people.id.in_(people))
    if orgs:
        found.append(_posts.org.in_(orgs))
    for one in principals:
        if one.startswith("role:"):
            role, _, org = one[5:].partition("@")
            found.append(and_(_posts.role == role, _posts.org == org) if org else _posts.role == role)
    return or_(*found)


def _posts_of(unit: Unit, people: Sequence[str], today: date) -> dict[str, tuple[Post, ...]]:
    query = (
        select(tables.posts, _orgs.name.label("org_name"))
        .join(tables.organisations, _orgs.code == _posts.org)
        .where(_posts.person.in_(people), _held(today))
        .order_by(_posts.id)
    )
    found: dict[str, tuple[Post, ...]] = {}
    for row in unit.execute(query) if people else ():
        post = Post(row.role, row.org, row.org_name, row.valid_from, row.valid_to)
        found[row.person] = (*found.get(row.person, ()), post)
    return found


def today_of(now: datetime) -> date:
    """Return the county's day at a moment."""
    return now.astimezone(ZONE).date()
