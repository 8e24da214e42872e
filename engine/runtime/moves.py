"""Moves a token to another place, back or forward: what is allowed, what ends by it, and how joins stay whole.

The rules are those of the table "Where a token may be returned to": a token moves along its own line at will;
what it leaves (a parallel block, a sub-process, a called process) ends with everything open in it; where it
enters a block whose branches had met, the other branches count as arrived or are opened again. Finished tokens
aren't kept, so all of this is told by the graph and the live tokens alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.blocks import Blocks, Entered, Split
from engine.bpmn.model import CallActivity, Element, Gateway, SubProcess
from engine.errors import Refused
from engine.runtime.loops import run_of
from engine.runtime.nodes import Container, EventSubProcess, Node
from engine.runtime.spiff import LiveToken, Scope

if TYPE_CHECKING:
    from engine.runtime.definition import CompiledProcess
    from engine.runtime.execution import Execution
    from engine.runtime.host import Token
    from engine.runtime.spiff import Process

#: What a file must allow before a move may do it: end the open work of other branches, leave a called process.
BRANCHES, CALL = "branches", "call"


@dataclass(frozen=True, slots=True)
class Move:
    """What moving a token to ``target`` would do; ``refusal`` is the code of the reason where it can't be done.

    ``cancelled`` are the other tokens whose open work would end, ``needs`` what the file must allow
    (:data:`BRANCHES`, :data:`CALL`), ``joined`` tells that it enters a block whose other branches count as
    arrived or are opened again, ``straight`` that it touches nothing but its own line, ``earlier`` that the target
    lies before the token's place.
    """

    token: Token
    target: Element
    process_id: str
    refusal: str | None = None
    cancelled: tuple[Token, ...] = ()
    needs: frozenset[str] = frozenset()
    joined: bool = False
    straight: bool = False
    earlier: bool = False
    #: The scope in which the token will stand, by the id of its token (0: the process), before any is opened.
    scope: int = 0
    plan: _Plan | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The tokens to withdraw, the way to the target through sub-processes to open, and the blocks entered.

    ``levels`` has for each scope on the way, outer ones first, its blocks and those of them that are entered.
    """

    scope: Process | Scope
    withdrawn: tuple[LiveToken, ...]
    path: tuple[Node, ...]
    levels: tuple[tuple[Blocks, tuple[Entered, ...]], ...]
    rearm: bool

    @property
    def entered(self) -> Iterator[Entered]:
        """All blocks that the token is put into."""
        return (entered for _, found in self.levels for entered in found)


def examine(
    execution: Execution, token_id: int, process_id: str, element_id: str, *, intervention: bool = False
) -> Move:
    """Say what moving the token to an element would do; nothing is changed.

    ``process_id`` is the process that the element belongs to. ``intervention`` also lets it leave an event
    sub-process. Raises :class:`~engine.errors.Refused` ``move.unknown`` where token or element don't exist.
    """
    token = execution.process.find(token_id)
    compiled = execution.definition.processes.get(process_id)
    known = compiled is not None and element_id in compiled.model.elements
    node = compiled.nodes[element_id] if compiled is not None and known else None
    if token is None or token.attached or compiled is None or node is None:
        raise Refused("move.unknown", element=element_id)
    return _Examination(execution, token, compiled, node, intervention).move()


def perform(execution: Execution, move: Move, *, again: bool = False) -> None:
    """Carry out what :func:`examine` allowed; :meth:`Execution.run` then moves on.

    ``again`` opens the other branches of an entered block once more instead of counting them as arrived.
    Raises :class:`~engine.errors.ExecutionError` for an expression that fails; the command must then be undone.
    """
    plan = move.plan
    if move.refusal is not None or plan is None:
        raise Refused(move.refusal or "move.unknown", element=move.target.id)
    for token in plan.withdrawn:
        execution._cancel(token)
    if plan.rearm:
        execution.arm_triggers(plan.scope)
    scopes = [plan.scope]
    for container in plan.path[:-1]:
        scopes.append(open_scope(execution, scopes[-1], container))
    placed = execution.place(scopes[-1], plan.path[-1])
    standing = [*(scope.parent_token for scope in scopes[1:] if isinstance(scope, Scope)), placed]
    for scope, token, (blocks, found) in zip(scopes, standing, plan.levels, strict=True):
        for entered in found:
            if again:
                _open_again(execution, scope, entered, token)
            else:
                _feed(execution, scope, blocks, entered, token)


