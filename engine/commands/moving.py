"""What return, withdrawal and intervention have in common: the steps done so far, and carrying out a move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, update

from engine import tables
from engine.calendar import ZONE
from engine.commands.act import Act
from engine.commands.undoing import Past, Run
from engine.database import Unit
from engine.errors import BihuanError, ExecutionError, Refused
from engine.identity import load_actor
from engine.runtime import moves
from engine.runtime.moves import Move

MAX_REASON = 2000

_items = tables.work_items.c
_passed = (
    select(
        _items.id,
        _items.definition_id,
        _items.element,
        _items.step,
        _items.completed_by,
        _items.completed_at,
        _items.item,
    )
    .where(_items.instance_id == bindparam("instance"), _items.state == "completed")
    .order_by(_items.completed_at.desc(), _items.id.desc())
)
_open_at = (
    select(tables.work_items)
    .where(
        _items.instance_id == bindparam("instance"),
        _items.state.in_(("open", "pending")),
        _items.token.in_(bindparam("tokens", expanding=True)),
    )
    .order_by(_items.id)
)
_signed = (
    select(_items.id)
    .join(tables.signatures, tables.signatures.c.item_id == _items.id)
    .where(
        _items.instance_id == bindparam("instance"),
        _items.state == "completed",
        _items.token.in_(bindparam("tokens", expanding=True)),
    )
    .order_by(_items.id)
)
_has_draft = exists().where(tables.drafts.c.item_id == _items.id)
_drafted = (
    select(_items.id, _items.element, _items.item)
    .where(
        _items.instance_id == bindparam("instance"),
        _items.state.in_(("open", "pending", "returned")),
        _items.token.in_(bindparam("tokens", expanding=True)),
        _has_draft,
    )
    .order_by(_items.id)
)
_close = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(
        state=bindparam("closed"),
        version=_items.version + 1,
        completed_at=bindparam("now"),
        completed_by=bindparam("by"),
    )
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was completed: who did it last, and when; ``item`` is its place among several."""

    item_id: int
    process_id: str
    element: str
    step: str
    by: str
    at: datetime
    item: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did besides moving: the open items that it ended, the signatures that it made void, and the steps
    whose handlers it undid.
    """

    ended: tuple[int, ...]
    void: tuple[int, ...]
    undone: tuple[str, ...]

    @property
    def body(self) -> dict[str, Any]:
        """What history keeps of it."""
        found = {"ended": self.ended, "void": self.void, "undone": self.undone}
        return {name: list(values) for name, values in found.items() if values}


def steps_done(unit: Unit, act: Act) -> list[Step]:
    """Return the completed work items of an instance, the last one first."""
    processes = {definition: name for name, definition in act.process.versions.items()}
    return [
        Step(
            row.id,
            processes[row.definition_id],
            row.element,
            row.step,
            row.completed_by or "",
            row.completed_at,
            row.item,
        )
        for row in unit.execute(_passed, {"instance": act.instance.id})
        if row.definition_id in processes
    ]


def open_items(unit: Unit, act: Act, tokens: Sequence[int]) -> list[Any]:
    """Return the rows of the open items that wait at tokens."""
    if not tokens:
        return []
    return list(unit.execute(_open_at, {"instance": act.instance.id, "tokens": sorted(tokens)}))


def close(unit: Unit, act: Act, item_id: int, state: str) -> None:
    """Close an item in the actor's name: ``returned``."""
    unit.execute(_close, {"key": item_id, "closed": state, "now": act.now, "by": act.actor})


def carry_out(
    unit: Unit, act: Act, move: Move, past: Past, runs: Sequence[Run], *, again: bool = False
) -> Moved:
    """Undo ``runs``, move the token, let the tokens run; what was typed is kept.

    Raises :class:`Refused` where the move isn't allowed, or where an expression or an undo fails.
    """
    if act.progress.suspended is not None:
        raise act.suspension()
    if move.refusal is not None:
        raise Refused(move.refusal, element=move.target.label)
    ended = [row.id for row in open_items(unit, act, [token.id for token in move.cancelled])]
    undone = past.undo(runs, move)
    try:
        moves.perform(act.execution, move, again=again)
    except ExecutionError as error:
        raise Refused(error.code, **error.params) from error
    left = {"instance": act.instance.id, "tokens": sorted(act.changes.withdrawn)}
    void = unit.execute(_signed, left).scalars().all()
    for row in unit.execute(_drafted, left):
        act.progress.kept.setdefault(row.element, []).append([row.id, row.item])
    act.execution.run()
    return Moved(tuple(ended), tuple(void), tuple(undone))


def prefer(unit: Unit, act: Act, element: str, principal: str) -> None:
    """Give the new item of an element to the person who had it before, where they still may have it."""
    for item in act.changes.opened:
        mine = item.element == element and item.seat is None and item.assignee is None
        if not mine or not principal.startswith("user:"):
            continue
        try:
            person = load_actor(unit, principal.removeprefix("user:"), act.now.astimezone(ZONE).date())
        except BihuanError:
            continue
        if not person.principals.isdisjoint(item.candidates):
            item.assignee = principal


def came_back(unit: Unit, act: Act) -> None:
    """Give what went straight back to whoever had returned it."""
    for token, (element, principal) in list(act.progress.direct.items()):
        if act.execution.process.find(int(token)) is None:
            del act.progress.direct[token]
            prefer(unit, act, element, principal)


def reason_of(text: str) -> str:
    """Return a reason without blanks around it; raises :class:`Refused` where there is none."""
    reason = text.strip()
    if not reason:
        raise Refused("operation.no_reason")
    if len(reason) > MAX_REASON:
        raise Refused("operation.long_reason", length=len(reason), limit=MAX_REASON)
    return reason
