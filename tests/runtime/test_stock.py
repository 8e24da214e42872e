"""Where stock SpiffWorkflow is to be trusted (sequences, exclusive and parallel blocks, sub-processes) we agree.

An upgrade of SpiffWorkflow passes here first.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tests.runtime.blocks import Drawing, several
from tests.runtime.game import Board


def compound(parts):
    return st.one_of(
        st.tuples(st.just("seq"), st.none(), several(parts)),
        st.tuples(st.just("and"), st.none(), several(parts)),
        several(parts).flatmap(
            lambda found: st.tuples(st.just("xor"), st.integers(0, len(found) - 1), st.just(found))
        ),
        st.tuples(st.just("sub"), st.none(), st.tuples(parts)),
    )


class Stock:
    """The same process in an unchanged SpiffWorkflow."""

    def __init__(self, source: bytes) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(source.replace(b">=true<", b">True<").replace(b">=false<", b">False<"))
        self.workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        self.workflow.do_engine_steps()

    def ready(self):
        return [task for task in self.workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]

    def waiting(self) -> list[str]:
        return sorted(task.task_spec.name for task in self.ready())

    def complete(self, name: str) -> None:
        next(task for task in self.ready() if task.task_spec.name == name).run()
        self.workflow.do_engine_steps()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(st.just(("task", None, ())), compound, max_leaves=6), st.data())
def test_stock_spiffworkflow_goes_the_same_way(block, data):
    source, _ = Drawing().whole(block)
    stock, ours = Stock(source), Board(source, reload=True).run()
    while ours.waiting():
        assert ours.waiting() == stock.waiting()
        name = data.draw(st.sampled_from(ours.waiting()))
        stock.complete(name)
        ours.complete(name)
    assert ours.ended
    assert stock.workflow.is_completed()
