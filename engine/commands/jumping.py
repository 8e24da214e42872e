"""Intervention (跳转): an operator moves a token to another step, with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.commands import moving, requests, writer
from engine.commands.act import Act
from engine.commands.complete import Completed, answer_of, completed_from, result_of
from engine.commands.handling import whereabouts
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.commands.undoing import Past
from engine.database import Unit
from engine.errors import NotFound, Refused
from engine.history import Entry
from engine.runtime import Token, moves
from engine.runtime.moves import Move


@dataclass(frozen=True, slots=True)
class Jump:
    """What is asked: ``source`` is the id of the element where the token is, ``token`` its number where several are."""

    instance_id: int
    source: str
    to: str
    reason: str
    token: int | None = None
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class JumpView:
    """What a jump would do: the open items that it ends, the steps that it undoes, or why it can't be done."""

    element: str
    step: str
    ends: Sequence[str]
    undoes: Sequence[str]
    refusal: str | None


def preview(ports: Ports, unit: Unit, asked: Jump) -> JumpView:
    """Say what a jump would do; raises :class:`NotFound` and :class:`Refused` ``jump.several``."""
    act = load_instance(ports, unit, asked.instance_id, "system", lock=False)
    move = _move(act, asked)
    past = Past(act)
    runs = past.behind(move)
    stuck = past.refusal(runs)
    code = move.refusal or (None if stuck is None else "move.irreversible")
    rows = moving.open_items(unit, act, [move.token.id, *(token.id for token in move.cancelled)])
    return JumpView(
        move.target.id, move.target.label, [row.step for row in rows], [run.step for run in runs], code
    )


def jump(ports: Ports, unit: Unit, asked: Jump, actor: str, confirmed_by: str | None = None) -> Completed:
    """Move a token inside a transaction; raises :class:`Refused` with the reason."""
    act = load_instance(ports, unit, asked.instance_id, actor)
    given = (asked.instance_id, asked.source, asked.to, asked.token, asked.reason)
    fingerprint = requests.fingerprint("jump", actor, *given)
    known = requests.answer(unit, asked.request_key, fingerprint)
    if known is not None:
        return completed_from(known)
    reason = moving.reason_of(asked.reason)
    if act.execution.ended:
        raise Refused("jump.ended")
    move = _move(act, asked)
    past, where = Past(act), whereabouts(act, move.token)
    moved = moving.carry_out(unit, act, move, past, past.behind(move))
    body: dict[str, Any] = {
        "step": move.token.element.label,
        "target": move.target.id,
        "target_step": move.target.label,
        "target_process": move.process_id,
        "reason": reason,
        **({"confirmed_by": confirmed_by} if confirmed_by else {}),
        **where,
        **moved.body,
    }
    act.entries.insert(0, Entry("instance.jumped", actor, act.now, move.token.element.id, body))
    writer.write(unit, [act])
    completed = result_of(act)
    requests.remember(unit, asked.request_key, fingerprint, answer_of(completed), act.now)
    return completed


def _move(act: Act, asked: Jump) -> Move:
    """Return the move that is meant; the target is sought in the token's own process, then in its callers'."""
    token = _source(act, asked)
    move: Move | None = None
    for process_id in _processes(act, token):
        if asked.to in act.process.definition.processes[process_id].model.elements:
            found = moves.examine(act.execution, token.id, process_id, asked.to, intervention=True)
            move = move or found
            if found.refusal is None:
                return found
    if move is None:
        raise NotFound("move.unknown", element=asked.to)
    return move


def _source(act: Act, asked: Jump) -> Token:
    tokens = [token for token in act.execution.tokens() if token.element.id == asked.source]
    if asked.token is not None:
        tokens = [token for token in tokens if token.id == asked.token]
    if not tokens:
        raise NotFound("move.unknown", element=asked.source)
    if len(tokens) > 1:
        raise Refused(
            "jump.several", element=tokens[0].element.label, tokens=", ".join(str(t.id) for t in tokens)
        )
    return tokens[0]


def _processes(act: Act, token: Token) -> Iterator[str]:
    """Yield the process of a token, those that called it, and then the others."""
    known = {one.id: one for one in act.execution.tokens()}
    seen: dict[str, None] = {}
    at: Token | None = token
    while at is not None:
        seen[at.process_id] = None
        at = known.get(at.scope)
    seen.update(dict.fromkeys(act.process.definition.processes))
    yield from seen
