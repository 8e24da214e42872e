"""Withdrawing (撤回): taking back what one has just submitted, as long as the next holder has done nothing with it.

One signature of several goes back alone while the signing is open (:mod:`engine.commands.unsigning`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands import moving, openings, requests, unsigning, writer
from engine.commands.act import Act
from engine.commands.complete import Completed, answer_of, completed_from, result_of, user_task
from engine.commands.loading import Item, load_item
from engine.commands.ports import Ports
from engine.commands.undoing import Past
from engine.commands.unpinning import unpin
from engine.database import Unit
from engine.errors import BihuanError, Conflict, Forbidden, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor, names
from engine.posts import acting_as
from engine.runtime import moves
from engine.runtime.moves import Move
from engine.tasks.access import may_see

_items, _drafts = tables.work_items.c, tables.drafts.c
_opinions = (
    select(_drafts.person)
    .where(
        _drafts.item_id.in_(bindparam("items", expanding=True)),
        _drafts.person != bindparam("me"),
        or_(_drafts.opinion != "", _drafts.answers != "{}"),
    )
    .limit(1)
)
_take_back = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(state="withdrawn", version=_items.version + 1)
)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is asked: the item that the actor completed; a reason may be given."""

    item_id: int
    actor: Actor
    reason: str = ""
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a submission has come to: the move that takes it back, and the open items that it would end."""

    move: Move
    items: Sequence[Any]


def withdraw(ports: Ports, unit: Unit, asked: Withdrawal) -> Completed:
    """Withdraw a completed item inside a transaction.

    Raises :class:`Forbidden` for somebody else's, and :class:`Refused` with the reason where it is too late.
    """
    item, act = load_item(ports, unit, asked.item_id, asked.actor)
    actor = asked.actor.within(act.process.process_id)
    fingerprint = requests.fingerprint("withdraw", asked.item_id, asked.actor.principal, asked.reason)
    known = requests.answer(unit, asked.request_key, fingerprint)
    if known is not None:
        return completed_from(known)
    element = own(act, item, actor)
    if element.signing is not None:
        begun = unsigning.following(unit, act, item)
        completed = unsigning.take_back(unit, act, item, element, begun, asked.reason)
    else:
        past, reach = _ahead(unit, act, item, element)
        completed = take_back(unit, act, item, past, reach, {"reason": asked.reason} if asked.reason else {})
    requests.remember(unit, asked.request_key, fingerprint, answer_of(completed), act.now)
    return completed


@dataclass(frozen=True, slots=True)
class Prospect:
    """Whether a completed item can be withdrawn: why not (None: it can), and who has opened what it would end."""

    error: BihuanError | None
    opened_by: Sequence[str] = ()


def prospect(unit: Unit, act: Act, item: Item, actor: Actor) -> Prospect:
    """Say whether the actor can withdraw a completed item, and who would be told of it; nothing is changed."""
    try:
        element = own(act, item, actor.within(act.process.process_id))
        if element.signing is not None:
            ended = [one.item_id for one in unsigning.following(unit, act, item)]
        else:
            past, reach = _ahead(unit, act, item, element)
            past.possible(past.after(past.items[item.id]))
            ended = [row.id for row in reach.items]
    except (Conflict, Forbidden, NotFound, Refused) as error:
        return Prospect(error.with_traceback(None))
    return Prospect(None, openings.readers(unit, act, ended))


def _ahead(unit: Unit, act: Act, item: Item, element: UserTask) -> tuple[Past, Reach]:
    """Return what happened since an item was completed and where it has come to; raises where it is too late."""
    past = Past(act)
    unsigned(unit, item, past)
    reach = reached(unit, act, item, element, past)
    unread(unit, act, reach)
    return past, reach


def own(act: Act, item: Item, actor: Actor) -> UserTask:
    """Return the element of an item that the actor completed, or somebody for whom they stand in; ``actor`` is who they
    are in its process, and the act notes for whom they act.

    Raises :class:`Forbidden`, :class:`NotFound`, and :class:`Refused` where nothing of it can be taken back.
    """
    if not may_see(item, act.progress.participants, actor):
        raise NotFound("item.unknown", item=item.id)
    if actor.no_business:
        raise Forbidden("admin.no_business")
    if act.progress.suspended is not None:
        raise act.suspension()
    whose = [
        one.principal for one in actor.stands_in if one.principal in (item.completed_by, item.completed_for)
    ]
    themself = actor.principal in (item.completed_by, item.completed_for)
    if item.state != "completed" or not (themself or whose):
        raise Forbidden("withdraw.not_yours", step=item.step)
    act.behalf = None if themself else whose[0]
    act.post = acting_as(actor, item.candidates, act.behalf)
    if act.execution.ended:
        raise Refused("withdraw.ended", step=item.step)
    element = user_task(act, item)
    if item.definition_id not in act.process.versions.values():
        raise Refused("withdraw.migrated", step=item.step)
    return element


def reached(unit: Unit, act: Act, item: Item, element: UserTask, past: Past) -> Reach:
    """Return where a submission has come to; raises :class:`Refused` where it can't be taken back from there."""
    done = past.items.get(item.id)
    if done is None or past.completed.get((done.process_id, element.id, done.scope)) != done.seq:
        raise Refused("withdraw.done_again", step=item.step)
    tokens = moves.descendants(act.execution, done.scope, done.process_id, element.id)
    if tokens is None:
        raise Refused("withdraw.scope_ended", step=item.step)
    if not tokens:
        raise Refused("withdraw.gone", step=item.step)
    move = moves.examine(act.execution, tokens[0].id, done.process_id, element.id)
    if move.refusal is not None:
        raise Refused(move.refusal, element=item.step)
    inside = {token.id for token in tokens}
    if move.plan is None or {token.id for token in move.plan.withdrawn} != inside:
        raise Refused("withdraw.gone", step=item.step)
    waiting = [move.token.id, *(token.id for token in move.cancelled)]
    return Reach(move, moving.open_items(unit, act, waiting))


