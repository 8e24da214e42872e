"""The task specs: what each kind of BPMN flow node does with a token.

A node works in phases, so that a failure never repeats what was done: its :meth:`~Node.work`, then the host
is told, then the token leaves. What waits comes back to the same place by :meth:`Execution.complete` or
:meth:`Execution.fire`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Element, ErrorEvent, Event, Flow, ServiceTask
from engine.errors import ExecutionError
from engine.runtime.spiff import DONE, JOINED, TOLD, LiveToken, Scope, ScopeSpec

if TYPE_CHECKING:
    from engine.runtime.definition import CompiledProcess
    from engine.runtime.execution import Execution

#: How deep sub-processes and calls may be nested in one instance.
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Way:
    """An outgoing flow of a node: its index in the names table, and the node that it leads to."""

    flow: Flow
    index: int
    target: Node


class Node(BpmnTaskSpec):
    """A flow node that does nothing: an undefined or manual task, a none event, a merging gateway."""

    #: Whether its token waits for somebody outside once it has worked.
    waits = False

    #: Whether its conditions are asked before the host is told that it is done.
    decides_first = False

    def __init__(self, spec: ScopeSpec, element: Element, process: CompiledProcess) -> None:
        super().__init__(spec, element.id)
        self.element = element
        self.process = process
        self.ways: tuple[Way, ...] = ()
        self.default: Way | None = None
        self.boundaries: tuple[Boundary, ...] = ()
        self.conditional = False

    def link(self, ways: Sequence[Way], boundaries: Sequence[Boundary]) -> None:
        """Connect the node with what follows it; called once, when all nodes exist."""
        self.ways = tuple(ways)
        self.boundaries = tuple(boundaries)
        for way in self.ways:
            self.connect(way.target)
            if way.flow.id == self.element.default:
                self.default = way
        self.conditional = self.default is not None or any(way.flow.condition for way in self.ways)

    # -- what a kind of node changes

    def work(self, token: LiveToken, execution: Execution) -> int:  # noqa: ARG002
        """Do what the node does; return COMPLETED, or the state in which the token waits."""
        return int(TaskState.COMPLETED)

    def choose(self, token: LiveToken, execution: Execution) -> Sequence[Way]:
        """Return the flows that the token leaves by: all without a condition, and those whose condition
        holds.

        A default flow is taken when no condition holds (BPMN 2.0.2, 8.3.13 and 10.6.3).
        """
        if not self.conditional:
            return self.ways
        chosen = [
            way
            for way in self.ways
            if way is not self.default and (way.flow.condition is None or execution.holds(token, way.flow))
        ]
        return self._or_default(chosen)

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Do what is left when the token has gone on."""

    # -- the template methods of SpiffWorkflow

    def _predict(self, *_args: Any, **_kwargs: Any) -> None:
        # Stock plants the possible future below each task; the model knows it, and the state needn't carry
        # it.
        pass

    def _update_hook(self, my_task: LiveToken) -> bool:  # noqa: ARG002
        # Stock merges the parent's data; a token has none.
        return True

    def _on_ready(self, my_task: LiveToken) -> None:
        # Stock tests the spec at each arrival; the checks have done it once. The queue replaces a walk over
        # the tree.
        my_task.workflow.top_workflow.ready.append(my_task)

    def _run(self, my_task: LiveToken) -> int:
        # Stock turns every exception into the state ERROR, which nothing leads out of.
        execution: Execution = my_task.workflow.top_workflow.execution
        if my_task.phase < DONE:
            state = self.work(my_task, execution)
            if state != TaskState.COMPLETED:
                return state
            my_task.phase = DONE
        # A gateway asks its conditions before anybody is told; an activity maps its outputs first.
        if self.decides_first:
            my_task.leaving = self.choose(my_task, execution)
        if my_task.phase < TOLD:
            execution.host.completed(my_task.view)
            my_task.phase = TOLD
        if not self.decides_first:
            my_task.leaving = self.choose(my_task, execution)
        return int(TaskState.COMPLETED)

    def _on_complete_hook(self, my_task: LiveToken) -> None:
        execution: Execution = my_task.workflow.top_workflow.execution
        if self.boundaries:
            execution.disarm(my_task)
        for way in my_task.leaving:
            my_task._add_child(way.target).flows = (way.index,)

    def _on_cancel(self, my_task: LiveToken) -> None:
        # Stock emits an event that nobody hears.
        pass

    def _or_default(self, chosen: Sequence[Way]) -> Sequence[Way]:
        if chosen:
            return chosen
        if self.default is None:
            raise ExecutionError("gateway.no_flow", self.element.id)
        return (self.default,)


class Waiting(Node):
    """A user task, or a catching event that waits for its time."""

    waits = True

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Tell the host that it has arrived, arm its boundary events, and wait."""
        execution.host.entered(token.view)
        execution.arm(token)
        return int(TaskState.STARTED)


class Automatic(Node):
    """A script task or a decision, done by the host at once."""

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Let the host do it."""
        execution.host.perform(token.view)
        return int(TaskState.COMPLETED)