def descendants(
    execution: Execution, scope_id: int, process_id: str, element_id: str
) -> list[LiveToken] | None:
    """Return the live tokens of a scope that came from an element, which has been completed there.

    Those beside them on a non-interrupting boundary event's way don't count. None where the scope has ended, the
    element holds a token again, or it was one run of an activity that repeats.
    """
    scope: Process | Scope | None = execution.process
    if scope_id:
        scope = execution.process.inside(scope_id)
    compiled = execution.definition.processes.get(process_id)
    if scope is None or compiled is None:
        return None
    if of_runs(scope):  # a run that is over has left nothing: it began again, or the whole went on
        return None
    ahead = compiled.blocks(parent_of(scope)).ahead(element_id)
    live = [token for token in scope.live() if not token.attached]
    if any(token.task_spec.element.id == element_id for token in live):
        return None
    return [token for token in live if (place := _place(token)) in ahead or place == element_id]


class _Examination:
    """One look at what a move would do."""

    def __init__(
        self,
        execution: Execution,
        token: LiveToken,
        compiled: CompiledProcess,
        node: Node,
        intervention: bool,
    ) -> None:
        self.execution = execution
        self.token = token
        self.compiled = compiled
        self.node = node
        self.intervention = intervention

    def move(self) -> Move:
        element = self.node.element
        if isinstance(element, Gateway) or element.kind in ("startEvent", "boundaryEvent"):
            return self._refused("move.bad_target")
        scope = self._common()
        if scope is None:
            return self._refused("move.in_call")
        path = self._path(scope)
        if any(isinstance(node, EventSubProcess) for node in path):
            return self._refused("move.into_event")
        if any(node.part for node in path[:-1]):
            return self._refused("move.into_items")
        return self._inside(scope, path)

    def _inside(self, scope: Process | Scope, path: tuple[Node, ...]) -> Move:
        mover, left = self._mover(scope)
        needs: set[str] = set()
        for container in left:
            spec = container.task_spec
            if isinstance(spec, EventSubProcess) and not self.intervention:
                return self._refused("move.event_sub_process")
            if isinstance(spec.element, CallActivity):
                needs.add(CALL)
        blocks = self.compiled.blocks(parent_of(scope))
        triggered = isinstance(mover.task_spec, EventSubProcess)
        first = path[0].element.id
        relation = blocks.from_outside(first) if triggered else blocks.relation(_place(mover), first)
        if relation.refusal is not None:
            return self._refused(relation.refusal)
        levels = [(blocks, relation.entered)]
        for node in path[1:]:
            inner = self.compiled.blocks(node.element.parent)
            deeper = inner.from_outside(node.element.id)
            if deeper.refusal is not None:
                return self._refused(deeper.refusal)
            levels.append((inner, deeper.entered))
        others = [one for one in scope.live() if one is not mover and not one.attached]
        if (triggered or relation.side) and any(
            not isinstance(one.task_spec, EventSubProcess)
            and not (relation.side and _aside(blocks, one, relation.side))
            for one in others
        ):
            return self._refused("move.side_path")
        withdrawn = [mover, *(one for one in others if relation.left and _within(one, relation.left))]
        if len(withdrawn) > 1 or (left and self._company(left)):
            needs.add(BRANCHES)
        ended = [one for one in withdrawn for one in self._open_in(one) if one is not self.token]
        rearm = isinstance(mover.task_spec, EventSubProcess) and mover.task_spec.interrupts
        plan = _Plan(scope, tuple(withdrawn), path, tuple(levels), rearm)
        return Move(
            self.token.view,
            self.node.element,
            self.compiled.id,
            None,
            tuple(one.view for one in ended),
            frozenset(needs),
            any(entered.others for entered in plan.entered),
            relation.straight and not left and len(path) == 1,
            not triggered and blocks.earlier(first, _place(mover)),
            scope.parent_task_id or 0,
            plan,
        )

    def _common(self) -> Process | Scope | None:
        """Return the innermost open scope around the token that holds the target."""
        wanted: set[str | None] = {None}
        model = self.compiled.model
        parent = self.node.element.parent
        while parent is not None:
            wanted.add(parent)
            parent = model.elements[parent].parent
        scope: Process | Scope = self.token.workflow
        while True:
            mine = not of_runs(scope) and compiled_of(self.execution, scope) is self.compiled
            if mine and parent_of(scope) in wanted:
                return scope
            if not isinstance(scope, Scope):
                return None
            scope = scope.parent_token.workflow

    def _path(self, scope: Process | Scope) -> tuple[Node, ...]:
        """Return the sub-processes to open in ``scope``, and the target."""
        path = [self.node]
        while path[0].element.parent != parent_of(scope):
            path.insert(0, self.compiled.nodes[str(path[0].element.parent)])
        return tuple(path)

    def _mover(self, scope: Process | Scope) -> tuple[LiveToken, list[LiveToken]]:
        """Return the token of ``scope`` that moves, and the containers that are left, inner ones first."""
        mover, left = self.token, []
        while mover.workflow is not scope:
            assert isinstance(mover.workflow, Scope)
            mover = mover.workflow.parent_token
            left.append(mover)
        return mover, left

    def _company(self, left: list[LiveToken]) -> bool:
        """Whether anything but the token itself goes on inside the containers that are left."""
        inside = {id(self.token), *(id(one) for one in left)}
        return any(id(one) not in inside for one in self._all_in(left[-1]) if not one.attached)

    def _all_in(self, token: LiveToken) -> Iterator[LiveToken]:
        yield token
        scope = self.execution.process.inside(token.id)
        for inner in scope.live() if scope is not None else ():
            yield from self._all_in(inner)

    def _open_in(self, token: LiveToken) -> Iterator[LiveToken]:
        """Yield what waits for somebody, or for a repair, at a token and inside it."""
        for one in self._all_in(token):
            if not one.attached and (one.parked or (one._state == TaskState.STARTED and one.task_spec.waits)):
                yield one

    def _refused(self, code: str) -> Move:
        return Move(self.token.view, self.node.element, self.compiled.id, code)


