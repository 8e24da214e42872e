"""The processes that the benchmarks run, drawn here so that a figure can be repeated from this repository alone."""

from __future__ import annotations

import itertools

STEPS = 20
ROLE = "role:section_staff@S01"

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="bench" id="bench_{process}">'
    '<bpmn:process id="{process}" name="{process}" isExecutable="true">'
)
_STEP = (
    '<bpmn:userTask id="step_{number}" name="第 {number} 步"><bpmn:extensionElements><zeebe:userTask />'
    '<zeebe:assignmentDefinition candidateGroups="{role}" />'
    '<zeebe:properties><zeebe:property name="outcomes" value="办结" /></zeebe:properties>'
    "</bpmn:extensionElements></bpmn:userTask>"
)


def line(steps: int = STEPS, *, process: str = "line", properties: str = "") -> bytes:
    """Return a process of ``steps`` user tasks one after the other, each open to :data:`ROLE`."""
    ids = ["start", *(f"step_{number}" for number in range(1, steps + 1)), "end"]
    flows = [
        f'<bpmn:sequenceFlow id="flow_{number}" sourceRef="{source}" targetRef="{target}" />'
        for number, (source, target) in enumerate(itertools.pairwise(ids), 1)
    ]
    extension = f"<bpmn:extensionElements>{properties}</bpmn:extensionElements>" if properties else ""
    tasks = [_STEP.format(number=number, role=ROLE) for number in range(1, steps + 1)]
    return "".join(
        [
            _HEAD.format(process=process),
            extension,
            '<bpmn:startEvent id="start" />',
            *tasks,
            '<bpmn:endEvent id="end" />',
            *flows,
            "</bpmn:process></bpmn:definitions>",
        ]
    ).encode()


def rework(*, process: str = "rework") -> bytes:
    """Return a process whose only user task can be gone through again as often as one likes."""
    return "".join(
        [
            _HEAD.format(process=process),
            '<bpmn:startEvent id="start" />',
            _STEP.format(number=1, role=ROLE),
            '<bpmn:exclusiveGateway id="again" default="flow_4" /><bpmn:endEvent id="end" />',
            '<bpmn:sequenceFlow id="flow_1" sourceRef="start" targetRef="step_1" />',
            '<bpmn:sequenceFlow id="flow_2" sourceRef="step_1" targetRef="again" />',
            '<bpmn:sequenceFlow id="flow_3" sourceRef="again" targetRef="step_1"><bpmn:conditionExpression>'
            "=more</bpmn:conditionExpression></bpmn:sequenceFlow>",
            '<bpmn:sequenceFlow id="flow_4" sourceRef="again" targetRef="end" />',
            "</bpmn:process></bpmn:definitions>",
        ]
    ).encode()
