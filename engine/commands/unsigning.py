"""Withdrawing one signature (撤回) of a signing that is still open: the signer's row opens again, nothing else moves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, or_, select, update

from engine import tables
from engine.bpmn.model import JOINT, UserTask
from engine.commands import openings, standing, writer
from engine.commands.act import Act
from engine.commands.assignment import seen_by
from engine.commands.complete import Completed, OpenItem
from engine.commands.loading import Item, token_of
from engine.commands.progress import key_of
from engine.commands.signing import Signer, signers_of
from engine.commands.unpinning import unpin
from engine.commands.waiting import Dates
from engine.database import Unit
from engine.errors import Refused
from engine.history import Entry
from engine.identity import names
from engine.signing import SIGNED

_items, _seats, _drafts = tables.work_items.c, tables.signatures.c, tables.drafts.c
_open = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(
        state="open",
        version=_items.version + 1,
        assignee=bindparam("holder"),
        completed_at=None,
        completed_by=None,
        completed_for=None,
        completed_as=None,
        outcome=None,
    )
)
_unsay = update(tables.signatures).where(_seats.item_id == bindparam("key")).values(opinion="", result=None)
_wait = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(
        state="pending",
        version=_items.version + 1,
        due_at=bindparam("due"),
        follow_up_at=bindparam("follow_up"),
        urgent_at=bindparam("urgent"),
    )
)
_leave = tables.inbox.delete().where(tables.inbox.c.item_id == bindparam("item"))
_written = (
    select(_drafts.person)
    .where(
        _drafts.item_id.in_(bindparam("items", expanding=True)),
        or_(_drafts.opinion != "", _drafts.answers != "{}"),
    )
    .limit(1)
)


def following(unit: Unit, act: Act, item: Item) -> list[Signer]:
    """Return the signers whose turn came by a signature, who would wait again.

    Raises :class:`Refused` where the signing is over, or where one of them has signed or begun to write.
    """
    if act.execution.awaits(item.token) is None:
        raise Refused("withdraw.signing", step=item.step)
    signers = [one for one in signers_of(unit, act.instance.id, item.token) if not one.removed]
    after = [one for one in signers if item.item in one.follows]
    signed = next((one for one in after if one.state == SIGNED), None)
    if signed is not None:
        by = signed.completed_by or ""
        raise Refused("withdraw.signed_after", step=item.step, by=names(unit, [by]).get(by, by))
    begun = [one for one in after if one.state == "open"]
    writing = unit.execute(_written, {"items": [one.item_id for one in begun]}).scalar() if begun else None
    if writing is not None:
        raise Refused(
            "withdraw.writing_after", step=item.step, by=names(unit, [writing]).get(writing, writing)
        )
    return begun


def take_back(
    unit: Unit, act: Act, item: Item, element: UserTask, begun: Sequence[Signer], reason: str
) -> Completed:
    """Open a signer's item again for who signed it, let those wait again whose turn had come, and tell them."""
    holder = item.completed_for or item.completed_by
    unit.execute(_open, {"key": item.id, "holder": holder})
    unit.execute(_unsay, {"key": item.id})
    seen = seen_by(item.candidates, holder, None, False)
    unit.execute(insert(tables.inbox), standing.rows(item.id, seen, act, item))
    for one in begun:
        #: Who had asked somebody to sign before them keeps their dates; others are given new ones when they may sign.
        kept = one.dates if item.item > one.index else Dates(None, False, None, one.dates.priority, None)
        row = {"due": kept.due_at, "follow_up": kept.follow_up_at, "urgent": kept.urgent_at}
        unit.execute(_wait, {"key": one.item_id, **row})
        unit.execute(_leave, {"item": one.item_id})
    told = openings.tell(unit, act, [one.item_id for one in begun])
    _forget(unit, act, item, element)
    unpin(unit, act, item)
    body = {"item": item.id, "step": item.step, "round": item.round, "signer": item.item}
    body |= {"reason": reason} if reason else {}
    body |= {"told": told} if told else {}
    act.entries.append(Entry("signature.withdrawn", act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    back = OpenItem(item.id, item.element, item.step, item.candidates, holder)
    return Completed(act.instance.id, act.instance.state, (back,))


def _forget(unit: Unit, act: Act, item: Item, element: UserTask) -> None:
    """Let neither the doers of the step nor the documents of this round count what was withdrawn."""
    others = {
        one
        for signer in signers_of(unit, act.instance.id, item.token)
        if signer.state == SIGNED and signer.item_id != item.id
        for one in (signer.completed_by, signer.completed_for)
    }
    gone = {item.completed_by, item.completed_for} - others
    doers = act.progress.doers.get(item.element, [])
    act.progress.doers[item.element] = [one for one in doers if one not in gone]
    if element.signing is not JOINT:
        scope = act.scopes.document_scope(token_of(act, item.token).scope)
        parts = act.progress.parts.get(key_of(scope, element.saved_as), [])
        if item.item + 1 in parts:
            parts.remove(item.item + 1)
