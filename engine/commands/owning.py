"""Whose a deadline is: who may move it, and may nudge those who are to keep it."""

from __future__ import annotations

from engine.bpmn.model import UserTask
from engine.commands.act import Act
from engine.commands.assignment import principals
from engine.commands.loading import Item, token_of
from engine.errors import ExecutionError
from engine.identity import Actor


def owners_of(act: Act, item: Item, element: UserTask) -> list[str]:
    """Return who owns the deadline of an item: what ``deadline-owner`` says, else who started the case."""
    if element.deadline_owner is None:
        return [act.instance.initiator]
    try:
        names_ = act.names(token_of(act, item.token))
        return principals(act.value(element.deadline_owner, names_, element.id), "user:")
    except (ExecutionError, TypeError):
        return [act.instance.initiator]


def owns(act: Act, item: Item, actor: Actor) -> bool:
    """Whether the deadline of an open item is the actor's, as the step's file says."""
    if item.state != "open":
        return False
    element = token_of(act, item.token).element
    if not isinstance(element, UserTask) or element.deadline_owner is None:
        return False
    return not actor.principals.isdisjoint(owners_of(act, item, element))
