"""Returning a task (退回): to the previous step, to the initiator's or to a chosen earlier one, with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.bpmn.model import Returning, UserTask
from engine.bpmn.returns import ANY, INITIATOR, PREVIOUS
from engine.commands import moving, requests, writer
from engine.commands.act import Act
from engine.commands.checking import NewPin
from engine.commands.complete import Completed, answer_of, completed_from, result_of, user_task
from engine.commands.conflicts import conflict, held
from engine.commands.handling import whereabouts
from engine.commands.loading import Item, load_item, token_of
from engine.commands.moving import Step
from engine.commands.pinning import flaws, pin_all
from engine.commands.ports import Ports
from engine.commands.undoing import Past, together
from engine.database import Unit
from engine.errors import InvalidAnswers, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor
from engine.runtime import moves
from engine.runtime.moves import Move
from engine.tasks.access import may_see, refusal, refused, represent

WALK, DIRECT, ASK = "walk", "direct", "ask"


@dataclass(frozen=True, slots=True)
class Target:
    """A step that a task could be returned to: ``refusal`` is the code of why it can't be, with ``params``.

    ``modes`` are the ways back that the actor may choose from, ``last`` who did the step last.
    """

    step: Step
    move: Move
    modes: tuple[str, ...]
    refusal: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """What is asked: ``to`` is an element's id, None where there is but one; ``mode`` None for the file's."""

    item_id: int
    actor: Actor
    version: int
    reason: str
    to: str | None = None
    mode: str | None = None
    request_key: str | None = None
    bulk: bool = False
    pins: Sequence[NewPin] = ()


def targets(unit: Unit, act: Act, item: Item, element: UserTask, past: Past | None = None) -> list[Target]:
    """Return the earlier steps that the file names for a task, the last one done first, allowed or not."""
    returning = element.returning
    if returning is None:
        return []
    past = past or Past(act)
    here = act.scopes.items_around(token_of(act, item.token).scope)
    done = [
        step
        for step in moving.steps_done(unit, act)
        if step.item_id not in past.items or together(past.items[step.item_id].items, here)
    ]
    return [
        _target(returning, step, move, past) for step, move in _wanted(act, item, element, returning, done)
    ]


def give_back(ports: Ports, unit: Unit, asked: ReturnRequest) -> Completed:
    """Return a task inside a transaction; raises :class:`Refused`, :class:`Conflict` or :class:`Forbidden`."""
    item, act = load_item(ports, unit, asked.item_id, asked.actor)
    asked = replace(asked, actor=asked.actor.within(act.process.process_id))
    fingerprint = requests.fingerprint(
        "return",
        asked.item_id,
        asked.actor.principal,
        asked.to,
        asked.mode,
        asked.reason,
        [asdict(pin) for pin in asked.pins],
    )
    known = requests.answer(unit, asked.request_key, fingerprint)
    if known is not None:
        return completed_from(known)
    chosen = choose(unit, item, act, asked)
    element, past, target, mode, reason = (
        chosen.element,
        chosen.past,
        chosen.target,
        chosen.mode,
        chosen.reason,
    )
    returning = chosen.returning
    again = returning.again and target.move.joined
    scope = act.scopes.document_scope(token_of(act, item.token).scope)
    if blocking := flaws(act, element, scope, asked.pins):
        raise InvalidAnswers(tuple(blocking))
    pin_all(unit, act, item, scope, asked.pins)
    where = whereabouts(act, token_of(act, item.token))
    moving.close(unit, act, item.id, "returned")
    moved = moving.carry_out(unit, act, target.move, past, past.behind(target.move, again=again), again=again)
    body = {
        "item": item.id,
        "step": item.step,
        "round": item.round,
        "target": target.step.element,
        "target_step": target.step.step,
        "target_process": target.step.process_id,
        "mode": mode,
        "reason": reason,
        **where,
        **moved.body,
    }
    if asked.pins:
        body["pins"] = [asdict(pin) for pin in asked.pins]
    act.entries.insert(0, Entry("item.returned", act.actor, act.now, element.id, body))
    moving.prefer(unit, act, target.step.element, target.step.by)
    if mode == DIRECT:
        _come_back(act, target, element.id)
    writer.write(unit, [act], closed_items=[item.id])
    completed = result_of(act)
    requests.remember(unit, asked.request_key, fingerprint, answer_of(completed), act.now)
    return completed


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a task goes back to, how it comes back, and why."""

    element: UserTask
    returning: Returning
    past: Past
    target: Target
    mode: str
    reason: str


