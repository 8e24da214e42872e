"""Who has a work item: claiming it, putting it back, giving it out for drafting, handing the draft in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.calendar import ZONE
from engine.commands import informing, standing, writer
from engine.commands.act import Act
from engine.commands.assignment import principals, seen_by
from engine.commands.complete import user_task
from engine.commands.conflicts import conflict, held
from engine.commands.drafts import keep
from engine.commands.loading import Item, load_item, token_of
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import BihuanError, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor, load_actor, members
from engine.tasks.access import may_see, refusal, refused, represent

_hold = (
    update(tables.work_items)
    .where(tables.work_items.c.id == bindparam("key"))
    .values(
        version=tables.work_items.c.version + 1,
        assignee=bindparam("holder"),
        drafter=bindparam("drafting"),
        handed_in_at=bindparam("handed_in"),
        delegated_by=bindparam("asked_by"),
    )
)
#: The events after which somebody has a task whom the actor chose.
_PASSED = frozenset(
    {"item.transferred", "item.delegated", "item.handed_back", "item.assigned_out", "item.handed_in"}
)
_leave = delete(tables.inbox).where(tables.inbox.c.item_id == bindparam("item"))
_enter = insert(tables.inbox)


def claim(ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int) -> int:
    """Make a pooled item the actor's; return its new version. Raises :class:`Conflict` where somebody was first."""
    item, act, _ = take_up(ports, unit, "claim", item_id, actor, version)
    hand = Hand(act.behalf or actor.principal, item.drafter, item.handed_in_at)
    return hold_by(unit, act, item, "item.claimed", hand, {})


def unclaim(ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int) -> int:
    """Put an item back to those who may claim it; return its new version."""
    item, act, _ = take_up(ports, unit, "unclaim", item_id, actor, version)
    return hold_by(unit, act, item, "item.unclaimed", Hand(None), {})


def assign_out(ports: Ports, unit: Unit, item_id: int, actor: Actor, to: str, version: int) -> int:
    """Give an item to a person for drafting (分办); it stays with the actor, who decides. Return its new version.

    Raises :class:`Refused` where the step's ``drafters`` don't name that person.
    """
    item, act, element = take_up(ports, unit, "assign_out", item_id, actor, version)
    drafter = drafter_for(unit, act, item, element, actor, to)
    act.progress.join([drafter.principal])
    body = {"to": drafter.principal}
    hand = Hand(act.behalf or actor.principal, drafter.principal)
    return hold_by(unit, act, item, "item.assigned_out", hand, body)


def drafter_for(unit: Unit, act: Act, item: Item, element: UserTask, actor: Actor, to: str) -> Actor:
    """Return the person to whom an item is to be given for drafting; raises :class:`Refused` for who may not draft it."""
    try:
        drafter = load_actor(unit, to, act.now.astimezone(ZONE).date())
    except BihuanError:
        raise Refused("item.bad_drafter", person=to, step=item.step) from None
    if drafter.person == actor.person or drafter.principals.isdisjoint(drafters_of(act, item, element)):
        raise Refused("item.bad_drafter", person=drafter.name, step=item.step)
    return drafter


def hand_in(ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int, opinion: str) -> int:
    """Give the drafted item back to its holder, with the draft and the drafter's opinion; return its new version."""
    item, act, _ = take_up(ports, unit, "hand_in", item_id, actor, version)
    if opinion:
        keep(unit, item.id, actor, act.now, opinion=opinion)
    hand = Hand(item.assignee, item.drafter, act.now)
    return hold_by(unit, act, item, "item.handed_in", hand, {"opinion": opinion})


def drafters_of(act: Act, item: Item, element: UserTask) -> list[str]:
    """Return the principals to whom a step may be given for drafting."""
    names = act.names(token_of(act, item.token))
    return principals(act.value(element.drafters, names, element.id), "user:")


def people_of(unit: Unit, found: Sequence[str], now: datetime) -> list[str]:
    """Return the ids of the people whom principals mean today."""
    people: dict[str, None] = {}
    for principal in found:
        kind, _, rest = principal.partition(":")
        if kind == "user":
            people[rest] = None
        elif kind == "role":
            role, _, org = rest.partition("@")
            holders = members(unit, role, org or None, now.astimezone(ZONE).date())
            people.update(dict.fromkeys(one.removeprefix("user:") for one in holders))
    return list(people)


def take_up(
    ports: Ports, unit: Unit, operation: str, item_id: int, actor: Actor, version: int
) -> tuple[Item, Act, UserTask]:
    """Load and lock an item for an operation; raises :class:`Conflict` or :class:`Forbidden` where it isn't allowed."""
    item, act = load_item(ports, unit, item_id, actor)
    return item, act, allowed(unit, item, act, operation, actor, version)


def allowed(unit: Unit, item: Item, act: Act, operation: str, actor: Actor, version: int) -> UserTask:
    """Return the element of a loaded item, and note for whom the actor acts; raises what :func:`take_up` raises."""
    actor = actor.within(act.process.process_id)
    if not may_see(item, act.progress.participants, actor):
        raise NotFound("item.unknown", item=item.id)
    if item.state != "open" or item.version != version:
        raise conflict(unit, item)
    element = user_task(act, item)
    code = refusal(operation, item, element, act.progress, actor)
    if code == "item.held" and not actor.principals.isdisjoint(item.candidates):
        raise held(unit, item)
    if code is not None:
        raise refused(code, item, act, actor)
    represent(act, item, actor)
    return element


@dataclass(frozen=True, slots=True)
class Hand:
    """Who has an item: its holder (None: all candidates), who drafts it for them, who asked the holder first."""

    assignee: str | None
    drafter: str | None = None
    handed_in_at: datetime | None = None
    delegated_by: str | None = None


def hold_by(unit: Unit, act: Act, item: Item, kind: str, hand: Hand, body: dict[str, Any]) -> int:
    """Write who has the item now, in whose inbox it stands, and the event; return the item's new version."""
    row = {
        "key": item.id,
        "holder": hand.assignee,
        "drafting": hand.drafter,
        "handed_in": hand.handed_in_at,
        "asked_by": hand.delegated_by,
    }
    unit.execute(_hold, row)
    unit.execute(_leave, {"item": item.id})
    seen = seen_by(item.candidates, hand.assignee, hand.drafter, hand.handed_in_at is not None)
    unit.execute(_enter, standing.rows(item.id, seen, act, item))
    if kind in _PASSED:
        to = hand.assignee if hand.handed_in_at or not hand.drafter else hand.drafter
        informing.given(unit, act, item.id, to, str(body.get("reason", "")))
    told = {"item": item.id, "step": item.step, **body}
    act.entries.append(Entry(kind, act.actor, act.now, item.element, told))
    writer.write(unit, [act])
    return item.version + 1
