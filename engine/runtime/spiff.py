"""Everything of SpiffWorkflow's own machinery that is replaced, each with the reason: one place for an upgrade.

SpiffWorkflow gives the state machine of a task, the template methods of task specs, and the containers for
processes and sub-processes. Nothing is monkey-patched: these are subclasses. What they change has one
purpose: a token's fate depends on live tokens only, never on the tree of finished ones, so that finished
tasks are forgotten at once and an instance costs the same in its thousandth lap as in its first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.host import Token

if TYPE_CHECKING:
    from engine.runtime.events import Trigger
    from engine.runtime.nodes import Node, Way

#: The id of the root task of every scope; Spiff wants a true value, tokens count from 1.
ROOT = -1

#: A token as a state has it: its id first, then its node, then what it does, see :mod:`engine.runtime.codec`.
Row = list[Any]

# How far a token has come at its node. What was done once is not done again when a parked token is resumed.
ARRIVED = 0  # nothing is done yet
JOINED = 1  # a join has merged it with the others
HELD = 1  # the condition that it waits for held when it was last asked
DONE = 2  # the work of the node is done
TOLD = 3  # the host has been told that it is

#: What a row of a state adds to what a token does, where it is parked.
PARKED = 16


class LiveToken(Task):
    """A token at a node: a Spiff task with an integer id, without data, logging or clock.

    ``phase`` is how far it has come, ``parked`` whether it waits for a repair, ``flows`` are the indexes of
    the flows it came by, ``leaving`` are the ways that it goes on by, and ``back`` is the element that it goes straight
    back to instead. ``attached`` is set where it is only armed: the id of the token of the activity or
    the event-based gateway beside which it waits, or ROOT where it waits in a scope for an event sub-process.
    ``loop`` are the counts of an activity that repeats, or the place of one of its items.
    """

    workflow: Process | Scope
    task_spec: Node
    triggered = False
    thread_id = 0
    last_state_change = 0.0
    phase = ARRIVED
    parked = False
    flows: tuple[int, ...] = ()
    attached = 0
    loop: tuple[int, ...] = ()
    suffices = False
    leaving: Sequence[Way] = ()
    back: str | None = None
    _seen: tuple[tuple[int, ...], Token] | None = None

    def __init__(
        self, workflow: Any, task_spec: Any, parent: Any = None, state: int = 0, id: int = 0
    ) -> None:
        # Stock builds a UUID, which costs a third of a step, and reads the clock; both are ours to decide.
        self.id = id or workflow.top_workflow.next_id()
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent = parent.id if parent is not None else None
        self._children: list[int] = []
        self._state = state
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        workflow.tasks[self.id] = self
        if self.id != ROOT:
            workflow.top_workflow.found[self.id] = self
        if parent is not None:
            parent._child_added_notify(self)

    @property
    def view(self) -> Token:
        """The token as the host sees it; nothing in it changes but the flows, which a join replaces."""
        if self._seen is None or self._seen[0] is not self.flows:
            spec = self.task_spec
            names = spec.process.flow_ids
            flows = tuple(names[flow] for flow in self.flows)
            around = self.workflow.parent_task_id or 0
            token = Token(self.id, spec.element, around, spec.process.id, flows, spec.part, self.item)
            self._seen = (self.flows, token)
        return self._seen[1]

    @property
    def item(self) -> int | None:
        """The place of the item that it belongs to, from 0, None outside of all multi-instances."""
        token = self
        while token.task_spec.part != "item":
            if not isinstance(token.workflow, Scope):
                return None
            token = token.workflow.parent_token
        return token.loop[0]

    def _set_state(self, value: int) -> None:
        # Stock builds a dictionary for the log at each change, even when nobody logs.
        self._state = value

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE) -> LiveToken:
        # Stock makes a plain Task.
        return LiveToken(self.workflow, task_spec, self, state)

    def run(self) -> bool | None:
        """Let the node work on it: it completes, or goes on waiting in the state that the node returns."""
        outcome = self.task_spec._run(self)
        if outcome == TaskState.COMPLETED:
            self.complete()
            return True
        self._set_state(outcome)
        return None

    def withdraw(self) -> None:
        """Take it out of the process without going on."""
        self._set_state(TaskState.CANCELLED)
        self.workflow.forget(self)


class _Container:
    """What a process and its scopes have in common."""

    tasks: dict[int, LiveToken]
    top_workflow: Process
    #: Tokens that nobody has looked at, as rows by their ids; only the items of a multi-instance, whose order is no matter.
    unread: dict[int, Row]
    read: Callable[[Row], LiveToken]

    def live(self) -> list[LiveToken]:
        """Return the live tokens of this scope, oldest first."""
        for token_id in list(self.unread):
            self.look_at(token_id)
        return self.looked_at()

    def looked_at(self) -> list[LiveToken]:
        """Return the live tokens but those that are unread."""
        return [token for token in self.tasks.values() if token.id != ROOT]

    def look_at(self, token_id: int) -> None:
        """Read a token that is unread."""
        self.read(self.unread.pop(token_id))

    def forget(self, token: LiveToken) -> None:
        """Drop a finished token; what follows it hangs below the root from now on."""
        root = self.tasks[ROOT]
        for child in token._children:
            self.tasks[child]._parent = ROOT
            root._children.append(child)
        token._children = []
        parent = self.tasks.get(token._parent)  # type: ignore[arg-type]
        if parent is not None and token.id in parent._children:
            parent._children.remove(token.id)
        self.tasks.pop(token.id, None)
        self.top_workflow.found.pop(token.id, None)

    def _plant(self, spec: Any) -> None:
        """Make the root; stock also predicts the future below it, which is never needed here."""
        self.task_tree = LiveToken(self, spec.start, None, TaskState.COMPLETED, ROOT)

    def _task_completed_notify(self, task: Any) -> None:
        # Stock walks the tree after each task, to find the end and to poll what waits; live tokens tell both.
        pass


class _NoScripts:
    """Stands where Spiff keeps its Python ``eval``: the host evaluates FEEL, Spiff evaluates nothing."""

    environment = None


#: What opens the scope of a token out of its rows.
Open = Callable[["LiveToken", list[Row]], None]


class Process(_Container, BpmnWorkflow):
    """The tokens of one instance: the top scope, and the queue of those that can move.

    Of hundreds of open scopes, the items of a multi-instance, a command looks into one or two. The others stay
    ``folded``, as rows of the state by the id of their token, until somebody asks for them.
    """

    _SCRIPTS = _NoScripts()

    def __init__(self, spec: Any) -> None:
        #: The live tokens of all scopes but the folded ones, by their ids.
        self.found: dict[int, LiveToken] = {}
        self.folded: dict[int, list[Row]] = {}
        self.unread = {}
        super().__init__(spec, script_engine=self._SCRIPTS, deserializing=True)
        self.last_id = 0
        self.ready: deque[LiveToken] = deque()
        self._plant(spec)

    def next_id(self) -> int:
        """Return a number that no token of this instance has had."""
        self.last_id += 1
        return self.last_id

    def fold(self, folded: dict[int, list[Row]], open: Open) -> None:
        """Take over scopes as rows, outer ones first."""
        self.folded, self._open = folded, open

    def scopes(self) -> list[Process | Scope]:
        """Return the top scope and all open ones, outer ones first."""
        for token_id in list(self.folded):
            self.inside(token_id)
        return self.unfolded()

    def unfolded(self) -> list[Process | Scope]:
        """Return the top scope and the open ones that aren't folded, outer ones first."""
        return [self, *self.subprocesses.values()]

    def inside(self, token_id: int) -> Scope | None:
        """Return the open scope of a sub-process's or a call's token; None where it has none."""
        rows = self.folded.pop(token_id, None)
        if rows is not None:
            token = self.find(token_id)
            assert token is not None, f"scope without token {token_id}"
            self._open(token, rows)
        scope: Scope | None = self.subprocesses.get(token_id)
        return scope

    def close(self, token_id: int) -> None:
        """Let the scope of a token be over, if it has one; nothing is in it any more."""
        self.folded.pop(token_id, None)
        self.subprocesses.pop(token_id, None)

    def find(self, token_id: int) -> LiveToken | None:
        """Return a live token by its id."""
        if token_id not in self.found and token_id > 0:
            scope = self._with_unread(token_id)
            if scope is not None and token_id in scope.unread:
                scope.look_at(token_id)
        return self.found.get(token_id)

    def _with_unread(self, token_id: int) -> Scope | None:
        """Return the scope of a token that nobody has looked at; it isn't folded any more."""
        scope: Scope
        for scope in self.subprocesses.values():
            if token_id in scope.unread:
                return scope
        for around, rows in self.folded.items():
            for row in rows:
                if row[0] == token_id:
                    return self.inside(around)
        return None

    @property
    def is_parked(self) -> bool:
        """Whether any token failed and waits for a repair."""
        if any(token.parked for token in self.found.values()):
            return True
        unread = (scope.unread.values() for scope in self.subprocesses.values())
        return any(row[2] >= PARKED for rows in (*unread, *self.folded.values()) for row in rows)

    def get_task_from_id(self, task_id: int) -> LiveToken:
        """Return a live token by its id, as stock does, without asking every scope to raise first."""
        token = self.find(task_id)
        if token is None:
            raise KeyError(task_id)
        return token


class Scope(_Container, BpmnSubWorkflow):
    """The tokens inside an embedded sub-process or a called process."""

    def __init__(self, spec: Any, parent: LiveToken) -> None:
        self.parent_token = parent
        self.unread = {}
        super().__init__(spec, parent.id, parent.workflow.top_workflow, deserializing=True)
        self._plant(spec)
        self.top_workflow.subprocesses[parent.id] = self

    def _calculate_depth(self) -> int:
        # Stock seeks the task of each scope around in all scopes.
        return int(self.parent_token.workflow.depth) + 1


class ScopeSpec(BpmnProcessSpec):
    """The nodes of a process or of a sub-process.

    Stock adds a start, an end and an end join whose names may be those of elements in the file, and whose
    join asks the whole tree; a scope here ends when its last token does.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.task_specs.clear()
        self.start = BpmnTaskSpec(self, "")
        self.end = None
        #: The start events of the event sub-processes in this scope.
        self.triggers: tuple[Trigger, ...] = ()
