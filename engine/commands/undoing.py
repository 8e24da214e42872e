"""Undoes the handlers that a token is moved back past, the last one first, or says by name why that can't be.

Which ran since is told by the instance's history: a handler's event names its element, its inputs and its result.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import bindparam, select

from engine import tables
from engine.bpmn.model import CallActivity, ServiceTask, SubProcess
from engine.commands.act import Act
from engine.commands.changes import Trust
from engine.commands.handling import in_savepoint
from engine.errors import ExecutionError, Refused
from engine.history import chain_of
from engine.plugins import Handler
from engine.runtime import Token
from engine.runtime.moves import Move
from engine.values import load_json

DONE, UNDONE = "service.done", "service.undone"
COMPLETED = "item.completed"
RETURNED, WITHDRAWN, JUMPED = "item.returned", "item.withdrawn", "instance.jumped"
MIGRATED = ("instance.migrated", "migration.undone")
KINDS = (*MIGRATED, DONE, UNDONE, COMPLETED, RETURNED, WITHDRAWN, JUMPED)

_event = tables.events.c
_events = (
    select(_event.seq, _event.kind, _event.element, _event.actor, _event.body)
    .where(_event.chain == bindparam("chain"), _event.kind.in_(KINDS))
    .order_by(_event.seq)
)


@dataclass(frozen=True, slots=True)
class Deed:
    """That somebody completed, returned or moved something: when in the instance's history, where, and who.

    ``items`` are the scopes of the items of multi-instance activities around it, outer ones first.
    """

    seq: int
    element: str
    process_id: str
    scope: int
    step: str
    actor: str
    items: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A service task that was done: where, what it was given and what it gave."""

    seq: int
    element: str
    process_id: str
    scope: int
    type: str
    step: str
    inputs: Mapping[str, Any]
    result: Mapping[str, Any]
    items: tuple[int, ...] = ()
    #: What people were let read by it.
    entrusted: tuple[Trust, ...] = ()


Where = TypeVar("Where", Deed, Run)


