"""The events: what is armed beside an activity or in a scope, what ends a scope, and what is thrown outwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from engine.bpmn.event_definitions import CancelEvent, ErrorEvent, EscalationEvent, Thrown
from engine.bpmn.model import Event
from engine.errors import ExecutionError
from engine.runtime.nodes import EventSubProcess, Node, Waiting, Way
from engine.runtime.spiff import ROOT, LiveToken, Process, Scope

if TYPE_CHECKING:
    from engine.runtime.execution import Execution

Catching = TypeVar("Catching", "Boundary", "Trigger")


class Boundary(Waiting):
    """A boundary event: armed with its activity, it waits beside it."""

    element: Event


class Trigger(Waiting):
    """The start event of an event sub-process: armed with the scope around, it waits there."""

    element: Event
    starts: EventSubProcess


class Terminate(Node):
    """Ends its scope with everything still open in it (BPMN 2.0.2, 13.5.6)."""

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Cancel what is left."""
        execution.terminate_scope(token.workflow)


class Throw(Node):
    """Throws an error, an escalation or a cancellation to the nearest around it that catches it.

    An error or a cancellation that nothing catches stops the token before anything changes; an escalation
    that nothing catches has no effect (BPMN 2.0.2, 10.5.1 and 10.5.7).
    """

    element: Event

    def _run(self, my_task: LiveToken) -> int:
        execution: Execution = my_task.workflow.top_workflow.execution
        my_task.thrown = execution.thrown(my_task)
        if catcher(my_task.workflow, *my_task.thrown) is None and my_task.thrown[0] is not EscalationEvent:
            kind, code = my_task.thrown
            raise ExecutionError(_UNCAUGHT[kind], self.element.id, error=code)
        return super()._run(my_task)

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Let what catches it go on."""
        caught = catcher(token.workflow, *token.thrown)
        if caught is not None:
            execution.happen(*caught)


class LinkThrow(Node):
    """Goes on at the catching link event of its name in the same scope."""

    target: Node

    def link(self, ways: Sequence[Way], boundaries: Sequence[Boundary]) -> None:
        """Connect it with the catching event, which no sequence flow leads to."""
        super().link(ways, boundaries)
        self.connect(self.target)

    def _on_complete_hook(self, my_task: LiveToken) -> None:
        my_task._add_child(self.target)


_UNCAUGHT: dict[type[Thrown], str] = {ErrorEvent: "error.not_caught", CancelEvent: "cancel.not_caught"}


def catcher(
    scope: Process | Scope, kind: type[Thrown], code: str
) -> tuple[LiveToken | Process | Scope, Boundary | Trigger] | None:
    """Return what catches something thrown in ``scope``: the nearest, and there the one that names the code.

    It is a scope with a trigger in it, or an activity's token with a boundary event of it. A scope whose
    interrupting event sub-process runs already catches nothing more; what an event sub-process throws again goes on
    outside of the scope that it handles, never to itself (BPMN 2.0.2, 13.5.4).
    """
    thrower: Node | None = None
    while True:
        if not is_interrupted(scope):
            trigger = _best([one for one in scope.spec.triggers if one.starts is not thrower], kind, code)
            if trigger is not None:
                return scope, trigger
        if not isinstance(scope, Scope):
            return None
        around = scope.parent_token
        boundary = caught_at(around, kind, code)
        if boundary is not None:
            return around, boundary
        scope, thrower = around.workflow, around.task_spec


def caught_at(activity: LiveToken, kind: type[Thrown], code: str) -> Boundary | None:
    """Return the boundary event of an activity that catches something thrown in it."""
    return _best(activity.task_spec.catching, kind, code)


def is_interrupted(scope: Process | Scope) -> bool:
    """Tell whether an interrupting event sub-process runs in a scope."""
    return any(
        isinstance(token.task_spec, EventSubProcess) and token.task_spec.interrupts for token in scope.live()
    )


def is_armed_in_scope(token: LiveToken) -> bool:
    """Tell whether a token is a trigger that waits for its event sub-process to start."""
    return token.attached == ROOT


def _best(events: Sequence[Catching], kind: type[Thrown], code: str) -> Catching | None:
    """Choose the event that names the code, else the one that catches every code."""
    for_all = None
    for event in events:
        definition = event.element.definition
        if not isinstance(definition, kind):
            continue
        wanted = None if isinstance(definition, CancelEvent) else definition.code
        if wanted is None:
            for_all = for_all or event
        elif wanted.text == code:
            return event
    return for_all