class Service(Waiting):
    """A task with a type: done at once by a handler, or by an external worker, for whom it waits."""

    element: ServiceTask

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Let the handler do it, or wait."""
        if not execution.host.has_handler(self.element.type):
            return super().work(token, execution)
        execution.host.perform(token.view)
        return int(TaskState.COMPLETED)


class Boundary(Waiting):
    """A boundary event: armed with its activity, it waits beside it."""

    element: Event


class Container(Node):
    """An embedded sub-process or a call activity: a scope of its own is open while its token waits."""

    inner: ScopeSpec
    first: Node

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Open the scope and put a token on its start event."""
        if token.workflow.depth >= MAX_DEPTH:
            raise ExecutionError("run.depth_limit", self.element.id, limit=MAX_DEPTH)
        execution.host.opened(token.view)
        scope = Scope(self.inner, token)
        execution.arm(token)
        execution.place(scope, self.first)
        return int(TaskState.STARTED)

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Tell the host that the scope is gone."""
        execution.host.closed(token.view)


class Exclusive(Node):
    """Takes the first flow whose condition holds, else the default (BPMN 2.0.2, 13.4.2)."""

    decides_first = True

    def choose(self, token: LiveToken, execution: Execution) -> Sequence[Way]:
        """Ask the conditions in the order of the file until one holds."""
        if len(self.ways) == 1:
            return self.ways
        for way in self.ways:
            if way is not self.default and (way.flow.condition is None or execution.holds(token, way.flow)):
                return (way,)
        return self._or_default(())


class Parallel(Node):
    """Waits for a token on each incoming flow, then leaves by each outgoing one (BPMN 2.0.2, 13.4.1).

    Tokens in excess on a flow stay for the next time.
    """

    arriving: frozenset[int]

    def work(self, token: LiveToken, execution: Execution) -> int:  # noqa: ARG002
        """Merge with one waiting token of each other flow, or wait for them."""
        if len(self.arriving) < 2 or token.phase == JOINED:
            return int(TaskState.COMPLETED)
        partners = waiting_by_flow(token)
        partners[token.flows[0]] = token
        if len(partners) < len(self.arriving):
            return int(TaskState.WAITING)
        merge(token, partners.values())
        return int(TaskState.COMPLETED)


class Inclusive(Node):
    """Waits as long as a token elsewhere may still come, then leaves by each flow whose condition holds.

    The rule is that of BPMN 2.0.2, 13.4.3: with tokens on some incoming flows, it goes on unless a token
    elsewhere in the scope has a path to an empty incoming flow and none to one that has a token already
    (paths don't visit the gateway). ``reach`` gives, for each incoming flow, the ids of the nodes that have a
    path to it. A boundary event is a way on from its activity.
    """

    decides_first = True
    arriving: frozenset[int]
    reach: dict[int, frozenset[str]]

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Wait until nothing else moves; only then it can be said what may still come."""
        if len(self.arriving) < 2 or token.phase == JOINED:
            return int(TaskState.COMPLETED)
        execution.undecided.add((token.workflow, self))
        return int(TaskState.WAITING)

    def decide(self, scope: Any) -> LiveToken | None:
        """Merge the tokens that wait here, if nothing more may come, and return the one that goes on."""
        waiting: dict[int, LiveToken] = {}
        elsewhere: set[str] = set()
        for token in scope.live():
            if token.task_spec is self and token._state == TaskState.WAITING:
                waiting.setdefault(token.flows[0], token)
            elif token.task_spec is not self and not token.attached:
                elsewhere.add(token.task_spec.element.id)
        if not waiting:
            return None
        may_fill = set().union(*(self.reach[flow] for flow in self.arriving - waiting.keys()))
        already = set().union(*(self.reach[flow] for flow in waiting))
        if elsewhere & may_fill - already:
            return None
        first = next(iter(waiting.values()))
        merge(first, waiting.values())
        return first


class End(Node):
    """A none end event: the token is consumed."""


class Terminate(Node):
    """Ends its scope with everything still open in it (BPMN 2.0.2, 13.5.6)."""

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Cancel what is left."""
        execution.terminate_scope(token.workflow)


class ErrorEnd(Node):
    """Throws an error to the nearest boundary event around it that catches it (BPMN 2.0.2, 10.5.6)."""

    element: Event

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Find who catches it before anything changes."""
        code = execution.error_code(token)
        if execution.catcher(token.workflow, code) is None:
            raise ExecutionError("error.not_caught", self.element.id, error=code)
        return int(TaskState.COMPLETED)

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Cancel the activity that catches it, and go on from its boundary event."""
        caught = execution.catcher(token.workflow, execution.error_code(token))
        if caught is not None:
            execution.interrupt(*caught)


class LinkThrow(Node):
    """Goes on at the catching link event of its name in the same scope."""

    target: Node

    def link(self, ways: Sequence[Way], boundaries: Sequence[Boundary]) -> None:
        """Connect it with the catching event, which no sequence flow leads to."""
        super().link(ways, boundaries)
        self.connect(self.target)

    def _on_complete_hook(self, my_task: LiveToken) -> None:
        my_task._add_child(self.target)


def waiting_by_flow(token: LiveToken) -> dict[int, LiveToken]:
    """Return the oldest waiting token of each flow at the same join."""
    found: dict[int, LiveToken] = {}
    for other in token.workflow.live():
        if other.task_spec is token.task_spec and other._state == TaskState.WAITING:
            found.setdefault(other.flows[0], other)
    return found


def merge(token: LiveToken, partners: Any) -> None:
    """Consume the partners; ``token`` goes on in their name."""
    flows = list(token.flows)
    for partner in list(partners):
        if partner is not token:
            flows.extend(partner.flows)
            partner.withdraw()
    token.flows = tuple(flows)
    token.phase = JOINED


def error_matches(event: Event, code: str) -> bool:
    """Tell whether a boundary event catches the error ``code``."""
    definition = event.definition
    return isinstance(definition, ErrorEvent) and (definition.code is None or definition.code.text == code)
