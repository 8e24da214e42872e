"""Passing a task on: to somebody instead of me (转办), to somebody first (征求意见、协办) and back; receipts (签收)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.calendar import ZONE
from engine.commands import writer
from engine.commands.act import Act
from engine.commands.drafts import keep
from engine.commands.holding import Hand, hold_by, take_up
from engine.commands.loading import Item, token_of
from engine.commands.moving import reason_of
from engine.commands.ports import Ports
from engine.commands.signing import signers_of
from engine.commands.waiting import moment
from engine.database import Unit
from engine.errors import BihuanError, ExecutionError, Refused
from engine.history import Entry
from engine.identity import Actor, load_actor
from engine.tables import NEVER
from engine.tasks.access import separated
from engine.values import iso

_acknowledge = (
    update(tables.work_items)
    .where(tables.work_items.c.id == bindparam("key"))
    .values(
        version=tables.work_items.c.version + 1,
        acknowledged_at=bindparam("now"),
        acknowledged_by=bindparam("by"),
    )
)


_set_due = (
    update(tables.work_items)
    .where(tables.work_items.c.id == bindparam("key"))
    .values(due_at=bindparam("new_due"), due_provisional=bindparam("provisional"))
)
_set_inbox = (
    update(tables.inbox).where(tables.inbox.c.item_id == bindparam("key")).values(due_at=bindparam("new_due"))
)


def transfer(ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int, to: str, reason: str) -> int:
    """Give an item to another person for good; return its new version.

    Raises :class:`Refused` for somebody who can't have it: the actor, an administrator, somebody who did a step from
    which ``separate-from`` keeps this one apart, or who signs the same step already.
    """
    item, act, element = take_up(ports, unit, "transfer", item_id, actor, version)
    other = colleague(unit, act, item, to, actor)
    may_decide(unit, act, item, element, other)
    act.progress.join([other.principal])
    carry_draft(unit, item, actor.principal, other.principal)
    body = {"to": other.principal, "reason": note_of(reason)}
    return hold_by(unit, act, item, "item.transferred", Hand(other.principal), body)


def delegate(ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int, to: str, reason: str) -> int:
    """Ask another person first; the item comes back with their opinion. Return its new version."""
    item, act, _ = take_up(ports, unit, "delegate", item_id, actor, version)
    other = colleague(unit, act, item, to, actor)
    act.progress.join([other.principal])
    body = {"to": other.principal, "reason": note_of(reason)}
    hand = Hand(other.principal, delegated_by=item.assignee or actor.principal)
    return hold_by(unit, act, item, "item.delegated", hand, body)


def hand_back(ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int, opinion: str) -> int:
    """Give an item back to whoever asked, with an opinion; whoever asked may also take it back without one."""
    item, act, _ = take_up(ports, unit, "hand_back", item_id, actor, version)
    return answer(unit, act, item, actor, None, opinion, {})


def answer(
    unit: Unit,
    act: Act,
    item: Item,
    actor: Actor,
    answers: Mapping[str, Any] | None,
    opinion: str,
    body: dict[str, Any],
) -> int:
    """Return an item to whoever asked for an opinion; what the actor typed becomes a draft that they find there."""
    recalled = item.delegated_by in actor.principals and item.assignee not in actor.principals
    if recalled:
        return hold_by(unit, act, item, "item.recalled", Hand(item.delegated_by), {"to": item.assignee})
    if answers or opinion:
        keep(unit, item.id, actor, act.now, answers=answers, opinion=opinion)
    hand = Hand(item.delegated_by, item.assignee, act.now)
    given = {"to": item.delegated_by, "opinion": opinion, **body}
    return hold_by(unit, act, item, "item.handed_back", hand, given)


def acknowledge(ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int) -> int:
    """Note that what the item brings has arrived: who received it, and when. Return its new version."""
    item, act, element = take_up(ports, unit, "acknowledge", item_id, actor, version)
    unit.execute(_acknowledge, {"key": item.id, "now": act.now, "by": actor.principal})
    body: dict[str, Any] = {"item": item.id, "step": item.step}
    if element.receipt_due is not None:
        body["due"] = iso(_start_clock(unit, act, item, element))
    act.entries.append(Entry("item.acknowledged", act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    return item.version + 1


def _start_clock(unit: Unit, act: Act, item: Item, element: UserTask) -> datetime | None:
    """Set the deadline that counts from the receipt; where the file's expression fails it stays, and history says so."""
    try:
        due = moment(act, element.receipt_due, act.names(token_of(act, item.token)), element.id)
    except ExecutionError as error:
        act.note("receipt.failed", element.id, {"code": error.code, "step": item.step})
        return item.due_at
    provisional = act.ports.working_days(unit).provisional(due)
    unit.execute(_set_due, {"key": item.id, "new_due": due, "provisional": provisional})
    unit.execute(_set_inbox, {"key": item.id, "new_due": due or NEVER})
    return due


def colleague(unit: Unit, act: Act, item: Item, to: str, actor: Actor | None) -> Actor:
    """Return the person to whom an item is to be passed; raises :class:`Refused` for the actor and for nobody."""
    person = to.removeprefix("user:")
    try:
        found = load_actor(unit, person, act.now.astimezone(ZONE).date())
    except BihuanError:
        raise Refused("item.no_colleague", person=person) from None
    if found.no_business:
        raise Refused("item.to_admin", person=found.name)
    if actor is not None and found.person == actor.person:
        raise Refused("item.to_oneself", step=item.step)
    return found


def may_decide(unit: Unit, act: Act, item: Item, element: UserTask, person: Actor) -> None:
    """Raise :class:`Refused` where a person may not decide an item that is passed to them."""
    if separated(element, act.progress, person.principal) is not None:
        raise Refused("item.to_separated", person=person.name, step=item.step)
    if element.signing is not None:
        others = (one for one in signers_of(unit, act.instance.id, item.token) if one.item_id != item.id)
        if any(person.principal in (one.assignee, one.completed_by) for one in others if not one.removed):
            raise Refused("signing.already", person=person.name, step=item.step)


def carry_draft(unit: Unit, item: Item, person: str, to: str) -> None:
    """Let a draft go along with its item, unless the receiver has one of their own."""
    if item.has_drafts:
        drafts = tables.drafts.c
        theirs = select(drafts.person).where(drafts.item_id == item.id, drafts.person == to)
        if unit.execute(theirs).first() is None:
            mine = (drafts.item_id == item.id) & (drafts.person == person)
            unit.execute(update(tables.drafts).where(mine).values(person=to))


def note_of(text: str) -> str:
    """Return a reason that may be left out; raises :class:`Refused` for one that is too long."""
    return reason_of(text) if text.strip() else ""
