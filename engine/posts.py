"""In which of their posts somebody acts: that for which the task is; where several fit, the one they have chosen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.identity import Actor, Post


def acting_as(actor: Actor, candidates: Collection[str] = (), behalf: str | None = None) -> str | None:
    """Return the post in which an actor does what is for ``candidates``, as ``role:<role>@<organisation>``.

    As a substitute for ``behalf`` it is one of that person's. Of several that fit it is the actor's current one, else
    the first; where none does (the task is theirs by name) the current one, else the first of all. None without posts.
    """
    posts = _posts(actor, behalf)
    if not posts:
        return None
    fitting = [post for post in posts if not post.principals.isdisjoint(candidates)] or posts
    current = actor.post if actor.post in fitting else fitting[0]
    return None if current is None else current.principal


def _posts(actor: Actor, behalf: str | None) -> Sequence[Post]:
    if behalf is None:
        return actor.posts
    return next((one.posts for one in actor.stands_in if one.principal == behalf), ())


def in_post(actor: Actor, post: str | None) -> Actor:
    """Return the actor in one of their posts; in all of them where ``post`` is None, or not theirs today."""
    return replace(actor, post=next((one for one in actor.posts if one.principal == post), None))
