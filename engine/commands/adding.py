"""Adding signers to a signing (加签) before, after or beside me, and taking those out who have not signed (减签)."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands import signing, standing, writer
from engine.commands.act import Act
from engine.commands.holding import take_up
from engine.commands.loading import Item, token_of
from engine.commands.passing import colleague, may_decide, note_of
from engine.commands.ports import Ports
from engine.commands.signing import Signer, signers_of
from engine.commands.standing import Place
from engine.commands.waiting import MAX_SIGNERS
from engine.database import Unit
from engine.errors import Refused
from engine.history import Entry
from engine.identity import Actor, names
from engine.values import dump_json

BEFORE, AFTER, BESIDE = "before", "after", "beside"

_items, _seats = tables.work_items.c, tables.signatures.c
_insert_item = insert(tables.work_items).returning(_items.id)
_insert_seat = insert(tables.signatures)
_enter = insert(tables.inbox)
_leave = tables.inbox.delete().where(tables.inbox.c.item_id == bindparam("item"))
_follow = (
    update(tables.signatures).where(_seats.item_id == bindparam("key")).values(follows=bindparam("turns"))
)
_change = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(version=_items.version + 1, state=bindparam("new_state"), completed_at=bindparam("closed"))
)


def add_signer(
    ports: Ports,
    unit: Unit,
    item_id: int,
    actor: Actor,
    version: int,
    to: str,
    position: str,
    reason: str,
) -> int:
    """Add a signer to the signing of an item, or to the step of one person; return the new signer's item.

    ``before``: they sign first and my turn comes after; ``after``: their turn comes when I have signed, and before
    whoever would have come next; ``beside``: their turn is mine. Raises :class:`Refused` for somebody who can't sign.
    """
    if position not in (BEFORE, AFTER, BESIDE):
        raise Refused("signing.position", position=position)
    item, act, element = take_up(ports, unit, "add_signer", item_id, actor, version)
    if element.signing is None:
        _join(unit, act, item)
    other = colleague(unit, act, item, to, actor)
    may_decide(unit, act, item, element, other)
    signers = signers_of(unit, act.instance.id, item.token)
    if len(signers) >= MAX_SIGNERS:
        raise Refused("signing.full", step=item.step, limit=MAX_SIGNERS)
    me = next(one for one in signers if one.item_id == item.id)
    if me.lead and position != BEFORE:
        raise Refused("signing.lead_last", step=item.step)
    number = max(one.index for one in signers) + 1
    new = _insert(unit, act, item, me, number, other.principal, position)
    _turns(unit, signers, me, number, position)
    if position == BEFORE:
        unit.execute(_change, {"key": item.id, "new_state": "pending", "closed": None})
        unit.execute(_leave, {"item": item.id})
    act.progress.join([other.principal])
    body = {
        "item": item.id,
        "step": item.step,
        "to": other.principal,
        "position": position,
        "reason": note_of(reason),
        "signer": number,
        "added": new,
    }
    act.entries.append(Entry("item.signer_added", act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    return new


def remove_signer(
    ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int, signer: int, reason: str
) -> str | None:
    """Take the signer with the item ``signer`` out of the signing of the actor's item; they have not signed.

    Returns the outcome of the whole where it is decided without them. Raises :class:`Refused` for the lead, for
    oneself, and for somebody who has signed.
    """
    item, act, element = take_up(ports, unit, "remove_signer", item_id, actor, version)
    signers = signers_of(unit, act.instance.id, item.token)
    gone = next((one for one in signers if one.item_id == signer), None)
    if gone is None or gone.removed:
        raise Refused("signing.not_here", step=item.step)
    if gone.item_id == item.id:
        raise Refused("signing.oneself", step=item.step)
    if gone.lead:
        raise Refused("signing.keep_lead", step=item.step)
    if gone.state not in ("open", "pending"):
        by = gone.completed_by or ""
        raise Refused("signing.signed_already", step=item.step, by=names(unit, [by]).get(by, by))
    unit.execute(_change, {"key": gone.item_id, "new_state": "cancelled", "closed": act.now})
    unit.execute(_leave, {"item": gone.item_id})
    body = {
        "item": gone.item_id,
        "step": item.step,
        "signer": gone.index,
        "to": gone.assignee or next(iter(gone.candidates), None),
        "reason": note_of(reason),
    }
    act.entries.append(Entry("item.signer_removed", act.actor, act.now, item.element, body))
    given = {"outcome": "", "opinion": "", "actor": act.actor}
    verdict = signing.settle(act, token_of(act, item.token), element, given)
    writer.write(unit, [act])
    return verdict


def signer_named(unit: Unit, act: Act, item: Item, element: UserTask, principal: str) -> Signer | None:
    """Return the signer of an item's signing who is a person or a role and is not out of it."""
    if element.signing is None:
        return None
    found = signers_of(unit, act.instance.id, item.token)
    return next(
        (one for one in found if not one.removed and principal in (one.assignee, *one.candidates)), None
    )


def _join(unit: Unit, act: Act, item: Item) -> None:
    """Make the item of a step that one person does the first of several signers."""
    seat = {
        "item_id": item.id,
        "instance_id": item.instance_id,
        "token": item.token,
        "lead": False,
        "follows": "[]",
        "locals": "{}",
        "opinion": "",
    }
    unit.execute(_insert_seat, seat)
    act.progress.joint.append(item.token)


def _insert(unit: Unit, act: Act, item: Item, me: Signer, number: int, principal: str, position: str) -> int:
    """Insert the rows of a new signer: a copy of mine, for somebody else."""
    waits = position == AFTER
    row = {
        "instance_id": item.instance_id,
        "definition_id": item.definition_id,
        "token": item.token,
        "element": item.element,
        "step": item.step,
        "item": number,
        "state": "pending" if waits else "open",
        "version": 1,
        "round": item.round,
        "candidates": "[]",
        "assignee": principal,
        "created_at": act.now,
        "due_at": None if waits else item.due_at,
        "due_provisional": False if waits else item.due_provisional,
        "follow_up_at": None if waits else item.follow_up_at,
        "priority": item.priority,
        "urgent_at": None if waits else item.urgent_at,
    }
    new: int = unit.execute(_insert_item, row).scalar_one()
    seat = {
        "item_id": new,
        "instance_id": item.instance_id,
        "token": item.token,
        "lead": False,
        "follows": dump_json([me.index] if waits else me.follows),
        "locals": dump_json({**me.local, "loopCounter": number + 1}),
        "opinion": "",
        "added_by": act.actor,
    }
    unit.execute(_insert_seat, seat)
    if not waits:
        place = Place(item.element, item.due_at, act.now, item.priority, item.urgent_at)
        unit.execute(_enter, standing.rows(new, [principal], act, place))
    return new


def _turns(unit: Unit, signers: list[Signer], me: Signer, number: int, position: str) -> None:
    """Change whom the others follow: whoever comes after me comes after the new signer too."""
    rows = []
    for one in signers:
        mine = one.item_id == me.item_id
        if (mine and position == BEFORE) or (not mine and (one.lead or me.index in one.follows)):
            rows.append({"key": one.item_id, "turns": dump_json([*one.follows, number])})
    if rows:
        unit.execute(_follow, rows)
