"""Carries the tokens of an instance over to another version of its process, each at the place that the mapping names.

What waits goes on waiting, with its id: work items, timers and jobs are rows of a token and stay with it. Only
what the new version adds is begun (boundary events of what is open, sub-processes around it), and only what it
drops beside something open is withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Element, ServiceTask, SubProcess, UserTask
from engine.errors import Refused
from engine.runtime.definition import Definition, node_name
from engine.runtime.events import Trigger, is_interrupted
from engine.runtime.execution import Execution
from engine.runtime.gateways import EventBased, Inclusive
from engine.runtime.loops import item_of, run_of
from engine.runtime.moves import compiled_of, of_runs, open_scope, parent_of
from engine.runtime.nodes import Container, EventSubProcess, Node
from engine.runtime.spiff import ARRIVED, ROOT, LiveToken, Process, Scope

if TYPE_CHECKING:
    from engine.runtime.host import Host

#: The ids of the nodes that an activity that repeats has besides its own.
_PARTS: Mapping[str, Callable[[str], str]] = {"item": item_of, "run": run_of}

#: The name of an element of the old version (``process#element``) → its name in the new one, None for none.
Mapped = Mapping[str, str | None]


def propose(old: Definition, new: Definition) -> dict[str, str | None]:
    """Propose a successor for each element: the one with its id, else the only one of its kind with its name."""
    found: dict[str, str | None] = {}
    for compiled in old.processes.values():
        successor = new.processes.get(compiled.id)
        after = dict(successor.model.elements) if successor is not None else {}
        before = compiled.model.elements
        same = {
            name for name, element in before.items() if name in after and after[name].kind == element.kind
        }
        for name, element in before.items():
            if name not in same:
                alike = [
                    other.id for other in after.values() if other.id not in same and _alike(element, other)
                ]
                twins = [one for one in before.values() if one.id not in same and _alike(element, one)]
                successor_id = alike[0] if len(alike) == len(twins) == 1 else None
            else:
                successor_id = name
            found[node_name(compiled.id, name)] = (
                None if successor_id is None else node_name(compiled.id, successor_id)
            )
    return found


def carry_over(
    old: Execution, new: Definition, mapping: Mapped, host: Host
) -> tuple[Execution, dict[int, int]]:
    """Return the execution of the new version with the tokens of the old one, and the scopes that are gone.

    Those are sub-processes that the new version doesn't have around what they held, each with the scope that its
    contents are in now. :meth:`Execution.run` then begins what is new. Raises :class:`~engine.errors.Refused` with
    ``migrate.*`` where a token has no place, and what the host raises.
    """
    return _Carrying(old, new, mapping, host).carry()


class _Carrying:
    """One instance on its way."""

    def __init__(self, old: Execution, new: Definition, mapping: Mapped, host: Host) -> None:
        self.old = old
        self.mapping = mapping
        self.host = host
        process = Process(new.process.scopes[None])
        process.last_id = old.process.last_id
        self.new = Execution(new, process, host)
        #: The scope in which the contents of an old one are now, by the id of the old one's token.
        self.images: dict[int, Process | Scope] = {0: process}
        self.gone: dict[int, int] = {}
        self.added: dict[tuple[int, str], Scope] = {}

    def carry(self) -> tuple[Execution, dict[int, int]]:
        for scope in self.old.process.scopes():
            here = scope.parent_task_id or 0
            for token in scope.live():
                if not token.attached:
                    self._token(token, here)
        for scope in self.old.process.scopes():
            for token in scope.live():
                if token.attached:
                    self._armed(token, scope.parent_task_id or 0)
        for found in list(self.new.process.scopes()):
            self._complete(found)
        for found in self.new.process.scopes():
            self._check(found)
        return self.new, self.gone

    # -- tokens

    def _token(self, token: LiveToken, here: int) -> None:
        spec = token.task_spec
        node = self._successor(spec)
        if node is None:
            if not isinstance(spec.element, SubProcess) or spec.part or isinstance(spec, EventSubProcess):
                raise Refused("migrate.unmapped", element=spec.element.label)
            self.images[token.id] = self.images[here]
            self.gone[token.id] = here
            return
        self._same_kind(spec, node)
        made = LiveToken(scope := self._home(here, node), node, scope.task_tree, token._state, token.id)
        made.phase, made.parked, made.loop = token.phase, token.parked, token.loop
        made.flows = tuple(
            index for flow in token.flows if (index := self._flow(flow, spec, node)) is not None
        )
        if token._state == TaskState.WAITING:
            self._joining(made)
        if isinstance(node, Container) and self.old.process.inside(token.id) is not None:
            self.images[token.id] = Scope(node.inner, made)
        elif isinstance(node.element, ServiceTask) and self._type(spec.element) != self._type(node.element):
            self._again(token, made)

    def _joining(self, made: LiveToken) -> None:
        """Let a token that waits at a join be asked anew: it may be the last one now."""
        if not made.flows:
            raise Refused("migrate.flow", element=made.task_spec.element.label)
        if isinstance(made.task_spec, Inclusive):
            self.new.undecided.add((made.workflow, made.task_spec))
        else:
            made._set_state(TaskState.READY)
            self.new.process.ready.append(made)

    def _again(self, token: LiveToken, made: LiveToken) -> None:
        """Begin an element anew whose job is another one now."""
        if not token.parked:
            self.host.cancelled(token.view)
            made._set_state(TaskState.READY)
            made.phase = ARRIVED
            self.new.process.ready.append(made)

    def _armed(self, token: LiveToken, here: int) -> None:
        """Keep an armed event where the new version has it beside the same thing; else withdraw it."""
        node = self._successor(token.task_spec)
        scope: Process | Scope | None = None
        if node is not None and token.attached == ROOT and isinstance(node, Trigger):
            scope = self.images[here] if node in self.images[here].spec.triggers else None
        elif node is not None:
            beside = self.new.process.find(token.attached)
            if beside is not None and node in (*beside.task_spec.boundaries, *_awaited(beside.task_spec)):
                scope = beside.workflow
        if node is None or scope is None:
            if token._state == TaskState.STARTED or token.parked:
                self.host.cancelled(token.view)
            return
        made = LiveToken(scope, node, scope.task_tree, token._state, token.id)
        made.phase, made.parked, made.attached = token.phase, token.parked, token.attached
        made.flows = tuple(
            index for flow in token.flows if (index := self._flow(flow, token.task_spec, node)) is not None
        )

    def _complete(self, scope: Process | Scope) -> None:
        """Arm what the new version adds beside something open."""
        if of_runs(scope):
            return
        live = scope.live()
        beside = {(token.attached, token.task_spec) for token in live if token.attached}
        for token in live:
            if token._state != TaskState.STARTED or token.attached:
                continue
            for node in token.task_spec.boundaries:
                if (token.id, node) not in beside:
                    self.new.place(scope, node).attached = token.id
            for way in token.task_spec.ways if isinstance(token.task_spec, EventBased) else ():
                if (token.id, way.target) not in beside:
                    armed = self.new.place(scope, way.target)
                    armed.attached, armed.flows = token.id, (way.index,)
        if not is_interrupted(scope):
            for trigger in scope.spec.triggers:
                if trigger.element.awaits is not None and (ROOT, trigger) not in beside:
                    self.new.place(scope, trigger).attached = ROOT

    # -- places

    def _successor(self, node: Node) -> Node | None:
        """Return the node that stands for an old one, in the same part of an activity that repeats."""
        name = self.mapping.get(node_name(node.process.id, node.element.id))
        if name is None:
            return None
        process_id, _, element_id = name.partition("#")
        compiled = self.new.definition.processes.get(process_id)
        key = _PARTS.get(node.part, str)(element_id)
        found = compiled.nodes.get(key) if compiled is not None else None
        if found is None or found.part != node.part:
            raise Refused("migrate.no_place", element=node.element.label, target=element_id)
        return found

    def _same_kind(self, old: Node, new: Node) -> None:
        one, other = old.element, new.element
        signing = isinstance(one, UserTask) and isinstance(other, UserTask)
        differs = one.kind != other.kind or type(old) is not type(new)
        if signing and isinstance(one, UserTask) and isinstance(other, UserTask):
            differs |= (one.signing is None) != (other.signing is None)
        if differs:
            raise Refused("migrate.kind", element=one.label, target=other.label)

    def _home(self, here: int, node: Node) -> Process | Scope:
        """Return the scope for a token that was in the old scope ``here``, opened where it is new."""
        scope = self.images[here]
        if node.part in ("item", "run"):
            return scope
        around: list[str] = []
        parent = node.element.parent
        while parent is not None:
            around.insert(0, parent)
            parent = node.process.model.elements[parent].parent
        while (
            of_runs(scope)
            or compiled_of(self.new, scope) is not node.process
            or (parent_of(scope) is not None and parent_of(scope) not in around)
        ):
            if not isinstance(scope, Scope):
                raise Refused("migrate.no_place", element=node.element.label, target=node.element.id)
            scope = scope.parent_token.workflow
        inside = parent_of(scope)
        for missing in around[around.index(inside) + 1 :] if inside is not None else around:
            scope = self._enter(scope, node.process.nodes[missing])
        return scope

    def _enter(self, scope: Process | Scope, node: Node) -> Scope:
        """Return the scope of a sub-process that the new version puts around tokens of ``scope``."""
        key = (scope.parent_task_id or 0, node.element.id)
        if key not in self.added:
            if node.part or isinstance(node, EventSubProcess) or not isinstance(node, Container):
                raise Refused("migrate.no_place", element=node.element.label, target=node.element.id)
            self.added[key] = open_scope(self.new, scope, node)
        return self.added[key]

    def _flow(self, index: int, old: Node, new: Node) -> int | None:
        """Return the flow by which a token that came by an old one counts as having come."""
        name = old.process.flow_ids[index]
        flows = new.process.model.flows
        if name in flows and flows[name].target == new.element.id:
            return new.process.flow_index[name]
        source = self.mapping.get(node_name(old.process.id, old.process.model.flows[name].source))
        into = [
            flow for flow in new.element.incoming if node_name(new.process.id, flows[flow].source) == source
        ]
        return new.process.flow_index[into[0]] if len(into) == 1 else None

    def _type(self, element: Element) -> str | None:
        return element.type if isinstance(element, ServiceTask) else None

    # -- whether it can go on from here

    def _check(self, scope: Process | Scope) -> None:
        """Refuse what would wait for ever at a join, or go on twice on one line."""
        if of_runs(scope):
            return
        blocks = compiled_of(self.new, scope).blocks(parent_of(scope))
        live = [
            token
            for token in scope.live()
            if not token.attached and not isinstance(token.task_spec, EventSubProcess)
        ]
        stuck = blocks.starving([_stands(token) for token in live])
        if stuck is not None:
            raise Refused("migrate.join", element=blocks.model.elements[stuck].label)
        for one, other in combinations(live, 2):
            if self._were_parted(one, other) and not blocks.parted(_stands(one), _stands(other)):
                raise Refused("migrate.twice", element=one.task_spec.element.label)

    def _were_parted(self, one: LiveToken, other: LiveToken) -> bool:
        """Whether two tokens were in different branches of one scope before."""
        mine, theirs = self.old.process.find(one.id), self.old.process.find(other.id)
        if mine is None or theirs is None or mine.workflow is not theirs.workflow or of_runs(mine.workflow):
            return False
        blocks = compiled_of(self.old, mine.workflow).blocks(parent_of(mine.workflow))
        return blocks.parted(_stands(mine), _stands(theirs))


def _stands(token: LiveToken) -> tuple[str, str | None]:
    """Return where a token is: its node, and the flow at whose end it waits for others, if it does."""
    spec = token.task_spec
    joins = len(getattr(spec, "arriving", ())) > 1 and token.phase == ARRIVED and bool(token.flows)
    return spec.element.id, spec.process.flow_ids[token.flows[0]] if joins else None


def _alike(one: Element, other: Element) -> bool:
    return bool(one.name.strip()) and (one.kind, one.label) == (other.kind, other.label)


def _awaited(node: Node) -> tuple[Node, ...]:
    return tuple(way.target for way in node.ways) if isinstance(node, EventBased) else ()
