"""Whose tasks a list shows of all that an actor could do: those of one post, their own, or those of somebody absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.identity import Actor, StandIn

#: What a list may be narrowed to: the actor's own tasks, or those that they do as a substitute.
OWN, OTHERS = "own", "others"
#: No person has an empty id, so nothing is for these.
NOBODY = frozenset({"user:"})


def narrowed(actor: Actor, behalf: str | None) -> Actor:
    """Return the actor with the principals whose tasks are wanted.

    In a post they are those of the post and the person, and of all for whom they act. ``behalf`` is :data:`OWN`,
    :data:`OTHERS`, the id of one person for whom they act, or None: all. What is the actor's own is no other's.
    """
    mine, absent = actor.principals, actor.stands_in
    if actor.post is not None:
        mine = actor.post.principals | {actor.principal}
    if behalf == OWN:
        absent = ()
    elif behalf:
        absent = tuple(_without(one, actor.principals) for one in absent if behalf in (OTHERS, one.person))
        mine = NOBODY
    return replace(actor, principals=mine, stands_in=absent)


def _without(absent: StandIn, own: frozenset[str]) -> StandIn:
    return replace(absent, principals=absent.principals - own)


def other_posts(actor: Actor) -> Mapping[str, str]:
    """Return what a task's candidates hold that is in the actor's hands for another post than their current one.

    The values are parts of the candidates' JSON: ``post`` for the current post, ``other0``, ``other1``… for the others.
    """
    if actor.post is None:
        return {}
    others = [post for post in actor.posts if post != actor.post]
    named = {f"other{number}": post.principal for number, post in enumerate(others)}
    return {name: f'"{principal}"' for name, principal in {"post": actor.post.principal, **named}.items()}
