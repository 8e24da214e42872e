"""Hand-over (交接): somebody leaves, and everything that waits for them by name goes to one or several others."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from engine import tables
from engine.arranging import may_hand_over
from engine.calendar import ZONE
from engine.commands import informing, standing, writer
from engine.commands.assignment import seen_by
from engine.commands.complete import user_task
from engine.commands.conflicts import conflict
from engine.commands.loading import load_item
from engine.commands.passing import carry_draft, colleague, may_decide, note_of
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import Forbidden
from engine.history import Entry
from engine.identity import Actor, load_actor
from engine.values import dump_json

_items, _inbox = tables.work_items.c, tables.inbox.c
_give = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(
        version=_items.version + 1,
        candidates=bindparam("pool"),
        assignee=bindparam("holder"),
        drafter=bindparam("drafting"),
        delegated_by=bindparam("asked_by"),
    )
)
_leave = tables.inbox.delete().where(_inbox.item_id == bindparam("item"))
_enter = insert(tables.inbox)


def items_of(unit: Unit, person: str) -> list[int]:
    """Return the items that wait for a person by name: theirs, those they draft, whose turn comes, or that come back."""
    by_inbox = select(_inbox.item_id).where(_inbox.principal == bindparam("me"))
    pending = select(_items.id).where(_items.state == "pending", _items.assignee == bindparam("me"))
    asked = select(_items.id).where(_items.delegated_by == bindparam("me"), _items.state == "open")
    query = by_inbox.union(pending, asked)
    return sorted(unit.execute(query, {"me": f"user:{person}"}).scalars())


def hand_over(ports: Ports, unit: Unit, item_id: int, person: str, to: str, actor: Actor, reason: str) -> int:
    """Give an item that waits for ``person`` to another person in the same part; return its new version.

    A draft goes along. Raises :class:`Forbidden` for anybody but the person, the head of their office, an administrator
    and an operator, and :class:`Refused` for somebody who can't have the item.
    """
    if actor.person != person:
        leaving = load_actor(unit, person, ports.clock.now().astimezone(ZONE).date())
        if not may_hand_over(ports.plugins, actor, leaving):
            raise Forbidden("handover.own_only")
    item, act = load_item(ports, unit, item_id, actor)
    if item.state not in ("open", "pending"):
        raise conflict(unit, item)
    element, mine = user_task(act, item), f"user:{person}"
    other = colleague(unit, act, item, to, None)
    if mine in (item.assignee, *item.candidates, item.delegated_by):
        may_decide(unit, act, item, element, other)
    theirs = other.principal
    pool = list(dict.fromkeys(theirs if one == mine else one for one in item.candidates))
    assignee, drafter, asked_by = (
        theirs if one == mine else one for one in (item.assignee, item.drafter, item.delegated_by)
    )
    row = {"key": item.id, "pool": dump_json(pool), "holder": assignee}
    unit.execute(_give, {**row, "drafting": drafter, "asked_by": asked_by})
    if item.state == "open":
        unit.execute(_leave, {"item": item.id})
        seen = seen_by(pool, assignee, drafter, item.handed_in_at is not None)
        unit.execute(_enter, standing.rows(item.id, seen, act, item))
    carry_draft(unit, item, mine, theirs)
    act.progress.join([theirs])
    informing.given(unit, act, item.id, theirs, note_of(reason))
    body = {
        "item": item.id,
        "step": item.step,
        "from": mine,
        "to": theirs,
        "reason": note_of(reason),
    }
    act.entries.append(Entry("item.handed_over", act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    return item.version + 1