class Past:
    """What service tasks did in an instance so far, and when its steps were completed; read once a command."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.runs: list[Run] = []
        self.deeds: list[Deed] = []
        #: The deed that completed an item, by the item's id.
        self.items: dict[int, Deed] = {}
        #: The number of the last completion of an element in a scope.
        self.completed: dict[tuple[str, str, int], int] = {}
        #: The items around a scope.
        self._around: dict[int, tuple[int, ...]] = {}
        undone: set[int] = set()
        for row in act.unit.execute(_events, {"chain": chain_of(act.instance.id)}):
            body = load_json(row.body) if row.body else {}
            process, scope = body.get("process", act.process.process_id), int(body.get("scope", 0))
            items = tuple(int(item) for item in body.get("items", ()))
            if row.kind in (COMPLETED, RETURNED, JUMPED):
                deed = Deed(row.seq, row.element, process, scope, body.get("step", ""), row.actor, items)
                self.deeds.append(deed)
                if row.kind == COMPLETED and body:
                    self.items[int(body["item"])] = deed
                    self.completed[process, row.element, scope] = row.seq
                    self._around[scope] = items
                elif body:
                    self._void(body.get("target_process", process), body["target"], items)
            elif row.kind == WITHDRAWN and body:
                taken = self.items[int(body["item"])]
                self.completed.pop((taken.process_id, taken.element, taken.scope), None)
                self._void(taken.process_id, taken.element, taken.items)
            elif row.kind in MIGRATED:
                self._rename(body.get("renamed", {}))
            elif row.kind == UNDONE:
                undone.add(int(body["of"]))
            elif body:
                texts = (body["type"], body["step"])
                given = (body.get("inputs", {}), body["result"])
                trusted = tuple(map(_trust, body.get("entrusted", ())))
                self.runs.append(Run(row.seq, row.element, process, scope, *texts, *given, items, trusted))
        self.runs = [run for run in self.runs if run.seq not in undone]

    def _rename(self, renamed: Mapping[str, str]) -> None:
        """Go on under the ids that elements have since the instance was migrated."""

        def new(process: str, element: str) -> tuple[str, str]:
            now, _, name = renamed.get(f"{process}#{element}", f"{process}#{element}").partition("#")
            return now, name

        if renamed:
            self.completed = {(*new(*key[:2]), key[2]): seq for key, seq in self.completed.items()}
            self.deeds = [_placed(deed, new) for deed in self.deeds]
            self.items = {item: _placed(deed, new) for item, deed in self.items.items()}
            self.runs = [_placed(run, new) for run in self.runs]

    def _void(self, process_id: str, target: str, items: tuple[int, ...]) -> None:
        """Forget the completions of what lies behind the target of a move that was made, not those in other items."""
        compiled = self.act.process.definition.processes[process_id]
        following: set[str] = set()
        at = compiled.model.elements.get(target)
        while at is not None:
            following |= compiled.blocks(at.parent).following(at.id)
            at = compiled.model.elements.get(at.parent or "")
        behind = _with_inner(self.act, process_id, following)
        for key in [key for key in self.completed if key[:2] in behind]:
            if together(self._around.get(key[2], ()), items):
                del self.completed[key]

    def behind(self, move: Move, *, again: bool = False) -> list[Run]:
        """Return what the target of a move would have done again, the last one first; nothing where it lies ahead."""
        if move.plan is None or not self.runs or not move.earlier:
            return []
        scopes = {scope for process, element, scope in self.completed if element == move.target.id}
        scope = move.scope if move.scope in scopes else max(scopes, default=0)
        since = self.completed.get((move.process_id, move.target.id, scope), 0)
        items = self.act.scopes.items_around(move.scope)
        return self._runs_since(since, _touched(self.act, move, again=again), items)

    def after(self, deed: Deed) -> list[Run]:
        """Return what was done automatically with what came of a completion since, the last one first."""
        return self._runs_since(deed.seq, self._ahead(deed), deed.items)

    def since(self, deed: Deed) -> Deed | None:
        """Return the first thing that somebody did with what came of a completion."""
        ahead = self._ahead(deed)
        later = (one for one in self.deeds if one.seq > deed.seq and together(one.items, deed.items))
        return next((one for one in later if (one.process_id, one.element) in ahead), None)

    def _ahead(self, deed: Deed) -> frozenset[tuple[str, str]]:
        """Return the elements, by process, to which a token may have come that left where something was completed."""
        compiled = self.act.process.definition.processes[deed.process_id]
        parent = compiled.model.elements[deed.element].parent
        return _with_inner(self.act, deed.process_id, compiled.blocks(parent).ahead(deed.element))

    def _runs_since(self, seq: int, places: Container[tuple[str, str]], items: tuple[int, ...]) -> list[Run]:
        """Return the runs at these places; where one stood that this version doesn't have, nobody knows."""
        return [
            run
            for run in reversed(self.runs)
            if run.seq > seq
            and together(run.items, items)
            and ((run.process_id, run.element) in places or self._element(run) is None)
        ]

    def refusal(self, runs: Sequence[Run]) -> Run | None:
        """Return the first of these runs that nothing can undo."""
        return next((run for run in runs if self._irreversible(run)), None)

    def possible(self, runs: Sequence[Run]) -> None:
        """Raise :class:`Refused` ``move.irreversible`` where one of these runs can't be undone."""
        stuck = self.refusal(runs)
        if stuck is not None:
            raise Refused("move.irreversible", step=stuck.step)

    def undo(self, runs: Sequence[Run], move: Move) -> list[str]:
        """Undo these runs in their order; return the names of the steps that were undone.

        Raises :class:`Refused` ``move.irreversible`` or ``move.undo_failed``.
        """
        self.possible(runs)
        return [run.step for run in runs if self._undo(run, move)]

    def _irreversible(self, run: Run) -> bool:
        handler, element = self._handler(run), self._element(run)
        if handler is not None and (handler.irreversible or (element is None and handler.undo is not None)):
            return True
        return element is not None and element.irreversible

    def _handler(self, run: Run) -> Handler | None:
        return self.act.ports.catalogue.handlers.get(run.type)

    def _element(self, run: Run) -> ServiceTask | None:
        compiled = self.act.process.definition.processes.get(run.process_id)
        element = compiled.model.elements.get(run.element) if compiled is not None else None
        return element if isinstance(element, ServiceTask) else None

    def _undo(self, run: Run, move: Move) -> bool:
        handler, element, act = self._handler(run), self._element(run), self.act
        if handler is None or handler.undo is None or element is None:
            return False
        undo = handler.undo
        scope = run.scope if run.scope in act.scopes.scopes else move.scope
        token = Token(scope, element, scope, run.process_id)
        try:
            _, done = in_savepoint(
                act,
                token,
                element,
                act.names(token, {**run.inputs, **run.result}),
                lambda context: undo(context),
            )
        except ExecutionError as error:
            reason = error.params.get("reason", error.code)
            raise Refused("move.undo_failed", step=run.step, reason=reason) from error
        act.note(UNDONE, run.element, {"type": run.type, "step": run.step, "of": run.seq})
        for kind, data in done.events:
            act.note(kind, run.element, data)
        act.distrust(run.entrusted)
        return True


def _trust(body: Mapping[str, Any]) -> Trust:
    return Trust(int(body["scope"]), body["name"], int(body["version"]), body["principals"], body["readers"])


def _placed(one: Where, new: Callable[[str, str], tuple[str, str]]) -> Where:
    process_id, element = new(one.process_id, one.element)
    return replace(one, process_id=process_id, element=element)


def together(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether something in these items and something in those can be on one line: neither is in an item beside."""
    return all(mine == others for mine, others in zip(one, other, strict=False))


def _touched(act: Act, move: Move, *, again: bool) -> frozenset[tuple[str, str]]:
    """Return the elements, by process, that lie behind the target of a move and would be done again."""
    plan = move.plan
    assert plan is not None
    found: set[str] = set()
    for node in plan.path:
        blocks = act.process.definition.processes[move.process_id].blocks(node.element.parent)
        found |= blocks.following(node.element.id)
    for entered in plan.entered if again else ():
        others = set(entered.others)
        found |= {node for node, flows in entered.split.inside.items() if flows & others}
    return _with_inner(act, move.process_id, found)


def _with_inner(act: Act, process_id: str, elements: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Add to elements of a process what stands inside their sub-processes and in the processes that they call."""
    model = act.process.definition.processes[process_id].model
    inside: set[tuple[str, str]] = set()
    todo = [(process_id, element) for element in elements if element in model.elements]
    while todo:
        place = todo.pop()
        if place in inside:
            continue
        inside.add(place)
        process = act.process.definition.processes[place[0]].model
        element = process.elements[place[1]]
        if isinstance(element, SubProcess):
            todo += [(place[0], one.id) for one in process.children(element.id)]
        elif isinstance(element, CallActivity):
            called = act.process.definition.processes[element.process_id].model
            todo += [(element.process_id, one) for one in called.elements]
    return frozenset(inside)
