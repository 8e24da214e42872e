"""Asking for a submission back (申请撤回): once the next holder has begun, it is theirs to let it go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.bpmn.model import UserTask
from engine.commands import informing, moving, withdrawing, writer
from engine.commands.act import Act
from engine.commands.complete import Completed, result_of, user_task
from engine.commands.conflicts import conflict
from engine.commands.loading import Item, load_item
from engine.commands.ports import Ports
from engine.commands.undoing import Past
from engine.commands.withdrawing import Prospect
from engine.database import Unit
from engine.errors import BihuanError, Conflict, Forbidden, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor
from engine.tasks.access import holds, may_see, refused, represent
from engine.values import stamp

#: Why a withdrawal is refused where the next holder may still let it go.
ASKABLE = frozenset({"withdraw.signed", "withdraw.opinion"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to have a submission back, as the holder of what came of it sees it."""

    item_id: int
    step: str
    by: str
    reason: str
    at: datetime


def ask(ports: Ports, unit: Unit, item_id: int, actor: Actor, reason: str) -> list[int]:
    """Ask the holders of what came of a completed item to let it go back; return their items.

    Raises :class:`Refused` where the actor can simply withdraw it, has asked already, or nobody holds it any more.
    """
    item, act = load_item(ports, unit, item_id, actor)
    actor = actor.within(act.process.process_id)
    element = withdrawing.own(act, item, actor)
    why = moving.reason_of(reason)
    holders = holders_of(unit, act, item, element, withdrawing.prospect(unit, act, item, actor))
    act.progress.asked[str(item.id)] = [actor.principal, why, stamp(act.now), item.step, holders]
    body = {"item": item.id, "step": item.step, "reason": why, "holders": holders}
    people = informing.holders(unit, holders)
    informing.asked(unit, act, informing.WITHDRAWAL_ASKED, people, why, holders[0])
    act.entries.append(Entry("withdrawal.asked", act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    return holders


def holders_of(unit: Unit, act: Act, item: Item, element: UserTask, prospect: Prospect) -> list[int]:
    """Return the open items whose holders can be asked to let a completed item go back; raises as :func:`ask` does."""
    error = prospect.error
    if error is None:
        raise Refused("withdraw.possible", step=item.step)
    if error.code not in ASKABLE:
        raise error
    if str(item.id) in act.progress.asked:
        raise Refused("withdraw.asked", step=item.step)
    reach = withdrawing.reached(unit, act, item, element, Past(act))
    holders = [row.id for row in reach.items if row.state == "open"]
    if not holders:
        raise Refused("withdraw.nobody", step=item.step)
    return holders


def cannot_ask(unit: Unit, act: Act, item: Item, prospect: Prospect) -> BihuanError | None:
    """Return why a completed item can't be asked back."""
    if prospect.error is not None and prospect.error.code not in ASKABLE:
        return prospect.error
    try:
        holders_of(unit, act, item, user_task(act, item), prospect)
    except (Conflict, Forbidden, NotFound, Refused) as error:
        return error.with_traceback(None)  # kept with a page, it would keep every frame that led here
    return None


def waiting(act: Act, item: Item) -> list[Asked]:
    """Return the requests that the holder of an open item can answer."""
    return [
        Asked(int(key), step, by, reason, datetime.fromisoformat(at))
        for key, (by, reason, at, step, holders) in act.progress.asked.items()
        if item.id in holders
    ]


def answer(
    ports: Ports,
    unit: Unit,
    item_id: int,
    actor: Actor,
    version: int,
    asked_id: int,
    *,
    grant: bool,
    reason: str,
) -> Completed:
    """Let the holder of an open item grant or decline that a submission goes back; raises what a return raises."""
    item, act = load_item(ports, unit, item_id, actor)
    actor = actor.within(act.process.process_id)
    if not may_see(item, act.progress.participants, actor):
        raise NotFound("item.unknown", item=item.id)
    if item.state != "open" or item.version != version:
        raise conflict(unit, item)
    if act.progress.suspended is not None:
        raise act.suspension()
    if actor.no_business or not holds(item, actor):
        raise refused("admin.no_business" if actor.no_business else "item.not_candidate", item, act, actor)
    represent(act, item, actor)
    request = act.progress.asked.get(str(asked_id))
    if request is None or item.id not in request[4]:
        raise Refused("withdraw.not_asked", step=item.step)
    del act.progress.asked[str(asked_id)]
    by = request[0]
    if not grant:
        body: dict[str, Any] = {
            "item": asked_id,
            "step": request[3],
            "reason": moving.reason_of(reason),
            "to": by,
        }
        informing.asked(unit, act, informing.WITHDRAWAL_DECLINED, [by], str(body["reason"]), asked_id)
        act.entries.append(Entry("withdrawal.declined", act.actor, act.now, item.element, body))
        writer.write(unit, [act])
        return result_of(act)
    theirs, _ = load_item(ports, unit, asked_id, actor.principal, lock=False)
    past = Past(act)
    element = user_task(act, theirs)
    reach = withdrawing.reached(unit, act, theirs, element, past)
    informing.asked(unit, act, informing.WITHDRAWAL_GRANTED, [by], "", asked_id)
    granted = {"reason": request[1], "granted_by": act.actor}
    return withdrawing.take_back(unit, act, theirs, past, reach, granted)
