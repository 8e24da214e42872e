"""Executes one instance: moves its tokens until all of them wait, and asks the host for everything else."""

from __future__ import annotations

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import ErrorEvent, Event, Flow
from engine.errors import ExecutionError, NotFound
from engine.runtime.codec import decode, encode
from engine.runtime.definition import Definition
from engine.runtime.host import Host, Token
from engine.runtime.nodes import Boundary, Container, Inclusive, Node, error_matches
from engine.runtime.spiff import ARRIVED, DONE, LiveToken, Process, Scope

#: Automatic steps in one command. A process that takes more without waiting runs in a circle.
STEP_LIMIT = 10_000


class Execution:
    """The tokens of one instance, in one command.

    ``ended`` tells that no token is left, ``terminated`` that a terminate end event or :meth:`terminate`
    ended it.
    """

    def __init__(self, definition: Definition, process: Process, host: Host) -> None:
        self.definition = definition
        self.process = process
        self.host = host
        self.ended = False
        self.terminated = False
        self.undecided: set[tuple[Process | Scope, Inclusive]] = set()
        process.execution = self

    @classmethod
    def start(cls, definition: Definition, host: Host) -> Execution:
        """Begin a new instance with a token on the start event; :meth:`run` moves it."""
        process = Process(definition.process.scopes[None])
        execution = cls(definition, process, host)
        execution.place(process, definition.process.first(None))
        return execution

    @classmethod
    def load(cls, definition: Definition, blob: bytes, host: Host) -> Execution:
        """Take up the instance that :meth:`dump` left."""
        process = Process(definition.process.scopes[None])
        execution = cls(definition, process, host)
        decode(blob, execution)
        return execution

    def dump(self) -> bytes:
        """Return the state: live tokens only, so that its size doesn't grow with history."""
        return encode(self)

    # -- commands

    def run(self) -> None:
        """Move tokens until every one waits, is parked or is gone."""
        steps = 0
        while True:
            while self.process.ready:
                token = self.process.ready.popleft()
                if token._state != TaskState.READY or token.parked:
                    continue
                steps += 1
                try:
                    if steps > STEP_LIMIT:
                        raise ExecutionError("run.step_limit", token.task_spec.element.id, limit=STEP_LIMIT)
                    self._step(token)
                except ExecutionError as error:
                    token.parked = True
                    self.host.failed(token.view, error)
            if not self._decide():
                return

    def complete(self, token_id: int) -> None:
        """Finish what a waiting token waits for: a user task, an external job; :meth:`run` then moves on.

        Raises :class:`~engine.errors.NotFound` when no such token waits.
        """
        token = self._waiting(token_id)
        if isinstance(token.task_spec, Boundary):
            raise NotFound("token.none", token=token_id)
        self._finish(token)

    def fire(self, token_id: int, *, last: bool = False) -> None:
        """Let a timer happen; :meth:`run` then moves on.

        An interrupting boundary event cancels its activity. A non-interrupting one sends a new token on its
        way; with a cycle it stays armed, unless this is the ``last`` time. Raises
        :class:`~engine.errors.NotFound` when it doesn't wait.
        """
        token = self._waiting(token_id)
        spec = token.task_spec
        if not isinstance(spec, Boundary):
            self._finish(token)
            return
        activity = self.process.find(token.attached)
        if spec.element.interrupting and activity is not None:
            token.withdraw()
            self.interrupt(activity, spec)
            return
        self.place(token.workflow, spec, DONE)
        timer = spec.element.timer
        if last or timer is None or timer.type != "cycle":
            token.withdraw()

    def resume(self, token_id: int) -> None:
        """Let a parked token try again, from where it stands; :meth:`run` then moves on."""
        token = self.process.find(token_id)
        if token is None or not token.parked:
            raise NotFound("token.none", token=token_id)
        token.parked = False
        self.process.ready.append(token)

    def throw_error(self, token_id: int, code: str) -> bool:
        """Throw a BPMN error out of a waiting or parked activity; tell whether something catches it.

        When nothing does, nothing changes: the caller makes it an incident.
        """
        token = self.process.find(token_id)
        if token is None or not (token.parked or token.task_spec.waits):
            raise NotFound("token.none", token=token_id)
        caught = self._catching(token, code) or self.catcher(token.workflow, code)
        if caught is None:
            return False
        self.interrupt(*caught)
        return True

    def terminate(self) -> None:
        """End the instance at once; all that waits is cancelled."""
        self.terminate_scope(self.process)

    # -- questions

    def waiting(self) -> list[Token]:
        """Return the tokens that wait for somebody outside: user tasks, jobs, timers, armed boundary
        events.
        """
        return [
            token.view
            for token in self._live()
            if token._state == TaskState.STARTED and token.task_spec.waits
        ]

    def parked(self) -> list[Token]:
        """Return the tokens that failed and wait for a repair."""
        return [token.view for token in self._live() if token.parked]

    def tokens(self) -> list[Token]:
        """Return all live tokens but armed boundary events: open scopes and tokens at joins too."""
        return [token.view for token in self._live() if not token.attached]

    # -- what nodes ask

    def holds(self, token: LiveToken, flow: Flow) -> bool:
        """Evaluate a flow's condition; raises an :class:`~engine.errors.ExecutionError` unless it is a
        boolean.
        """
        condition = flow.condition
        if condition is None or condition.expression is None:
            raise ExecutionError("condition.not_boolean", flow.source, flow=flow.id, value=None)
        value = self.host.evaluate(token.view, condition.expression, what="condition")
        if not isinstance(value, bool):
            raise ExecutionError("condition.not_boolean", flow.source, flow=flow.id, value=value)
        return value

    def place(self, scope: Process | Scope, node: Node, phase: int = ARRIVED) -> LiveToken:
        """Put a new token on a node."""
        token: LiveToken = scope.task_tree._add_child(node, TaskState.READY)
        token.phase = phase
        self.process.ready.append(token)
        return token

    def arm(self, token: LiveToken) -> None:
        """Put a waiting token on each boundary event of an activity that begins to wait."""
        for boundary in token.task_spec.boundaries:
            self.place(token.workflow, boundary).attached = token.id

    def disarm(self, activity: LiveToken) -> None:
        """Withdraw the boundary events of an activity that is over."""
        for token in activity.workflow.live():
            if token.attached == activity.id:
                self._withdraw(token)

    def interrupt(self, activity: LiveToken, event: Boundary | Node) -> None:
        """Cancel an activity with all inside it, and go on from a boundary event of it."""
        scope = activity.workflow
        self._cancel(activity)
        self.place(scope, event, DONE)

    def terminate_scope(self, scope: Process | Scope) -> None:
        """Cancel everything in a scope; the scope itself ends normally for what is around it."""
        for token in scope.live():
            self._cancel(token)
        if scope is self.process:
            self.ended = self.terminated = True

    def error_code(self, token: LiveToken) -> str:
        """Return the code of the error that an end event throws."""
        element = token.task_spec.element
        definition = element.definition if isinstance(element, Event) else None
        code = definition.code if isinstance(definition, ErrorEvent) else None
        if code is None or code.expression is None:
            return code.text if code is not None else ""
        value = self.host.evaluate(token.view, code.expression, what="errorCode")
        if not isinstance(value, str):
            raise ExecutionError("error.code_not_text", element.id, value=value)
        return value

    def catcher(self, scope: Process | Scope, code: str) -> tuple[LiveToken, Node] | None:
        """Return the nearest activity around a scope that catches an error, with the boundary event that
        does.
        """
        while isinstance(scope, Scope):
            found = self._catching(scope.parent_token, code)
            if found is not None:
                return found
            scope = scope.parent_token.workflow
        return None

    # -- the game

    def _step(self, token: LiveToken) -> None:
        if not token.run():
            return
        node, scope = token.task_spec, token.workflow
        scope.forget(token)
        if isinstance(node, Container):
            self.process.subprocesses.pop(token.id, None)
        node.after(token, self)
        self._close_if_empty(scope)

    def _close_if_empty(self, scope: Process | Scope) -> None:
        if len(scope.tasks) > 1:
            return
        if scope is self.process:
            self.ended = True
        elif scope.parent_task_id in self.process.subprocesses:
            self._finish(scope.parent_token)

    def _finish(self, token: LiveToken) -> None:
        """The work of a waiting token is done: it goes on in the next :meth:`run`."""
        token.phase = DONE
        token._set_state(TaskState.READY)
        self.process.ready.append(token)

    def _decide(self) -> bool:
        """Ask the inclusive joins that have waiting tokens; tell whether one of them went on."""
        moved = False
        for scope, join in list(self.undecided):
            token = join.decide(scope)
            if token is not None:
                token._set_state(TaskState.READY)
                self.process.ready.append(token)
                moved = True
        return moved

    def _catching(self, activity: LiveToken, code: str) -> tuple[LiveToken, Node] | None:
        """Return an activity with its boundary event for ``code``: the one that names it before the one for
        all.
        """
        process = activity.task_spec.process
        events = [
            event
            for event in process.model.boundaries(activity.task_spec.element.id)
            if error_matches(event, code)
        ]
        events.sort(
            key=lambda event: isinstance(event.definition, ErrorEvent) and event.definition.code is None
        )
        return (activity, process.nodes[events[0].id]) if events else None

    def _cancel(self, token: LiveToken) -> None:
        """Withdraw a token with its boundary events and all that is inside it, inner ones first."""
        if token.id not in token.workflow.tasks:
            return
        scope = self.process.subprocesses.get(token.id)
        if scope is not None:
            for inner in scope.live():
                self._cancel(inner)
            del self.process.subprocesses[token.id]
        if token.task_spec.boundaries:
            self.disarm(token)
        self._withdraw(token)

    def _withdraw(self, token: LiveToken) -> None:
        finished = token.phase == DONE and not isinstance(token.task_spec, Boundary)
        if token.parked or token._state == TaskState.STARTED or finished:
            self.host.cancelled(token.view)
        token.withdraw()

    def _waiting(self, token_id: int) -> LiveToken:
        token = self.process.find(token_id)
        if token is None or token._state != TaskState.STARTED or not token.task_spec.waits:
            raise NotFound("token.none", token=token_id)
        return token

    def _live(self) -> list[LiveToken]:
        return [token for scope in self.process.scopes() for token in scope.live()]