def choose(unit: Unit, item: Item, act: Act, asked: ReturnRequest) -> Choice:
    """Return where a task is to go back to; raises what :func:`give_back` raises."""
    if not may_see(item, act.progress.participants, asked.actor):
        raise NotFound("item.unknown", item=item.id)
    if item.state != "open" or item.version != asked.version:
        raise conflict(unit, item)
    element = user_task(act, item)
    code = refusal("return", item, element, act.progress, asked.actor)
    if code == "item.held" and not asked.actor.principals.isdisjoint(item.candidates):
        raise held(unit, item)
    if code is not None:
        raise refused(code, item, act, asked.actor)
    represent(act, item, asked.actor)
    reason = moving.reason_of(asked.reason)
    returning = element.returning
    assert returning is not None
    if asked.bulk and not returning.bulk:
        raise Refused("return.not_bulk", step=item.step)
    past = Past(act)
    target = _chosen(targets(unit, act, item, element, past), item, asked)
    return Choice(element, returning, past, target, _mode(target, item, asked), reason)


def _wanted(
    act: Act, item: Item, element: UserTask, returning: Returning, done: Sequence[Step]
) -> Iterator[tuple[Step, Move]]:
    """Yield the steps that the file names, each once, with what moving there would do."""
    earlier: dict[tuple[str, str], tuple[Step, Move]] = {}
    for step in done:
        key = _at(step)
        if key not in earlier:
            mine = next((one for one in done if one.item == item.item and _at(one) == key), step)
            earlier[key] = mine, moves.examine(act.execution, item.token, *key)
    initiators = [step for step in done if step.by == act.instance.initiator] or list(done)
    first = _at(initiators[-1]) if initiators else None
    previous = next(
        (key for key, (_, move) in earlier.items() if move.refusal is None and move.earlier), None
    )
    named = set(returning.targets)
    process_id = next(name for name, id in act.process.versions.items() if id == item.definition_id)
    for key, found in earlier.items():
        reached = found[1].earlier or found[1].refusal not in (None, "move.other_branch")
        if (
            (ANY in named and reached)
            or (PREVIOUS in named and key == previous)
            or (INITIATOR in named and key == first)
            or (key[0] == process_id and key[1] in named)
        ) and key != (process_id, element.id):
            yield found


def _at(step: Step) -> tuple[str, str]:
    return step.process_id, step.element


def _target(returning: Returning, step: Step, move: Move, past: Past) -> Target:
    modes: tuple[str, ...] = (WALK,)
    if move.straight and returning.mode != WALK:
        modes = (DIRECT,) if returning.mode == DIRECT else (WALK, DIRECT)
    code, params = move.refusal, {"element": step.step}
    if code is None and not move.earlier:
        code = "return.target_not_earlier"
    elif code is None and move.needs - returning.across:
        code = f"return.across_{min(move.needs - returning.across)}"
    elif code is None:
        stuck = past.refusal(past.behind(move, again=returning.again and move.joined))
        if stuck is not None:
            code, params = "move.irreversible", {"element": step.step, "step": stuck.step}
    return Target(step, move, modes, code, params)


def _chosen(found: Sequence[Target], item: Item, asked: ReturnRequest) -> Target:
    if asked.to is not None:
        target = next((one for one in found if one.step.element == asked.to), None)
        if target is None:
            raise Refused("return.not_here", step=item.step, element=asked.to)
    else:
        allowed = [one for one in found if one.refusal is None]
        if len(allowed) > 1:
            raise Refused("return.choose", step=item.step, steps="、".join(one.step.step for one in allowed))
        target = next(iter(allowed or found), None)
        if target is None:
            raise Refused("return.nowhere", step=item.step)
    if target.refusal is not None:
        raise Refused(target.refusal, **target.params)
    return target


def _mode(target: Target, item: Item, asked: ReturnRequest) -> str:
    if asked.mode is None:
        return target.modes[0]
    if asked.mode not in target.modes:
        raise Refused("return.bad_mode", step=item.step, mode=asked.mode, modes=", ".join(target.modes))
    return asked.mode


def _come_back(act: Act, target: Target, element: str) -> None:
    """Let the target's new token come straight back to the element and the person that returned it."""
    for new in act.changes.opened:
        if new.element == target.step.element:
            act.progress.direct[str(new.token)] = [element, act.actor]
