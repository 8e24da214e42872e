"""The people whom a page offers to choose from: found on the server, only those who come into question.

A page draws :func:`picker` with the macro ``picker`` of ``macros/picker.html``: without a script it is a list of the
nearest people with a search field beside it, with one it searches while somebody types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from engine import Post
from engine.directory import Colleague, Office, PeopleQuery, Word
from web import context, wording

#: What is searched in: everybody, whom a task can be passed to, who may draft it, who may see a case.
ANYONE, TASK, DRAFT, CASE = "anyone", "task", "draft", "case"
PURPOSES = (ANYONE, TASK, DRAFT, CASE)
MOST = 20
_MOST_WORDS = 4
_LONGEST = 60
_MOST_RECENT = 8
#: An organisation with more people than this is searched, not listed.
_NEAR = 30


@dataclass(frozen=True, slots=True)
class Option:
    """Somebody to choose: the principal that is sent, the name, and what tells people of one name apart."""

    value: str
    name: str
    note: str

    @property
    def label(self) -> str:
        """Name and note in one line, as a plain list shows it."""
        return gettext("%(name)s（%(note)s）", name=self.name, note=self.note) if self.note else self.name


@dataclass(frozen=True, slots=True)
class Group:
    """Options under a heading."""

    label: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Scope:
    """Among whom is searched: ``purpose`` is one of :data:`PURPOSES`; ``roles`` offers roles beside people."""

    purpose: str = ANYONE
    item: int | None = None
    instance: int | None = None
    roles: bool = False

    def address(self) -> str:
        """Return where a script searches."""
        return url_for(
            "people.search",
            **{"for": self.purpose},
            item=self.item,
            instance=self.instance,
            roles="1" if self.roles else None,
        )

    def find(self, query: PeopleQuery) -> list[Option]:
        """Return the people who are found; raises what :meth:`Engine.colleagues` raises."""
        found = context.engine().colleagues(
            query,
            actor=context.actor(),
            item_id=self.item if self.purpose in (TASK, DRAFT) else None,
            instance_id=self.instance if self.purpose == CASE else None,
            drafting=self.purpose == DRAFT,
        )
        return [_person(one) for one in found]


@dataclass(frozen=True, slots=True)
class Picker:
    """A field in which people are chosen: what the macro needs to draw it."""

    name: str
    label: str
    source: str
    groups: Sequence[Group]
    chosen: Sequence[Option] = ()
    multiple: bool = False
    required: bool = True
    hint: str = ""
    query: str = ""

    @property
    def id(self) -> str:
        """The id of the field, which its label names."""
        return f"pick{self.name}"


def picker(
    name: str,
    label: str,
    scope: Scope,
    *,
    chosen: Sequence[str] = (),
    query: str = "",
    **more: Any,
) -> Picker:
    """Return a field named ``name``; ``chosen`` are principals chosen before, ``query`` what was searched without a
    script. ``more`` are the other fields of :class:`Picker`.
    """
    return Picker(name, label, scope.address(), offered(scope, query), called(chosen), query=query, **more)


def offered(scope: Scope, text: str, recent: Sequence[str] = ()) -> list[Group]:
    """Return whom the page offers: who is found for ``text``; without one those chosen recently and one's own office."""
    words = _words(text)
    if words:
        groups = [Group(gettext("找到的人员"), scope.find(PeopleQuery(words, limit=MOST)))]
        if scope.roles:
            groups.append(Group(gettext("岗位（在岗的人都收到）"), _offices(PeopleQuery(words, limit=MOST))))
        return [group for group in groups if group.options]
    known = scope.find(PeopleQuery(ids=list(recent)[:_MOST_RECENT])) if recent else []
    if scope.purpose in (DRAFT, CASE):
        near = scope.find(PeopleQuery(limit=_NEAR))
    else:
        near = scope.find(PeopleQuery(orgs=[post.org for post in context.actor().posts], limit=_NEAR))
    seen = {one.value for one in known}
    found = [
        Group(gettext("最近选过的"), known),
        Group(
            gettext("可以选的人员") if scope.purpose in (DRAFT, CASE) else gettext("本单位"),
            [one for one in near if one.value not in seen],
        ),
    ]
    return [group for group in found if group.options]


def called(principals: Sequence[str]) -> list[Option]:
    """Return people and roles by their principals, as options; those who don't exist are left out."""
    known = context.engine().people.names(principals)
    found = []
    for principal in principals:
        kind, _, rest = principal.partition(":")
        if kind == "user" and principal in known:
            found.append(Option(principal, known[principal], ""))
        elif kind == "role" and (org := known.get(f"org:{rest.partition('@')[2]}")):
            found.append(Option(principal, f"{org} {wording.role(rest.partition('@')[0])}", ""))
    return found


def post_said(post: Post) -> str:
    """Return a post in words: organisation and title."""
    return f"{post.org_name} {wording.role(post.role)}"


def _person(one: Colleague) -> Option:
    return Option(f"user:{one.person}", one.name, gettext("、").join(map(post_said, one.posts)))


def _offices(query: PeopleQuery) -> list[Option]:
    return [_office(one) for one in context.engine().offices(query)]


def _office(one: Office) -> Option:
    name = f"{one.org_name} {wording.role(one.role)}"
    return Option(one.principal, name, gettext("%(count)s 人", count=one.holders))


def _words(text: str) -> list[Word]:
    parts = text[:_LONGEST].replace("　", " ").split()[:_MOST_WORDS]
    return [Word(part, wording.roles_named(part)) for part in parts]