def unsigned(unit: Unit, item: Item, past: Past) -> None:
    """Raise :class:`Refused` where the next holder has signed or returned what came of an item."""
    done = past.items.get(item.id)
    later = past.since(done) if done is not None else None
    if later is not None:
        known = names(unit, [later.actor])
        raise Refused("withdraw.signed", step=later.step, by=known.get(later.actor, later.actor))


def unread(unit: Unit, act: Act, reach: Reach) -> None:
    """Raise :class:`Refused` where the next holder has begun to write."""
    ids = [row.id for row in reach.items]
    writer_of = unit.execute(_opinions, {"items": ids, "me": act.actor}).scalar() if ids else None
    if writer_of is not None:
        raise Refused("withdraw.opinion", by=names(unit, [writer_of]).get(writer_of, writer_of))


def take_back(unit: Unit, act: Act, item: Item, past: Past, reach: Reach, body: dict[str, Any]) -> Completed:
    """Move the tokens back, open the step for who submitted it, tell those who had opened what ends."""
    runs = past.after(past.items[item.id])
    moved = moving.carry_out(unit, act, reach.move, past, runs)
    _same_deadline(act, item)
    unit.execute(_take_back, {"key": item.id})
    unpin(unit, act, item)
    still = {step.by for step in moving.steps_done(unit, act) if step.element == item.element}
    gone = {item.completed_by, item.completed_for} - still
    doers = act.progress.doers.get(item.element, [])
    act.progress.doers[item.element] = [one for one in doers if one not in gone]
    told = openings.tell(unit, act, [row.id for row in reach.items])
    kept = {"item": item.id, "step": item.step, "round": item.round, **body, **moved.body}
    if told:
        kept["told"] = told
    act.entries.insert(0, Entry("item.withdrawn", act.actor, act.now, item.element, kept))
    moving.prefer(unit, act, item.element, item.completed_for or item.completed_by or "")
    writer.write(unit, [act])
    return result_of(act)


def _same_deadline(act: Act, item: Item) -> None:
    """Give the step that is open again the deadline that it had: taking something back is no extension.

    The timers on it stand where they stood; one that would be due by now is due now.
    """
    for new in act.changes.opened:
        if new.element != item.element or new.seat is not None:
            continue
        worked_out = new.dates.due_at
        new.dates = replace(
            new.dates,
            due_at=item.due_at,
            due_provisional=item.due_provisional,
            follow_up_at=item.follow_up_at,
            urgent_at=item.urgent_at,
        )
        if worked_out is None or item.due_at is None:
            continue
        for token in act.execution.beside(new.token):
            job = act.changes.jobs.get(token)
            if job is not None:
                job.due_at = max(act.now, job.due_at + (item.due_at - worked_out))
