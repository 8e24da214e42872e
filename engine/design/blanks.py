"""The files that a designer begins with: a process of one step, a decision of one column, an empty form."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from engine.errors import Refused
from engine.values import dump_json

_ID = re.compile(r"[A-Za-z_][\w\-]{0,99}", re.ASCII)

_PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" \
xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="{id}_definitions" targetNamespace="http://bpmn.io/schema/bpmn" \
modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.8.0">
  <bpmn:process id="{id}" name={name} isExecutable="true">
    <bpmn:startEvent id="start" name="开始">
      <bpmn:outgoing>flow_1</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="fill" name="填报">
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:assignmentDefinition assignee="=initiator" />
      </bpmn:extensionElements>
      <bpmn:incoming>flow_1</bpmn:incoming>
      <bpmn:outgoing>flow_2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="end" name="结束">
      <bpmn:incoming>flow_2</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="flow_1" sourceRef="start" targetRef="fill" />
    <bpmn:sequenceFlow id="flow_2" sourceRef="fill" targetRef="end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{id}_diagram">
    <bpmndi:BPMNPlane id="{id}_plane" bpmnElement="{id}">
      <bpmndi:BPMNShape id="start_di" bpmnElement="start">
        <dc:Bounds x="180" y="120" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="187" y="163" width="22" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="fill_di" bpmnElement="fill">
        <dc:Bounds x="270" y="98" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_di" bpmnElement="end">
        <dc:Bounds x="430" y="120" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="437" y="163" width="22" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="flow_1_di" bpmnElement="flow_1">
        <di:waypoint x="216" y="138" />
        <di:waypoint x="270" y="138" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="flow_2_di" bpmnElement="flow_2">
        <di:waypoint x="370" y="138" />
        <di:waypoint x="430" y="138" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

_DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
id="{id}_definitions" name={name} namespace="urn:decision:{id}">
  <decision id="{id}" name={name}>
    <decisionTable id="{id}_table" hitPolicy="FIRST">
      <input id="{id}_input" label="金额">
        <inputExpression id="{id}_expression" typeRef="number">
          <text>amount</text>
        </inputExpression>
      </input>
      <output id="{id}_output" label="结果" name="result" typeRef="string" />
      <rule id="{id}_rule">
        <inputEntry id="{id}_entry">
          <text>-</text>
        </inputEntry>
        <outputEntry id="{id}_answer">
          <text>"通过"</text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram>
      <dmndi:DMNShape dmnElementRef="{id}">
        <dc:Bounds height="80" width="180" x="160" y="100" />
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""


def blank(kind: str, id: str, name: str) -> tuple[str, bytes]:
    """Return the file name and the content of a new ``bpmn``, ``dmn`` or ``form`` file.

    Raises :class:`Refused` for an id that can't be used, and for a kind that isn't known.
    """
    if not _ID.fullmatch(id):
        raise Refused("design.bad_id", id=id)
    said = (name.strip() or id)[:200]
    if kind == "form":
        content = {
            "id": id,
            "type": "default",
            "schemaVersion": 18,
            "components": [{"type": "text", "id": f"{id}_title", "text": f"# {said}"}],
        }
        return f"{id}.form", (dump_json(content) + "\n").encode()
    templates = {"bpmn": _PROCESS, "dmn": _DECISION}
    if kind not in templates:
        raise Refused("design.bad_name", file=f"{id}.{kind}")
    return f"{id}.{kind}", templates[kind].format(id=id, name=quoteattr(said)).encode()
