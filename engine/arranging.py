"""Who may arrange something for somebody else: whoever leads all offices in which that person has a post."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from engine import tables
from engine.database import Unit
from engine.identity import Actor, held_on

_posts = tables.posts.c


def led_by(plugins: Any, actor: Actor) -> frozenset[str]:
    """Return the organisations that the actor leads by one of their posts; which roles lead is the domain's to say."""
    heads = {role for offer in plugins.hook.bihuan_heads() for role in offer}
    return frozenset(org for post in actor.posts if post.role in heads for org in (post.org, *post.absorbed))


def may_arrange(plugins: Any, actor: Actor, person: Actor) -> bool:
    """Whether the actor may arrange a substitute or a hand-over for a person: themself; an administrator for anybody; a
    head for whoever has posts in their office only.
    """
    if actor.person == person.person or actor.keeps_people:
        return True
    orgs = {post.org for post in person.posts}
    return bool(orgs) and orgs <= led_by(plugins, actor)


def may_hand_over(plugins: Any, actor: Actor, person: Actor) -> bool:
    """Whether the actor may hand a person's tasks over: who may arrange a substitute, and operators."""
    return may_arrange(plugins, actor, person) or actor.is_operator


def staff_of(unit: Unit, plugins: Any, actor: Actor, today: date) -> frozenset[str] | None:
    """Return the people who have a post in an office that the actor leads; None for an administrator: everybody."""
    if actor.keeps_people:
        return None
    orgs = sorted(led_by(plugins, actor))
    if not orgs:
        return frozenset()
    posts = tables.posts.join(tables.organisations, tables.organisations.c.code == _posts.org)
    query = select(_posts.person).select_from(posts).where(_posts.org.in_(orgs), *held_on(today)).distinct()
    return frozenset(unit.execute(query).scalars()) - {actor.person}
