"""Collaborations (BPMN 2.0.2, clause 9): the processes of a file run each by itself; pools and message flows document who
speaks with whom, and only messages that a process sends and awaits carry anything.
"""

import pytest

from engine.bpmn.reader import read
from tests.runtime.game import play

POOLS = """
<bpmn:collaboration id="both">
  <bpmn:participant id="unit" name="预算单位" processRef="declare"/>
  <bpmn:participant id="bureau" name="财政局" processRef="review"/>
  <bpmn:messageFlow id="paper" sourceRef="send" targetRef="look"/>
</bpmn:collaboration>
"""
PROCESS = """
<bpmn:process id="{0}" isExecutable="true">
  <bpmn:startEvent id="s-{1}"/><bpmn:task id="{1}"/><bpmn:endEvent id="e-{1}"/>
  <bpmn:sequenceFlow id="to-{1}" sourceRef="s-{1}" targetRef="{1}"/>
  <bpmn:sequenceFlow id="from-{1}" sourceRef="{1}" targetRef="e-{1}"/>
</bpmn:process>
"""
DECLARE, REVIEW = PROCESS.format("declare", "send"), PROCESS.format("review", "look")


def drawn(*processes: str) -> bytes:
    """Return the file of both pools with its processes in this order."""
    head = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">'
    return f"{head}{POOLS}{''.join(processes)}</bpmn:definitions>".encode()


def test_a_file_has_several_processes():
    models, findings = read(drawn(DECLARE, REVIEW))
    assert not [found for found in findings if found.blocks]
    assert [model.id for model in models] == ["declare", "review"]


@pytest.mark.parametrize(("first", "other", "step"), [(DECLARE, REVIEW, "send"), (REVIEW, DECLARE, "look")])
def test_each_runs_by_itself_and_a_message_flow_neither_moves_nor_stops_anything(
    first: str, other: str, step: str
):
    stage = play(drawn(first, other))
    assert stage.path == [f"s-{step}", step, f"e-{step}"]
    assert stage.ended
