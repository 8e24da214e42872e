"""Executes one instance: moves its tokens until all of them wait, and asks the host for everything else."""

from __future__ import annotations

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.event_definitions import CancelEvent, ConditionalEvent, ErrorEvent, EscalationEvent, Thrown
from engine.bpmn.model import CallActivity, Event, Flow, SubProcess
from engine.errors import ExecutionError, NotFound
from engine.runtime.codec import decode, encode
from engine.runtime.definition import Definition
from engine.runtime.events import Boundary, Trigger, catcher, caught_at, is_armed_in_scope
from engine.runtime.gateways import Inclusive
from engine.runtime.host import Host, Token
from engine.runtime.nodes import Container, Node
from engine.runtime.spiff import ARRIVED, DONE, HELD, ROOT, TOLD, LiveToken, Process, Scope

#: Automatic steps in one command. A process that takes more without waiting runs in a circle.
STEP_LIMIT = 10_000

#: How many more each item of a multi-instance that begins allows, and how many there may be in all.
STEPS_PER_ITEM = 100
MAX_STEPS = 60_000


class Execution:
    """The tokens of one instance, in one command.

    ``ended`` tells that no token is left, ``terminated`` that a terminate end event or :meth:`terminate` did it.
    """

    def __init__(self, definition: Definition, process: Process, host: Host) -> None:
        self.definition = definition
        self.process = process
        self.host = host
        self.ended = False
        self.terminated = False
        self.step_limit = STEP_LIMIT
        self.undecided: set[tuple[Process | Scope, Inclusive]] = set()
        process.execution = self

    @classmethod
    def start(cls, definition: Definition, host: Host, event: str | None = None) -> Execution:
        """Begin a new instance with a token on the none start event, or on the start event ``event``, which has
        happened; :meth:`run` moves it.
        """
        process = Process(definition.process.scopes[None])
        execution = cls(definition, process, host)
        execution.arm_triggers(process)
        first = definition.process.first(None) if event is None else definition.process.nodes[event]
        execution.place(process, first)
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
                    if steps > self.step_limit:
                        raise ExecutionError(
                            "run.step_limit", token.task_spec.element.id, limit=self.step_limit
                        )
                    self._step(token)
                except ExecutionError as error:
                    token.parked = True
                    self.host.failed(token.view, error)
                if self.definition.asks_conditions:
                    self._ask_conditions()
            if self._decide():
                continue
            if not self.definition.asks_conditions or not self._ask_conditions():
                return

    def complete(self, token_id: int) -> None:
        """Finish what a waiting token waits for: a user task, an external job; :meth:`run` then moves on.

        Raises :class:`~engine.errors.NotFound` when no such token waits.
        """
        token = self._waiting(token_id)
        if token.attached:
            raise NotFound("token.none", token=token_id)
        self._finish(token)

    def fire(self, token_id: int, *, last: bool = False) -> Token:
        """Let what a token waits for happen (a time, a message, a signal, a condition); :meth:`run` then moves on.

        An interrupting boundary event cancels its activity. A non-interrupting one sends a new token on its
        way and stays armed, unless it is a timer without a cycle or this is the ``last`` time. Returns the token
        that goes on. Raises :class:`~engine.errors.NotFound` when it doesn't wait.
        """
        token = self._waiting(token_id)
        spec, beside = token.task_spec, self.process.find(token.attached)
        if isinstance(spec, Boundary | Trigger):
            timer = spec.element.timer
            once = timer is not None and timer.type != "cycle"
            if spec.element.interrupting or last or once:
                token.withdraw()
            return self.happen(beside or token.workflow, spec).view
        if beside is not None:
            token.attached = 0
            self.disarm(beside)
            self._finish(beside)
        self._finish(token)
        return token.view

    def resume(self, token_id: int) -> None:
        """Let a parked token try again, from where it stands; :meth:`run` then moves on."""
        token = self.process.find(token_id)
        if token is None or not token.parked:
            raise NotFound("token.none", token=token_id)
        token.parked = False
        self.process.ready.append(token)

    def skippable(self, token_id: int) -> bool:
        """Tell whether a parked or waiting token can count as done without its work.

        A gateway can't: nobody would know which way to go. Nor can what is armed, throws, or has done its work,
        nor an item of a multi-instance, which then is what its activity gave.
        """
        token = self.process.find(token_id)
        if token is None or token.attached or token.phase >= TOLD or token.task_spec.part == "item":
            return False
        element = token.task_spec.element
        if isinstance(element, SubProcess):
            return not element.triggered
        return isinstance(element, CallActivity) or element.kind.endswith(("task", "Task", "CatchEvent"))

    def skip(self, token_id: int) -> None:
        """Count a parked or waiting token as done, see :meth:`skippable`; :meth:`run` then moves on."""
        token = self.process.find(token_id)
        if token is None or not token.parked:
            token = self._waiting(token_id)
        token.parked = False
        self._finish(token)
        token.phase = DONE  # whatever it would have done again

    def throw_error(self, token_id: int, code: str) -> Token | None:
        """Throw a BPMN error out of a waiting or parked activity; return the token on what catches it.

        That is a boundary event, or the event sub-process that starts. None when nothing catches it: then
        nothing changes, and the caller makes it an incident.
        """
        token = self.process.find(token_id)
        if token is None or not token.parked:
            token = self._waiting(token_id)
        boundary = caught_at(token, ErrorEvent, code)
        caught = catcher(token.workflow, ErrorEvent, code) if boundary is None else (token, boundary)
        if caught is None:
            return None
        return self.happen(*caught).view

    def terminate(self) -> None:
        """End the instance at once; all that waits is cancelled."""
        self.terminate_scope(self.process)

    # -- questions

    def beside(self, token_id: int) -> list[int]:
        """Return the ids of the tokens that wait on the boundary events of a waiting token's activity."""
        return [token.id for token in self._live() if token.attached == token_id]

    def waiting(self) -> list[Token]:
        """Return the tokens that wait for somebody outside: user tasks, jobs, timers, armed events."""
        return [
            token.view
            for token in self._live()
            if token._state == TaskState.STARTED and token.task_spec.waits
        ]

    def awaits(self, token_id: int) -> Token | None:
        """Return the token with this id, if it waits for somebody outside."""
        token = self._found_waiting(token_id)
        return None if token is None else token.view

    @property
    def is_parked(self) -> bool:
        """Whether any token failed and waits for a repair."""
        return self.process.is_parked

    def parked(self) -> list[Token]:
        """Return the tokens that failed and wait for a repair."""
        return [token.view for token in self._live() if token.parked]

    def tokens(self) -> list[Token]:
        """Return all live tokens but those that are only armed: open scopes and tokens at joins too."""
        return [token.view for token in self._live() if not token.attached]

    # -- what nodes ask

    def expect_item(self) -> None:
        """Allow the steps of one more item of a multi-instance."""
        self.step_limit = min(self.step_limit + STEPS_PER_ITEM, MAX_STEPS)

    def holds(self, token: LiveToken, flow: Flow) -> bool:
        """Evaluate a flow's condition; raises :class:`~engine.errors.ExecutionError` unless it is a boolean."""
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

    def arm_triggers(self, scope: Process | Scope) -> None:
        """Put a waiting token on each event from outside that starts an event sub-process of a scope."""
        for trigger in scope.spec.triggers:
            if trigger.element.awaits is not None:
                self.place(scope, trigger).attached = ROOT

    def happen(self, at: LiveToken | Process | Scope, event: Boundary | Trigger) -> LiveToken:
        """Let an event go on: a boundary event of an activity's token, or the trigger of an event sub-process
        in a scope. What it interrupts is cancelled first. Returns the new token.
        """
        interrupting = event.element.interrupting
        if isinstance(at, LiveToken):
            scope = at.workflow
            if interrupting:
                self._cancel(at)
            return self.place(scope, event, DONE)
        if interrupting:
            for token in at.live():
                self._cancel(token)
        return self.place(at, event.starts)

    def terminate_scope(self, scope: Process | Scope) -> None:
        """Cancel everything in a scope; the scope itself ends normally for what is around it."""
        for token in scope.live():
            self._cancel(token)
        if scope is self.process:
            self.ended = self.terminated = True

    def thrown(self, token: LiveToken) -> tuple[type[Thrown], str]:
        """Return what an event throws: the kind of its definition, and the code."""
        element = token.task_spec.element
        definition = element.definition if isinstance(element, Event) else None
        if not isinstance(definition, ErrorEvent | EscalationEvent):
            return CancelEvent, ""
        code = definition.code
        if code is None or code.expression is None:
            return type(definition), "" if code is None else code.text
        value = self.host.evaluate(token.view, code.expression, what="code")
        if not isinstance(value, str):
            raise ExecutionError("error.code_not_text", element.id, value=value)
        return type(definition), value

    # -- the game

    def _step(self, token: LiveToken) -> None:
        if not token.run():
            return
        node, scope = token.task_spec, token.workflow
        scope.forget(token)
        if isinstance(node, Container):
            self.process.close(token.id)
        node.after(token, self)
        self._close_if_empty(scope)

    def _close_if_empty(self, scope: Process | Scope) -> None:
        if scope.unread:
            return
        armed = scope.live()
        if not all(is_armed_in_scope(token) for token in armed):
            return
        for token in armed:
            self._withdraw(token)
        if scope is self.process:
            self.ended = True
        elif self.process.inside(scope.parent_task_id) is not None:
            self._finish(scope.parent_token)

    def _finish(self, token: LiveToken) -> None:
        """The work of a waiting token is done: it goes on in the next :meth:`run`."""
        token.phase = token.task_spec.resumes
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

    def _ask_conditions(self) -> bool:
        """Let every event happen whose condition has become true; tell whether one did.

        One that stays armed happens again only after its condition has been false in between.
        """
        moved = False
        for token in self._live():
            awaited = token.task_spec.element.awaits
            if not isinstance(awaited, ConditionalEvent) or token._state != TaskState.STARTED:
                continue
            held, token.phase = token.phase, HELD if self.host.condition(token.view) else ARRIVED
            if token.phase == HELD and held == ARRIVED:
                self.host.happened(token.view)
                self.fire(token.id)
                moved = True
        return moved

    def _cancel(self, token: LiveToken) -> None:
        """Withdraw a token with its boundary events and all that is inside it, inner ones first."""
        if token.id not in token.workflow.tasks:
            return
        scope = self.process.inside(token.id)
        if scope is not None:
            for inner in scope.live():
                self._cancel(inner)
            self.process.close(token.id)
        if token.task_spec.arms:
            self.disarm(token)
        self._withdraw(token)

    def _withdraw(self, token: LiveToken) -> None:
        finished = token.phase == DONE and not isinstance(token.task_spec, Boundary | Trigger)
        opened = token.task_spec.part == "loop" and token.loop
        if token.parked or token._state == TaskState.STARTED or finished or opened:
            self.host.cancelled(token.view)
        token.withdraw()

    def _found_waiting(self, token_id: int) -> LiveToken | None:
        token = self.process.find(token_id)
        if token is None or token._state != TaskState.STARTED or not token.task_spec.waits:
            return None
        return token

    def _waiting(self, token_id: int) -> LiveToken:
        token = self._found_waiting(token_id)
        if token is None:
            raise NotFound("token.none", token=token_id)
        return token

    def _live(self) -> list[LiveToken]:
        return [token for scope in self.process.scopes() for token in scope.live()]