def compiled_of(execution: Execution, scope: Process | Scope) -> CompiledProcess:
    """Return the process that a scope belongs to."""
    if not isinstance(scope, Scope):
        return execution.definition.process
    spec = scope.parent_token.task_spec
    return spec.first.process if isinstance(spec, Container) else spec.process


def parent_of(scope: Process | Scope) -> str | None:
    """Return the id of the sub-process whose scope this is; None for a process."""
    if not isinstance(scope, Scope):
        return None
    spec = scope.parent_token.task_spec
    if spec.part in ("loop", "item"):  # the runs of what repeats are in scopes in which no element is drawn
        return run_of(spec.element.id)
    return spec.element.id if isinstance(spec.element, SubProcess) else None


def of_runs(scope: Process | Scope) -> bool:
    """Whether a scope holds the items or the runs of an activity that repeats, and no part of the graph."""
    return isinstance(scope, Scope) and scope.parent_token.task_spec.part in ("loop", "item")


def _place(token: LiveToken) -> str:
    """Return the node at which a token stands; one that waits at a join stands before it."""
    spec = token.task_spec
    if token._state == TaskState.WAITING and token.flows:
        process = spec.process
        return process.model.flows[process.flow_ids[token.flows[0]]].source
    return spec.element.id


def _within(token: LiveToken, split: Split) -> bool:
    """Whether a token is inside the block of a split, or waits at its join for the others of the block."""
    place = _place(token)
    at_join = token.task_spec.element.id == split.join and token._state == TaskState.WAITING
    return place in split.inside or (at_join and place == split.element)


def _aside(blocks: Blocks, token: LiveToken, sides: frozenset[str]) -> bool:
    return any(blocks.dominates(side, _place(token)) for side in sides)


def open_scope(execution: Execution, scope: Process | Scope, node: Node) -> Scope:
    """Open a sub-process without putting a token on its start."""
    assert isinstance(node, Container)
    token = LiveToken(scope, node, scope.task_tree, TaskState.STARTED)
    execution.host.opened(token.view)
    inner = Scope(node.inner, token)
    execution.arm(token)
    execution.arm_triggers(inner)
    return inner


def _feed(
    execution: Execution, scope: Process | Scope, blocks: Blocks, entered: Entered, token: LiveToken
) -> None:
    """Let the branches that nobody will come by count as arrived at the joins."""
    nodes = token.task_spec.process.nodes
    for join, flow in entered.fed:
        index = nodes[join].process.flow_index[flow]
        led = blocks.flows_to(entered.split, flow)
        coming = any(
            entered.split.inside.get(_place(one), frozenset()) & led
            for one in scope.live()
            if not one.attached and one.task_spec.element.id != join
        )
        if not coming:
            execution.place(scope, nodes[join]).flows = (index,)


def _open_again(execution: Execution, scope: Process | Scope, entered: Entered, token: LiveToken) -> None:
    """Put a token on each other branch of a split; of conditional ones on those whose condition holds."""
    split = token.task_spec.process.nodes[entered.split.element]
    chosen = split.choose(token, execution) if split.conditional else split.ways
    for way in chosen:
        if way.flow.id in entered.others:
            execution.place(scope, way.target).flows = (way.index,)
