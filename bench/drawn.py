"""A large diagram as people draw them: blocks of steps, choices and parallel steps, with every shape in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.processes import ROLE

#: The elements of a block, and how many blocks stand in a row.
BLOCK, IN_A_ROW = 10, 5
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="bench" id="{process}_definitions">'
    '<bpmn:process id="{process}" name="{process}" isExecutable="true"><bpmn:extensionElements><zeebe:properties>'
    '<zeebe:property name="inputs" value="days" /></zeebe:properties></bpmn:extensionElements>'
)
_MIDDLE = (
    '</bpmn:process><bpmndi:BPMNDiagram id="{process}_diagram">'
    '<bpmndi:BPMNPlane id="{process}_plane" bpmnElement="{process}">'
)
_TAIL = "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
_TASK = (
    '<bpmn:userTask id="{id}" name="第 {id} 步"><bpmn:extensionElements><zeebe:userTask />'
    f'<zeebe:assignmentDefinition candidateGroups="{ROLE}" />'
    '<zeebe:taskSchedule dueDate="=working days(now(), 5)" /></bpmn:extensionElements></bpmn:userTask>'
)
_WHEN = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=days &gt; 3</bpmn:conditionExpression>'


@dataclass(slots=True)
class _Drawing:
    """Elements and flows with where they stand: left edge, middle, width, height."""

    parts: list[str] = field(default_factory=list)
    places: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    flows: list[tuple[str, str, str]] = field(default_factory=list)

    def place(self, id: str, xml: str, x: int, y: int, width: int, height: int) -> str:
        self.parts.append(xml)
        self.places[id] = x, y, width, height
        return id

    def task(self, id: str, x: int, y: int) -> str:
        return self.place(id, _TASK.format(id=id), x, y, 100, 80)

    def gateway(self, id: str, kind: str, x: int, y: int, more: str = "") -> str:
        return self.place(id, f'<bpmn:{kind}Gateway id="{id}" name="{id}"{more} />', x, y, 50, 50)

    def flow(self, source: str, target: str, inside: str = "") -> str:
        id = f"{source}_{target}"
        self.parts.append(
            f'<bpmn:sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'
        )
        self.flows.append((id, source, target))
        return id

    def shapes(self) -> Iterator[str]:
        for id, (x, y, width, height) in self.places.items():
            bounds = f'<dc:Bounds x="{x}" y="{y - height // 2}" width="{width}" height="{height}" />'
            yield f'<bpmndi:BPMNShape id="{id}_di" bpmnElement="{id}">{bounds}</bpmndi:BPMNShape>'
        for id, source, target in self.flows:
            (left, at, width, _), (right, to, *_) = self.places[source], self.places[target]
            points = "".join(f'<di:waypoint x="{x}" y="{y}" />' for x, y in ((left + width, at), (right, to)))
            yield f'<bpmndi:BPMNEdge id="{id}_di" bpmnElement="{id}">{points}</bpmndi:BPMNEdge>'


def drawn(elements: int, *, process: str = "large") -> bytes:
    """Return a diagram of about ``elements`` flow nodes: blocks of ten between a start and an end."""
    drawing = _Drawing()
    before = drawing.place("start", '<bpmn:startEvent id="start" name="开始" />', 60, 200, 36, 36)
    for number in range(elements // BLOCK):
        first, last = _block(drawing, number, 150 + number % IN_A_ROW * 1000, 200 + number // IN_A_ROW * 320)
        drawing.flow(before, first)
        before = last
    end = drawing.place("end", '<bpmn:endEvent id="end" name="结束" />', 5200, 200, 36, 36)
    drawing.flow(before, end)
    text = [_HEAD.format(process=process), *drawing.parts, _MIDDLE.format(process=process)]
    return "".join([*text, *drawing.shapes(), _TAIL]).encode()


def _block(drawing: _Drawing, number: int, x: int, y: int) -> tuple[str, str]:
    """Draw a step, a choice of two steps, two steps at once, and a last step; return the first and the last."""
    name = f"b{number}"
    first = drawing.task(f"{name}_first", x, y)
    default = f' default="{name}_choice_{name}_small"'
    choice = drawing.gateway(f"{name}_choice", "exclusive", x + 150, y, default)
    large, small = (
        drawing.task(f"{name}_{which}", x + 250, y + by) for which, by in (("large", -60), ("small", 60))
    )
    chosen = drawing.gateway(f"{name}_chosen", "exclusive", x + 400, y)
    fork = drawing.gateway(f"{name}_fork", "parallel", x + 500, y)
    one, other = (
        drawing.task(f"{name}_{which}", x + 600, y + by) for which, by in (("one", -60), ("other", 60))
    )
    join = drawing.gateway(f"{name}_join", "parallel", x + 750, y)
    last = drawing.task(f"{name}_last", x + 850, y)
    drawing.flow(first, choice)
    drawing.flow(choice, large, _WHEN)
    drawing.flow(choice, small)
    for source, target in ((large, chosen), (small, chosen), (chosen, fork), (fork, one), (fork, other)):
        drawing.flow(source, target)
    for source, target in ((one, join), (other, join), (join, last)):
        drawing.flow(source, target)
    return first, last
