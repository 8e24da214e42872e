"""What moving one token costs without a database: ours beside the stock SpiffWorkflow serializer, CPU only."""

from __future__ import annotations

import io
from collections.abc import Callable
from time import process_time
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.measure import quantile
from bench.processes import STEPS, line, rework
from engine.bpmn.reader import read
from engine.errors import ExecutionError
from engine.runtime import Definition, Execution, Token
from engine.runtime.host import Host

LAPS = 1000


class Quiet(Host):
    """A host that answers every condition with ``more`` and keeps nothing; its other notices need no answer."""

    more = True

    def evaluate(self, token: Token, expression: Any, *, what: str) -> Any:  # noqa: ARG002
        """Go round again while :attr:`more` says so."""
        return self.more

    def has_handler(self, type: str) -> bool:  # noqa: ARG002
        """No service task is done here."""
        return False

    def failed(self, token: Token, error: ExecutionError) -> None:  # noqa: ARG002
        """A benchmark must not fail quietly."""
        raise error


def definition(source: bytes) -> Definition:
    """Compile the one process in ``source``."""
    models, findings = read(source)
    if any(found.blocks for found in findings):
        raise ValueError(findings)
    return Definition.compile(models[0], {})


def step(compiled: Definition, blob: bytes, host: Quiet) -> bytes:
    """Load, complete what waits, move on, save."""
    execution = Execution.load(compiled, blob, host)
    execution.complete(execution.waiting()[0].id)
    execution.run()
    return execution.dump()


def ours(instances: int) -> tuple[dict[str, Any], list[float]]:
    """Return the figures of load–act–save over whole instances of the line."""
    compiled, host = definition(line()), Quiet()
    sizes: list[int] = []
    seconds: list[float] = []
    for _ in range(instances):
        execution = Execution.start(compiled, host)
        execution.run()
        blob = execution.dump()
        for _ in range(STEPS):
            sizes.append(len(blob))
            blob = _timed(lambda blob=blob: step(compiled, blob, host), seconds)
    return _figures(seconds, max(sizes)), seconds


def laps(count: int) -> dict[str, Any]:
    """Return how time and size of the state change over ``count`` rounds of rework: they should not."""
    compiled, host = definition(rework()), Quiet()
    execution = Execution.start(compiled, host)
    execution.run()
    blob = execution.dump()
    first_size = len(blob)
    seconds: list[float] = []
    for _ in range(count):
        blob = _timed(lambda blob=blob: step(compiled, blob, host), seconds)
    tenth = max(1, count // 10)
    return {
        "laps": count,
        "cpu_ms": 1000 * quantile(seconds[-tenth:], 0.5),
        "first_cpu_ms": round(1000 * quantile(seconds[:tenth], 0.5), 3),
        "state_bytes": len(blob),
        "first_bytes": first_size,
    }


def stock_states() -> tuple[BpmnWorkflowSerializer, str]:
    """Return the stock serializer and the state of a fresh instance of the line."""
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(_plain(line())))
    workflow = BpmnWorkflow(parser.get_spec("line"))
    workflow.do_engine_steps()
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    return serializer, serializer.serialize_json(workflow)


def stock_step(serializer: BpmnWorkflowSerializer, state: str) -> str:
    """Load, complete what waits, move on, save: as SpiffWorkflow's own examples do."""
    workflow = serializer.deserialize_json(state)
    workflow.get_next_task(state=TaskState.READY, manual=True).run()
    workflow.do_engine_steps()
    return str(serializer.serialize_json(workflow))


def stock(instances: int) -> tuple[dict[str, Any], list[float]]:
    """Return the stock serializer's figures over whole instances of the same process."""
    serializer, fresh = stock_states()
    seconds: list[float] = []
    size = 0
    for _ in range(instances):
        state = fresh
        for _ in range(STEPS):
            size = max(size, len(state.encode()))
            state = _timed(lambda state=state: stock_step(serializer, state), seconds)
    return _figures(seconds, size), seconds


def _plain(source: bytes) -> bytes:
    """Leave the extension elements out, which the stock parser does not know."""
    root = etree.fromstring(source)
    for extension in root.findall(".//{*}extensionElements"):
        extension.getparent().remove(extension)
    return etree.tostring(root)


def _timed(act: Callable[[], Any], seconds: list[float]) -> Any:
    began = process_time()
    result = act()
    seconds.append(process_time() - began)
    return result


def _figures(seconds: list[float], size: int) -> dict[str, Any]:
    return {
        "p50_ms": 1000 * quantile(seconds, 0.5),
        "p95_ms": 1000 * quantile(seconds, 0.95),
        "p99_ms": 1000 * quantile(seconds, 0.99),
        "cpu_ms": 1000 * sum(seconds) / len(seconds),
        "state_bytes": size,
    }
