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

from engine.bpmn.model import Element, Event, Flow, ServiceTask, SubProcess
from engine.errors import ExecutionError
from engine.runtime.spiff import ARRIVED, DONE, TOLD, LiveToken, Scope, ScopeSpec

if TYPE_CHECKING:
    from engine.runtime.definition import CompiledProcess
    from engine.runtime.events import Boundary
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

    #: What it is of an activity that repeats (see :class:`engine.runtime.host.Token`), empty for all else.
    part = ""

    #: The phase in which it goes on when the scope inside it is empty.
    resumes = DONE

    #: Whether its conditions are asked before the host is told that it is done.
    decides_first = False

    def __init__(self, spec: ScopeSpec, element: Element, process: CompiledProcess) -> None:
        super().__init__(spec, element.id)
        self.element = element
        self.process = process
        self.ways: tuple[Way, ...] = ()
        self.default: Way | None = None
        #: Its boundary events that wait beside it, and those that only catch what is thrown inside.
        self.boundaries: tuple[Boundary, ...] = ()
        self.catching: tuple[Boundary, ...] = ()
        self.conditional = False
        #: Whether other tokens may be armed beside its own, which must go when it does.
        self.arms = False

    def link(self, ways: Sequence[Way], boundaries: Sequence[Boundary]) -> None:
        """Connect the node with what follows it; called once, when all nodes exist."""
        self.ways = tuple(ways)
        self.boundaries = tuple(event for event in boundaries if event.element.awaits is not None)
        self.catching = tuple(event for event in boundaries if event.element.awaits is None)
        self.arms = bool(self.boundaries)
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
        """Return the flows that the token leaves by: all without a condition, and those whose condition holds.

        The default flow is taken when no condition holds (BPMN 2.0.2, 8.3.13 and 10.6.3).
        """
        if not self.conditional:
            return self.ways
        asked = [way for way in self.ways if way.flow.condition is not None and way is not self.default]
        holding = [way for way in asked if execution.holds(token, way.flow)]
        others = [way for way in self.ways if way not in asked and way is not self.default]
        if not holding and self.default is not None:
            holding = [self.default]
        if not holding and not others:
            raise ExecutionError("gateway.no_flow", self.element.id)
        return [*others, *holding]

    def tell(self, token: LiveToken, execution: Execution) -> None:
        """Tell the host that it is done."""
        execution.host.completed(token.view)

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Do what is left when the token has gone on."""

    # -- the template methods of SpiffWorkflow

    def _predict(self, *_args: Any, **_kwargs: Any) -> None:
        # Stock plants the possible future below each task; the model knows it, the state needn't carry it.
        pass

    def _update_hook(self, my_task: LiveToken) -> bool:  # noqa: ARG002
        # Stock merges the parent's data; a token has none.
        return True

    def _on_ready(self, my_task: LiveToken) -> None:
        # Stock tests the spec at each arrival; the checks did it once. The queue replaces a walk over the tree.
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
            self.tell(my_task, execution)
            my_task.phase = TOLD
        if not self.decides_first:
            my_task.leaving = self.choose(my_task, execution)
        return int(TaskState.COMPLETED)

    def _on_complete_hook(self, my_task: LiveToken) -> None:
        execution: Execution = my_task.workflow.top_workflow.execution
        if self.arms:
            execution.disarm(my_task)
        for way in my_task.leaving:
            my_task._add_child(way.target).flows = (way.index,)

    def _on_cancel(self, my_task: LiveToken) -> None:
        # Stock emits an event that nobody hears.
        pass


class Waiting(Node):
    """An activity or a catching event that waits for somebody or something outside."""

    waits = True

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Tell the host that it has arrived, arm its boundary events, and wait, unless there is nothing to wait for."""
        if execution.host.entered(token.view) is False:
            return int(TaskState.COMPLETED)
        execution.arm(token)
        return int(TaskState.STARTED)


class Step(Waiting):
    """A user task; what somebody returned with the wish to have it back goes straight back to them."""

    def choose(self, token: LiveToken, execution: Execution) -> Sequence[Way]:
        """Return the flows that the token leaves by: none where it goes straight back."""
        token.back = execution.host.detour(token.view)
        return super().choose(token, execution) if token.back is None else ()

    def _on_complete_hook(self, my_task: LiveToken) -> None:
        super()._on_complete_hook(my_task)
        if my_task.back is not None:
            my_task._add_child(self.process.nodes[my_task.back])


class Automatic(Node):
    """A script task or a decision, done by the host at once."""

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Let the host do it."""
        execution.host.perform(token.view)
        return int(TaskState.COMPLETED)


class Send(Automatic):
    """Publishes a message, or throws a signal.

    The host notes it when the node works; what awaits it in this very instance goes on once the token has left
    (BPMN 2.0.2, 10.5.7).
    """

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Let what awaits it here go on."""
        execution.host.sent(token.view)


class Service(Waiting):
    """A task with a type: done at once by a handler, or by an external worker, for whom it waits."""

    element: ServiceTask

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Let the handler do it, or wait."""
        if not execution.host.has_handler(self.element.type):
            return super().work(token, execution)
        execution.host.perform(token.view)
        return int(TaskState.COMPLETED)


class Container(Node):
    """A sub-process or a call activity: a scope of its own is open while its token waits.

    ``first`` is its start event. That of an event sub-process has happened already when the scope opens.
    ``missing`` is the called process where it isn't there, which only a play of a lone file allows.
    """

    inner: ScopeSpec
    first: Node
    missing: str | None = None
    happened = False

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Open the scope and put a token on its start event."""
        self.check_depth(token)
        if self.missing is not None:
            raise ExecutionError("call.not_there", self.element.id, process=self.missing)
        execution.host.opened(token.view)
        scope = Scope(self.inner, token)
        execution.arm(token)
        execution.arm_triggers(scope)
        execution.place(scope, self.first, DONE if self.happened else ARRIVED)
        return int(TaskState.STARTED)

    def check_depth(self, token: LiveToken) -> None:
        """Raise :class:`~engine.errors.ExecutionError` where scopes are nested too deep."""
        if token.workflow.depth >= MAX_DEPTH:
            raise ExecutionError("run.depth_limit", self.element.id, limit=MAX_DEPTH)

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Tell the host that the scope is gone."""
        execution.host.closed(token.view)


class EventSubProcess(Container):
    """A sub-process without flows that starts when its event happens in the scope around it."""

    element: SubProcess
    happened = True

    @property
    def interrupts(self) -> bool:
        """Whether its start cancels what else is open in the scope around it."""
        start = self.first.element
        return isinstance(start, Event) and start.interrupting
