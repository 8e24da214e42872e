"""What a person may do with a task or a case beside deciding it, and why not: the same judgement as the commands'."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.bpmn.model import UserTask
from engine.commands import asking, extending, notes, paper
from engine.commands.act import Act
from engine.commands.extending import Extension
from engine.commands.loading import Item
from engine.commands.withdrawing import Prospect
from engine.database import Unit
from engine.errors import BihuanError, Forbidden, NotFound, Refused
from engine.identity import Actor
from engine.tasks.access import holds, refusal

#: What anybody who may see a case may do with it.
ON_CASES = ("copy", "comment", "follow")

#: By operation why it can't be done, None where it can.
Offers = dict[str, BihuanError | None]


def on_case(act: Act, actor: Actor, *, takes_part: bool) -> Offers:
    """Return what a person may do with a case; who only watches over it (an operator) does nothing there."""
    error: BihuanError | None = None
    if actor.no_business:
        error = Forbidden("admin.no_business")
    elif not takes_part:
        error = NotFound("instance.unknown", instance=act.instance.id)
    return dict.fromkeys(ON_CASES, error)


def on_item(
    unit: Unit,
    act: Act,
    item: Item,
    element: UserTask,
    actor: Actor,
    *,
    urged: Mapping[int, datetime],
    extension: Extension | None,
    prospect: Prospect,
) -> Offers:
    """Return what a person may do with an item beside what :data:`engine.tasks.access.OPERATIONS` names.

    ``actor`` is who they are in the item's process; ``urged`` when they urged which item last, ``extension`` the open
    request for a later deadline, ``prospect`` whether the item can be withdrawn.
    """
    return {
        **on_case(act, actor, takes_part=True),
        "urge": notes.cannot_urge(act, item, actor, urged),
        "register_signature": paper.cannot_register(unit, act, item, element, actor),
        "decide_extension": extending.cannot_decide(item, extension, actor),
        "change_dues": extending.cannot_change(act, item, element, actor),
        "withdraw": prospect.error,
        "ask_withdrawal": asking.cannot_ask(unit, act, item, prospect),
        "answer_withdrawal": _cannot_answer(act, item, actor),
    }


def cannot_extend(
    item: Item, element: UserTask, act: Act, actor: Actor, extension: Extension | None
) -> BihuanError | None:
    """Return why a person can't ask for a later deadline."""
    code = refusal("extend", item, element, act.progress, actor)
    if code is not None:
        return Forbidden(code, step=item.step)
    return Refused("extend.asked_already", step=item.step) if extension is not None else None


def _cannot_answer(act: Act, item: Item, actor: Actor) -> BihuanError | None:
    if actor.no_business:
        return Forbidden("admin.no_business")
    if item.state != "open":
        return Refused(f"item.{item.state}", step=item.step, at=item.completed_at)
    if act.progress.suspended is not None:
        return act.suspension()
    if not holds(item, actor):
        return Forbidden("item.held" if item.assignee else "item.not_candidate", step=item.step)
    return None if asking.waiting(act, item) else Refused("withdraw.not_asked", step=item.step)
