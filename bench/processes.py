"""The processes that the benchmarks run, drawn here so that a figure can be repeated from this repository alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

STEPS = 20
ROLE = "role:section_staff@S01"
#: The outcome that sends an instance of :func:`rework` round again, and the one that ends it.
AGAIN, DONE = "再来", "办结"

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="bench" id="bench_{process}">'
    '<bpmn:process id="{process}" name="{process}" isExecutable="true">'
)
_TAIL = "</bpmn:process></bpmn:definitions>"
_STEP = (
    '<bpmn:userTask id="{id}" name="{name}"><bpmn:extensionElements><zeebe:userTask />'
    '<zeebe:assignmentDefinition candidateGroups="{role}" />'
    '<zeebe:properties><zeebe:property name="outcomes" value="{outcomes}" /></zeebe:properties>'
    "</bpmn:extensionElements></bpmn:userTask>"
)
_YEAR = (
    '<bpmn:timerEventDefinition id="{id}_timer"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P365D'
    "</bpmn:timeDuration></bpmn:timerEventDefinition>"
)


def line(steps: int = STEPS, *, process: str = "line", properties: str = "") -> bytes:
    """Return a process of ``steps`` user tasks one after the other, each open to :data:`ROLE`."""
    ids = ["start", *(f"step_{number}" for number in range(1, steps + 1)), "end"]
    extension = f"<bpmn:extensionElements>{properties}</bpmn:extensionElements>" if properties else ""
    tasks = [_step(f"step_{number}", f"第 {number} 步") for number in range(1, steps + 1)]
    return _process(
        process, extension, *_ends("start", "end"), *tasks, *_flows("flow", itertools.pairwise(ids))
    )


def paged(*, process: str = "page") -> bytes:
    """Return a process of one user task with the form of a goal's declaration, open to the staff of the section ``org``."""
    step = (
        '<bpmn:userTask id="fill" name="填报"><bpmn:extensionElements><zeebe:userTask />'
        '<zeebe:formDefinition formId="goal_declaration" />'
        '<zeebe:assignmentDefinition candidateGroups="=role(&quot;section_staff&quot;, org)" />'
        '<zeebe:properties><zeebe:property name="outcomes" value="提交" />'
        '<zeebe:property name="document" value="goal" /></zeebe:properties>'
        "</bpmn:extensionElements></bpmn:userTask>"
    )
    properties = (
        '<bpmn:extensionElements><zeebe:properties><zeebe:property name="inputs" value="org, project" />'
    )
    properties += "</zeebe:properties></bpmn:extensionElements>"
    flows = _flows("flow", [("start", "fill"), ("fill", "end")])
    return _process(process, properties, *_ends("start", "end"), step, *flows)


def rework(around: str = "alone", *, process: str = "rework") -> bytes:
    """Return a process whose user task can be gone through again as often as one likes.

    ``around`` is what else is there: nothing (``alone``), a branch that waits (``beside``), an event sub-process that
    could start (``event``), or a boundary event on the sub-process that the task is in (``boundary``).
    """
    inner = _loop()
    match around:
        case "beside":
            parts = [
                *_ends("begin", "finish"),
                '<bpmn:parallelGateway id="fork" /><bpmn:parallelGateway id="join" />',
                _step("wait", "等候"),
                *_sub_process(inner),
                *_flows("way", [("begin", "fork"), ("fork", "wait"), ("wait", "join"), ("fork", "inside")]),
                *_flows("out", [("inside", "join"), ("join", "finish")]),
            ]
        case "event":
            parts = [
                *inner,
                '<bpmn:subProcess id="late" triggeredByEvent="true">'
                '<bpmn:startEvent id="late_start" isInterrupting="false">',
                _YEAR.format(id="late"),
                '</bpmn:startEvent><bpmn:endEvent id="late_end" />',
                *_flows("late_flow", [("late_start", "late_end")]),
                "</bpmn:subProcess>",
            ]
        case "boundary":
            parts = [
                *_ends("begin", "finish"),
                *_sub_process(inner),
                '<bpmn:boundaryEvent id="limit" attachedToRef="inside">',
                _YEAR.format(id="limit"),
                "</bpmn:boundaryEvent>",
                *_flows("way", [("begin", "inside"), ("inside", "finish"), ("limit", "finish")]),
            ]
        case _:
            parts = inner
    return _process(process, *parts)


def fork(branches: int, *, process: str = "wide") -> bytes:
    """Return a process with a parallel gateway of ``branches`` user tasks that all meet again."""
    steps = [f"step_{number}" for number in range(1, branches + 1)]
    flows = [
        ("start", "fork"),
        *(("fork", step) for step in steps),
        *((step, "join") for step in steps),
        ("join", "end"),
    ]
    return _process(
        process,
        *_ends("start", "end"),
        '<bpmn:parallelGateway id="fork" /><bpmn:parallelGateway id="join" />',
        *(_step(step, step) for step in steps),
        *_flows("flow", flows),
    )


def signed(mode: str, *, process: str = "signed") -> bytes:
    """Return a process of one user task that all of the variable ``people`` sign: ``all`` at once, or ``ordered``."""
    step = (
        '<bpmn:userTask id="sign" name="会签"><bpmn:extensionElements><zeebe:userTask />'
        '<zeebe:assignmentDefinition assignee="=person" />'
        '<zeebe:properties><zeebe:property name="outcomes" value="同意,不同意" /></zeebe:properties>'
        "</bpmn:extensionElements>"
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(mode == "ordered").lower()}">'
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=people" inputElement="person" />'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    )
    return _process(
        process, *_ends("start", "end"), step, *_flows("flow", [("start", "sign"), ("sign", "end")])
    )


def _loop() -> list[str]:
    return [
        *_ends("start", "end"),
        _step("step_1", "办理", f"{AGAIN},{DONE}"),
        '<bpmn:exclusiveGateway id="again" default="flow_4" />',
        *_flows("flow", [("start", "step_1"), ("step_1", "again")]),
        '<bpmn:sequenceFlow id="flow_3" sourceRef="again" targetRef="step_1"><bpmn:conditionExpression>'
        f'=outcome = "{AGAIN}"</bpmn:conditionExpression></bpmn:sequenceFlow>',
        '<bpmn:sequenceFlow id="flow_4" sourceRef="again" targetRef="end" />',
    ]


def _sub_process(inner: Iterable[str]) -> list[str]:
    return ['<bpmn:subProcess id="inside">', *inner, "</bpmn:subProcess>"]


def _ends(start: str, end: str) -> list[str]:
    return [f'<bpmn:startEvent id="{start}" />', f'<bpmn:endEvent id="{end}" />']


def _step(id: str, name: str, outcomes: str = DONE) -> str:
    return _STEP.format(id=id, name=name, role=ROLE, outcomes=outcomes)


def _flows(prefix: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f'<bpmn:sequenceFlow id="{prefix}_{number}" sourceRef="{source}" targetRef="{target}" />'
        for number, (source, target) in enumerate(pairs, 1)
    ]


def _process(process: str, *parts: str) -> bytes:
    return "".join([_HEAD.format(process=process), *parts, _TAIL]).encode()
