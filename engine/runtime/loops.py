"""Activities that repeat: the token of the activity holds a scope of its own, in which each run is a token.

What flows and boundary events belong to is the activity as a whole: it completes once, when all runs are over.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import feel
from engine.bpmn.model import Element, MultiInstance, StandardLoop, UserTask, Value
from engine.errors import ExecutionError
from engine.runtime.nodes import Container
from engine.runtime.spiff import ARRIVED, LiveToken, Process, Scope

if TYPE_CHECKING:
    from engine.runtime.execution import Execution

#: Items that one activity may run over. Work on more is an instance each.
MAX_ITEMS = 500


def repeats(element: Element) -> bool:
    """Tell whether an activity runs in a scope of its own, again and again.

    A user task for many items doesn't: it is one token with a work item for each.
    """
    return isinstance(element.loop, StandardLoop) or (
        isinstance(element.loop, MultiInstance) and not isinstance(element, UserTask)
    )


def run_of(element_id: str) -> str:
    """Return the id of the single run of an activity that repeats; no element of a file can have it."""
    return f"{element_id}*"


def item_of(element_id: str) -> str:
    """Return the id of the item of a multi-instance activity; no element of a file can have it."""
    return f"{element_id}**"


class Again(Container):
    """A standard loop: one run after the other (BPMN 2.0.2, 13.3.6). ``token.loop`` is how many have begun."""

    part = "loop"
    resumes = ARRIVED
    repeat: StandardLoop

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Begin the first or the next run, or be done."""
        loop = self.repeat
        if not token.loop:
            self.check_depth(token)
            execution.host.repeats(token.view, 0)
            self._count(token, 0, execution)
        (runs,) = token.loop
        asked = loop.condition if runs or loop.test_before else None
        if runs == loop.maximum or (asked and not _holds(token, asked, "loopCondition", execution)):
            return int(TaskState.COMPLETED)
        scope = execution.process.inside(token.id)
        if scope is None:
            scope = Scope(self.inner, token)
            execution.arm(token)
        self._count(token, runs + 1, execution)
        execution.place(scope, self.first)
        return int(TaskState.STARTED)

    def _count(self, token: LiveToken, runs: int, execution: Execution) -> None:
        token.loop = (runs,)
        execution.host.counted(token.view, {"loopCounter": runs})


class Many(Container):
    """A multi-instance activity: one :class:`Item` for each item (BPMN 2.0.2, 13.3.7).

    ``token.loop`` tells how many items there are, have begun and have completed.
    """

    part = "loop"
    repeat: MultiInstance

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Begin all items or, one after the other, the first; without any it is done."""
        self.check_depth(token)
        loop = self.repeat
        total, items = _items(token, loop, execution)
        execution.host.repeats(token.view, total, items)
        token.loop = (total, 0, 0)
        self.count(token, execution)
        if not total:
            return int(TaskState.COMPLETED)
        scope = Scope(self.inner, token)
        execution.arm(token)
        for _ in range(1 if loop.sequential else total):
            self.begin(scope, execution)
        return int(TaskState.STARTED)

    def begin(self, scope: Process | Scope, execution: Execution) -> None:
        """Begin the next item."""
        token = scope.parent_token
        total, begun, completed = token.loop
        execution.place(scope, self.first).loop = (begun,)
        token.loop = (total, begun + 1, completed)
        execution.expect_item()
        self.count(token, execution)

    def count(self, token: LiveToken, execution: Execution, *, terminated: bool = False) -> None:
        """Tell the host the counts that BPMN 2.0.2 gives a multi-instance (10.3.8)."""
        total, begun, completed = token.loop
        left = begun - completed
        counts = {
            "numberOfInstances": total,
            "numberOfActiveInstances": 0 if terminated else left,
            "numberOfCompletedInstances": completed,
            "numberOfTerminatedInstances": left if terminated else 0,
        }
        execution.host.counted(token.view, counts)


class Item(Container):
    """One item of a multi-instance activity; ``token.loop`` is its place, from 0."""

    part = "item"
    around: Many

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Open the item's scope and put a token on the activity itself."""
        execution.host.began(token.view)
        execution.place(Scope(self.inner, token), self.first)
        return int(TaskState.STARTED)

    def tell(self, token: LiveToken, execution: Execution) -> None:
        """Take over what the item gives, and ask whether that completes the activity."""
        execution.host.gathered(token.view)
        body, loop = token.workflow.parent_token, self.around.repeat
        before = body.loop
        total, begun, completed = before
        body.loop = (total, begun, completed + 1)
        self.around.count(body, execution)
        token.suffices = False
        if loop.completion is not None:
            try:
                token.suffices = _holds(token, loop.completion, "completionCondition", execution)
            except ExecutionError:
                body.loop = before
                self.around.count(body, execution)
                raise

    def after(self, token: LiveToken, execution: Execution) -> None:
        """Cancel the other items, or begin the next."""
        super().after(token, execution)
        body, loop = token.workflow.parent_token, self.around.repeat
        total, begun, _ = body.loop
        if token.suffices:
            execution.terminate_scope(token.workflow)
            self.around.count(body, execution, terminated=True)
        elif loop.sequential and begun < total:
            self.around.begin(token.workflow, execution)


def _items(token: LiveToken, loop: MultiInstance, execution: Execution) -> tuple[int, Sequence[Any] | None]:
    """Return how many items there are, and the items themselves where they come from a collection."""
    element = token.task_spec.element
    value, what = (
        (loop.collection, "inputCollection")
        if loop.collection is not None
        else (loop.cardinality, "loopCardinality")
    )
    found = feel.to_python(_evaluate(token, value, what, execution))
    if loop.collection is not None:
        if not isinstance(found, list):
            raise ExecutionError("loop.not_a_list", element.id, value=_told(found))
        count, items = len(found), found
    else:
        if not isinstance(found, Decimal) or found < 0 or found != found.to_integral_value():
            raise ExecutionError("loop.not_a_count", element.id, value=_told(found))
        count, items = int(found), None
    if count > MAX_ITEMS:
        raise ExecutionError("loop.too_many", element.id, count=count, limit=MAX_ITEMS)
    return count, items


def _holds(token: LiveToken, value: Value, what: str, execution: Execution) -> bool:
    found = _evaluate(token, value, what, execution)
    if not isinstance(found, bool):
        raise ExecutionError(
            "loop.not_boolean", token.task_spec.element.id, value=_told(feel.to_python(found))
        )
    return found


def _evaluate(token: LiveToken, value: Value | None, what: str, execution: Execution) -> Any:
    if value is None or value.expression is None:
        return None
    return execution.host.evaluate(token.view, value.expression, what=what)


def _told(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 80 else text[:79] + "…"
