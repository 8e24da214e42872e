"""The gateways: which flows a token leaves by, and when the tokens of several flows become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import ExecutionError
from engine.runtime.nodes import Node, Way
from engine.runtime.spiff import JOINED, LiveToken

if TYPE_CHECKING:
    from engine.runtime.execution import Execution


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
        if self.default is None:
            raise ExecutionError("gateway.no_flow", self.element.id)
        return (self.default,)


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


class EventBased(Node):
    """Waits for the first of the events that follow it; the others are withdrawn (BPMN 2.0.2, 13.4.4)."""

    def link(self, ways: Sequence[Way], boundaries: Sequence[Any]) -> None:
        """Connect it with its events, whose tokens are armed beside its own."""
        super().link(ways, boundaries)
        self.arms = True

    def work(self, token: LiveToken, execution: Execution) -> int:
        """Arm every event that follows."""
        for way in self.ways:
            armed = execution.place(token.workflow, way.target)
            armed.attached, armed.flows = token.id, (way.index,)
        return int(TaskState.STARTED)

    def choose(self, token: LiveToken, execution: Execution) -> Sequence[Way]:  # noqa: ARG002
        """Leave by no flow: the event that happened goes on with a token of its own."""
        return ()


def waiting_by_flow(token: LiveToken) -> dict[int, LiveToken]:
    """Return the oldest waiting token of each flow at the same join."""
    found: dict[int, LiveToken] = {}
    for other in token.workflow.live():
        if other.task_spec is token.task_spec and other._state == TaskState.WAITING:
            found.setdefault(other.flows[0], other)
    return found


def merge(token: LiveToken, partners: Iterable[LiveToken]) -> None:
    """Consume the partners; ``token`` goes on in their name."""
    flows = list(token.flows)
    for partner in list(partners):
        if partner is not token:
            flows.extend(partner.flows)
            partner.withdraw()
    token.flows = tuple(flows)
    token.phase = JOINED
