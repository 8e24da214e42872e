"""Who somebody is today: a person with the posts that they hold, those for whom they act, and what they are called.

A person with the role ``admin`` configures the system and must not act on business data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, bindparam, or_, select
from sqlalchemy.orm import Session

from engine import tables
from engine.database import Unit
from engine.errors import Forbidden, NotFound
from engine.passwords import stamp as password_stamp
from engine.values import load_plain

ADMIN = "admin"
#: What an administrator may do is given to three people where a county separates it (系统、安全、审计三员分立).
SYS_ADMIN, SEC_ADMIN, AUDIT_ADMIN = "sys_admin", "sec_admin", "audit_admin"
ADMINISTRATORS = frozenset({ADMIN, SYS_ADMIN, SEC_ADMIN, AUDIT_ADMIN})
#: The role of an account with which auditors read what its scope names, and do nothing.
AUDITOR = "auditor"
_NO_BUSINESS = ADMINISTRATORS | {AUDITOR}
#: The role that may intervene in running cases: terminate, suspend, repair; it is no right to do people's tasks.
OPERATOR = "operator"
#: The role that draws processes, decisions and forms, and lets them be deployed; it does no tasks and sees no case.
DESIGNER = "designer"
_ID = re.compile(r"[\w.\-]{1,60}")


@dataclass(frozen=True, slots=True)
class Post:
    """A role at an organisation, from and to dates inclusive (None: open)."""

    role: str
    org: str
    org_name: str
    valid_from: date | None = None
    valid_to: date | None = None
    #: The organisations that became part of this one: the post acts for them too.
    absorbed: tuple[str, ...] = ()

    @property
    def principal(self) -> str:
        """The post as a principal, ``role:<role>@<organisation>``."""
        return f"role:{self.role}@{self.org}"

    @property
    def principals(self) -> frozenset[str]:
        """All principals that the post gives."""
        orgs = (self.org, *self.absorbed)
        return frozenset(
            (
                f"role:{self.role}",
                *(f"role:{self.role}@{org}" for org in orgs),
                *(f"org:{org}" for org in orgs),
            )
        )

    def holds(self, day: date) -> bool:
        """Whether the post is held on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody for whom a person acts today: who they are, and in which processes (None: all)."""

    person: str
    name: str
    principals: frozenset[str]
    processes: frozenset[str] | None = None
    posts: tuple[Post, ...] = ()

    @property
    def principal(self) -> str:
        """The person as a principal, ``user:<id>``."""
        return f"user:{self.person}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the person's id and name, and the principals that they hold today.

    ``stands_in`` are those for whom they act as a substitute, :meth:`within` adds their principals. ``stamp`` is
    another one after each change of the password, so that sessions begun before it can be ended.
    """

    person: str
    name: str
    principals: frozenset[str]
    posts: tuple[Post, ...] = ()
    stamp: str = field(default="", repr=False, compare=False)
    stands_in: tuple[StandIn, ...] = ()
    #: The principals that the actor holds for themself, where others' are added.
    own: frozenset[str] = frozenset()
    #: The post that they have chosen to act in and whose tasks lists show; None is all of them.
    post: Post | None = None
    #: Whether they read one case whatever its audiences: an auditor whose scope it is in.
    reads_all: bool = False

    def within(self, process: str) -> Actor:
        """Return the actor with the principals of those for whom they act in a process."""
        acting = tuple(one for one in self.stands_in if one.processes is None or process in one.processes)
        if not acting:
            return self if not self.stands_in else replace(self, stands_in=())
        principals = self.principals.union(*(one.principals for one in acting))
        return replace(self, principals=principals, stands_in=acting, own=self.principals)

    @property
    def principal(self) -> str:
        """The person as a principal, ``user:<id>``."""
        return f"user:{self.person}"

    @property
    def is_admin(self) -> bool:
        """Whether the person administers the county: all of it, or one of the three parts."""
        return any(post.role in ADMINISTRATORS for post in self.posts)

    @property
    def keeps_people(self) -> bool:
        """Whether the person administers people: the whole administrator, or the system's part."""
        return any(post.role in (ADMIN, SYS_ADMIN) for post in self.posts)

    @property
    def is_auditor(self) -> bool:
        """Whether the person reads for an audit."""
        return any(post.role == AUDITOR for post in self.posts)

    @property
    def no_business(self) -> bool:
        """Whether the person may not act on business data, whatever other posts they hold."""
        return any(post.role in _NO_BUSINESS for post in self.posts)

    @property
    def is_operator(self) -> bool:
        """Whether the person holds the role ``operator``."""
        return any(post.role == OPERATOR for post in self.posts)

    @property
    def is_designer(self) -> bool:
        """Whether the person holds the role ``designer``."""
        return any(post.role == DESIGNER for post in self.posts)

    def may_read(self, audience: Sequence[str] | None, participants: Sequence[str]) -> bool:
        """Whether a record's audience names one of the actor's principals; None names those who take part."""
        return self.reads_all or not self.principals.isdisjoint(
            participants if audience is None else audience
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    """A unit, a section or a department; ``kind`` is the profile's word for what it is.

    Posts at it are held from its first to its last day (None: open). ``successor`` is the one that it became part of.
    """

    code: str
    name: str
    kind: str
    parent: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    phone: str | None = None
    successor: str | None = None


def organisation_of(row: Any) -> Organisation:
    """Return an organisation of its row."""
    return Organisation(
        row.code, row.name, row.kind, row.parent, row.valid_from, row.valid_to, row.phone, row.successor
    )


SYSTEM = Actor("system", "system", frozenset({"system"}))


def valid_id(text: str) -> bool:
    """Whether a text can be a person's id: letters, digits, dots, dashes and underscores, 60 at most."""
    return _ID.fullmatch(text) is not None


def principals_of(person: str, posts: Iterable[Post]) -> frozenset[str]:
    """Return the principals of a person with these posts."""
    found = {f"user:{person}"}
    for post in posts:
        found |= post.principals
    return frozenset(found)


def name_of_principal(principal: str, names: dict[str, str]) -> str:
    """Return what to call a principal; ``names`` has person ids and organisation codes as :func:`names` gives them."""
    kind, _, rest = principal.partition(":")
    if kind == "user":
        return names.get(principal, rest)
    if kind == "org":
        return names.get(principal, rest)
    role, _, org = rest.partition("@")
    return f"{names.get('org:' + org, org)} {role}".strip()


def names(unit: Unit | Session, principals: Iterable[str]) -> dict[str, str]:
    """Return the names of the people and organisations among ``principals`` (of ``role:…@org`` the organisation's)."""
    wanted = set(principals)
    wanted |= {f"org:{one.rpartition('@')[2]}" for one in wanted if one.startswith("role:") and "@" in one}
    people = sorted(one[5:] for one in wanted if one.startswith("user:"))
    orgs = sorted(one[4:] for one in wanted if one.startswith("org:"))
    found: dict[str, str] = {}
    if people:
        rows = unit.execute(_people_names, {"ids": people})
        found.update({f"user:{row.id}": row.name for row in rows})
    if orgs:
        rows = unit.execute(_org_names, {"codes": orgs})
        found.update({f"org:{row.code}": row.name for row in rows})
    return found


_people_names = select(tables.people.c.id, tables.people.c.name).where(
    tables.people.c.id.in_(bindparam("ids", expanding=True))
)
_org_names = select(tables.organisations.c.code, tables.organisations.c.name).where(
    tables.organisations.c.code.in_(bindparam("codes", expanding=True))
)
_absorbed = tables.organisations.alias("absorbed")
_actor = (
    select(
        tables.people.c.id,
        tables.people.c.name,
        tables.people.c.active,
        tables.people.c.password_hash,
        tables.posts.c.id.label("post"),
        tables.posts.c.role,
        tables.posts.c.org,
        tables.posts.c.valid_from,
        tables.posts.c.valid_to,
        tables.organisations.c.name.label("org_name"),
        tables.organisations.c.valid_from.label("org_from"),
        tables.organisations.c.valid_to.label("org_to"),
        _absorbed.c.code.label("absorbed"),
    )
    .select_from(
        tables.people.outerjoin(tables.posts, tables.posts.c.person == tables.people.c.id)
        .outerjoin(tables.organisations, tables.organisations.c.code == tables.posts.c.org)
        .outerjoin(_absorbed, _absorbed.c.successor == tables.posts.c.org)
    )
    .where(tables.people.c.id == bindparam("person"))
    .order_by(tables.posts.c.id, _absorbed.c.code)
)


_absent = (
    select(tables.substitutions.c.person, tables.substitutions.c.processes, tables.people.c.name)
    .join(tables.people, tables.people.c.id == tables.substitutions.c.person)
    .where(
        tables.substitutions.c.substitute == bindparam("person"),
        tables.substitutions.c.ended_at.is_(None),
        tables.substitutions.c.valid_from <= bindparam("today"),
        tables.substitutions.c.valid_to >= bindparam("today"),
        tables.people.c.active,
    )
    .order_by(tables.substitutions.c.id)
)


def called(unit: Unit | Session, principal: str) -> str:
    """Return what a person who did something is called in a sentence."""
    return names(unit, [principal]).get(principal, principal.removeprefix("user:"))


def load_actor(unit: Unit, person: str, today: date) -> Actor:
    """Return who ``person`` is on ``today``; raises :class:`NotFound` or, for a closed account, :class:`Forbidden`."""
    rows = unit.execute(_actor, {"person": person}).all()
    if not rows:
        raise NotFound("person.unknown", person=person)
    if not rows[0].active:
        raise Forbidden("person.inactive", person=rows[0].name)
    posts = _posts(rows, today)
    stamp, stands_in = password_stamp(rows[0].password_hash), load_stand_ins(unit, person, today)
    return Actor(rows[0].id, rows[0].name, principals_of(person, posts), posts, stamp, stands_in)


def load_stand_ins(unit: Unit, person: str, today: date) -> tuple[StandIn, ...]:
    """Return those for whom a person acts as a substitute on ``today``."""
    found = []
    for row in unit.execute(_absent, {"person": person, "today": today}).all():
        posts = _posts(unit.execute(_actor, {"person": row.person}).all(), today)
        processes = None if row.processes is None else frozenset(load_plain(row.processes))
        principals = principals_of(row.person, posts)
        found.append(StandIn(row.person, row.name, principals, processes, posts))
    return tuple(found)


def _posts(rows: Iterable[Any], today: date) -> tuple[Post, ...]:
    """Return the posts that are held on a day, each with the organisations that became part of its own."""
    found: dict[int, Post] = {}
    for row in rows:
        if row.role is None or not _within(row.org_from, row.org_to, today):
            continue
        post = found.get(row.post) or Post(row.role, row.org, row.org_name, row.valid_from, row.valid_to)
        if row.absorbed is not None:
            post = replace(post, absorbed=(*post.absorbed, row.absorbed))
        if post.holds(today):
            found[row.post] = post
    return tuple(found.values())


def _within(first: date | None, last: date | None, today: date) -> bool:
    """Whether ``today`` is among the days of an organisation (None: open)."""
    return (first is None or first <= today) and (last is None or today <= last)


def held_on(today: date | BindParameter[date]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on posts, joined with their organisations, that they are held on a day."""
    return tuple(
        or_(edge.is_(None), within)
        for days in (tables.organisations.c, tables.posts.c)
        for edge, within in (
            (days.valid_from, days.valid_from <= today),
            (days.valid_to, days.valid_to >= today),
        )
    )


def members(unit: Unit | Session, role: str, org: str | None, today: date) -> list[str]:
    """Return the people who hold ``role`` (at ``org``, or anywhere) today, as principals in a stable order."""
    wanted = {"role": role, "today": today}
    rows = (
        unit.execute(_members, wanted) if org is None else unit.execute(_members_at, {**wanted, "org": org})
    )
    return [f"user:{row.person}" for row in rows]


_members = (
    select(tables.posts.c.person)
    .join(tables.people, tables.people.c.id == tables.posts.c.person)
    .join(tables.organisations, tables.organisations.c.code == tables.posts.c.org)
    .where(
        tables.posts.c.role == bindparam("role"),
        tables.people.c.active,
        *held_on(bindparam("today", type_=Date)),
    )
    .distinct()
    .order_by(tables.posts.c.person)
)
_successor = tables.organisations.alias("asked")
#: At an organisation, or at the one that it became part of.
_members_at = _members.where(
    or_(
        tables.posts.c.org == bindparam("org"),
        tables.posts.c.org
        == select(_successor.c.successor).where(_successor.c.code == bindparam("org")).scalar_subquery(),
    )
)
