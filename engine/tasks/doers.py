"""Who did something as pages tell it: the person, the post in which they did it, and for whom as a substitute."""

from __future__ import annotations

from collections.abc import Mapping

from engine.identity import Actor
from engine.posts import acting_as
from engine.tasks.access import ItemRow, acting_for
from engine.tasks.views import Doer, PostView


def doer(known: Mapping[str, str], person: str, post: str | None = None, behalf: str | None = None) -> Doer:
    """Return who did something, all three as principals; ``known`` is what :func:`engine.identity.names` gave of them."""
    return Doer(
        known.get(person, person),
        None if post is None else post_view(known, post),
        None if behalf is None else known.get(behalf, behalf),
    )


def post_view(known: Mapping[str, str], post: str) -> PostView:
    """Return a post, given as ``role:<role>@<organisation>``, with the organisation's name."""
    role, _, org = post.removeprefix("role:").partition("@")
    return PostView(role, org, known.get(f"org:{org}", org))


def acting(item: ItemRow, actor: Actor) -> Doer:
    """Return as whom the actor would do an item."""
    behalf = acting_for(item, actor)
    post = acting_as(actor, item.candidates, behalf)
    absent = next((one for one in actor.stands_in if one.principal == behalf), None)
    posts = actor.posts if absent is None else absent.posts
    held = next((one for one in posts if one.principal == post), None)
    shown = None if held is None else PostView(held.role, held.org, held.org_name)
    return Doer(actor.name, shown, None if absent is None else absent.name)
