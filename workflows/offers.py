"""What a person may begin by hand about a project: a process offers it in its folder's ``start.py`` as ``OFFER``.

A unit asks for a payment, the performance section calls for a rectification. Which projects, and what the instance starts
with, is the process's own knowledge; the page that lists them is everybody's (``/begin``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

import workflows
from budget.codes import Code
from budget.projects import Register
from budget.tables import Project, Unit
from engine import StartRequest
from engine.identity import Post
from workflows.profiles import Profile


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be begun: by whom (``roles``), about which projects, with which ``choices`` to be made first.

    ``projects`` narrows the projects of the year to those that it is about; ``own`` says that these are only those of the
    organisations at which the person holds one of the roles. ``variables`` adds to ``project`` and ``profile``, from the
    code that was chosen (None without choices).
    """

    process: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    roles: frozenset[str]
    groups: Sequence[str]
    own: bool = False
    choices: type[Code] | None = None
    projects: Callable[[Select[Any]], Select[Any]] = lambda statement: statement
    variables: Callable[[str | None], Mapping[str, Any]] = lambda _chosen: {}


@cache
def offers() -> Mapping[str, Offer]:
    """Return what can be begun, by process."""
    found = {}
    for process in workflows.processes():
        if find_spec(f"workflows.{process}.start") is not None:
            found[process] = import_module(f"workflows.{process}.start").OFFER
    return found


def allowed(posts: Sequence[Post]) -> Sequence[Offer]:
    """Return what somebody with these posts may begin."""
    held = {post.role for post in posts}
    return [offer for offer in offers().values() if offer.roles & held]


def projects(offer: Offer, posts: Sequence[Post], years: Collection[int]) -> Select[Any]:
    """Return the query of the projects of some budget years, each with its unit, about which one may begin it.

    Secret ones are handled offline and never offered (domain §6.4).
    """
    statement = (
        select(Project, Unit)
        .join(Unit, Unit.code == Project.unit)
        .where(Project.fiscal_year.in_(years), Project.secret_flag.is_(False), Unit.secret_flag.is_(False))
        .order_by(Project.fiscal_year.desc(), Project.unit, Project.id)
    )
    if offer.own:
        held = [post for post in posts if post.role in offer.roles]
        statement = statement.where(
            Project.unit.in_([code for post in held for code in (post.org, *post.absorbed)])
        )
    return offer.projects(statement)


def request(
    session: Session, offer: Offer, project: Project, chosen: str | None, profile: Profile
) -> StartRequest:
    """Return what the instance starts with."""
    return StartRequest(
        {
            "project": Register(session).variables(project),
            "profile": profile.variables(*offer.groups),
            **offer.variables(chosen),
        }
    )
