"""Makes the element of each kind of BPMN flow node from its XML, and refuses what has no right meaning
here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.bpmn.embedded import embedded_form
from engine.bpmn.events import event
from engine.bpmn.extensions import Extensions
from engine.bpmn.findings import finding
from engine.bpmn.messaging import caught_message, thrown_message
from engine.bpmn.model import (
    DEFAULT_REJECTS,
    BusinessRuleTask,
    CallActivity,
    Element,
    Gateway,
    ReceiveTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    SubProcess,
    Task,
    UserTask,
    Value,
)
from engine.bpmn.reading import Reading
from engine.bpmn.returns import returning_of
from engine.bpmn.signatures import abstains_of, signing_of
from engine.bpmn.values import constant, names_list
from engine.bpmn.xml import BPMN, local_name, namespace

#: Flow nodes of the standard that are refused by name, and with which advice.
UNSUPPORTED = {
    "complexGateway": "complex.unsupported",
    "adHocSubProcess": "adhoc.unsupported",
    "callChoreography": "element.unsupported",
    "choreographyTask": "element.unsupported",
    "subChoreography": "element.unsupported",
    "implicitThrowEvent": "element.unsupported",
}

#: The property of a service task that says how long its job rests after a failure.
RETRY_BACKOFF = "retry-backoff"


def node(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element:
    """Return the element of a flow node.

    ``common`` has the attributes that every element has. An element that can't be run comes back as a plain
    :class:`Element` so that the checks of the graph still see it; the finding that refuses it is in
    ``reading``.
    """
    plain = Element(**common)
    _refuse_markers(xml, plain, reading)
    make = _MAKERS.get(local_name(xml))
    made = make(xml, common, reading) if make is not None else None
    if make is None:
        reading.findings.append(finding(UNSUPPORTED[plain.kind], plain, kind=plain.kind))
    return made if made is not None else plain


def is_flow_node(xml: etree._Element) -> bool:
    """Tell whether a child of a process is a flow node."""
    return namespace(xml) == BPMN and (local_name(xml) in _MAKERS or local_name(xml) in UNSUPPORTED)


def _refuse_markers(xml: etree._Element, at: Element, reading: Reading) -> None:
    """Refuse what changes how often or when an activity runs."""
    if xml.get("isForCompensation") == "true":
        reading.findings.append(finding("compensation.unsupported", at))
    for attribute in ("startQuantity", "completionQuantity"):
        if xml.get(attribute) not in (None, "1"):
            reading.findings.append(finding("marker.unsupported", at, kind=attribute))


def _gateway(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element:
    gateway = Gateway(**common)
    if xml.get("instantiate") == "true" or xml.get("eventGatewayType") == "Parallel":
        reading.findings.append(finding("gateway.instantiating", gateway))
    return gateway


def _throwing_event(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    """Read an event; a message that is sent by a job is a service task (Camunda 8's throw and end events)."""
    sends = xml.find(f"{{{BPMN}}}messageEventDefinition") is not None
    if sends and Extensions(xml).find("taskDefinition") is not None:
        return _service_task(xml, common, reading)
    return event(xml, common, reading)


def _task(_xml: etree._Element, common: dict[str, Any], _reading: Reading) -> Element:
    return Task(**common)


#: Who may be named by a user task itself.
ASSIGNMENTS = ("assignee", "candidateGroups", "candidateUsers")


def _user_task(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element:
    at = Element(**common)
    extensions, properties, values = Extensions(xml), common["properties"], reading.values

    def attribute(tag: str, name: str) -> Value | None:
        return values.value(extensions.attribute(tag, name), at, name)

    def expression(name: str) -> Value | None:
        return values.feel(properties.get(name), at, name)

    form = extensions.find("formDefinition")
    form_id = extensions.attribute("formDefinition", "formId") or embedded_form(extensions)
    if form is not None and form_id is None:
        reading.findings.append(finding("form.not_linked", at))
    elif form_id is not None and form_id.startswith("="):
        reading.findings.append(finding("form.dynamic", at, text=form_id))
    _binding(extensions, "formDefinition", at, reading)
    named = [extensions.attribute("assignmentDefinition", name) for name in ASSIGNMENTS]
    groups = extensions.attribute("assignmentDefinition", "candidateGroups")
    lane = reading.by_lane.get(at.id)
    if lane is not None and not any(named):
        groups = lane
        reading.findings.append(finding("task.by_lane", at, severity="info", who=lane))
    outcomes = names_list(properties.get("outcomes"))
    rejects = names_list(properties.get("rejects")) or tuple(
        name for name in DEFAULT_REJECTS if not outcomes or name in outcomes
    )
    return UserTask(
        **common,
        assignee=attribute("assignmentDefinition", "assignee"),
        candidate_groups=values.value(groups, at, "candidateGroups"),
        candidate_users=attribute("assignmentDefinition", "candidateUsers"),
        form_id=form_id,
        due=attribute("taskSchedule", "dueDate"),
        follow_up=attribute("taskSchedule", "followUpDate"),
        priority=attribute("priorityDefinition", "priority"),
        outcomes=outcomes,
        rejects=rejects,
        document=properties.get("document", "").strip() or None,
        shows=names_list(properties.get("shows")),
        entrusts=names_list(properties.get("entrusts")),
        audience=expression("audience"),
        opinion_audience=expression("opinion-audience"),
        without_form=names_list(properties.get("without-form")),
        needs_opinion=names_list(properties.get("needs-opinion"))
        if "needs-opinion" in properties
        else rejects,
        needs_pins=names_list(properties.get("needs-pins")),
        pins=properties.get("pins", "").strip() or None,
        editable=properties.get("editable", "").strip() or None,
        drafters=expression("drafters"),
        # A step of a calling process is written ``process#step``.
        separate_from=tuple(one.rpartition("#")[2] for one in names_list(properties.get("separate-from"))),
        abstains=abstains_of(at, outcomes),
        cc=expression("cc"),
        deadline_owner=expression("deadline-owner"),
        paper=expression("paper"),
        bulk=properties.get("bulk", "").strip() or "yes",
        on_empty=values.value(properties.get("on-empty"), at, "on-empty"),
        on_initiator=values.value(properties.get("on-initiator"), at, "on-initiator"),
        on_repeat=values.value(properties.get("on-repeat"), at, "on-repeat"),
        on_separated=values.value(properties.get("on-separated"), at, "on-separated"),
        urgent_after=values.value(properties.get("urgent-after"), at, "urgent-after"),
        receipt_due=values.value(properties.get("receipt-due"), at, "receipt-due"),
        signing=signing_of(at, common["loop"], values),
        returning=returning_of(properties),
    )


def _service_task(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    at = Element(**common)
    extensions = Extensions(xml)
    kind = extensions.attribute("taskDefinition", "type")
    if kind is None:
        reading.findings.append(finding("service.no_type", at))
        return None
    dynamic = reading.values.value(kind, at, "type") if kind.startswith("=") else None
    retries = reading.values.value(extensions.attribute("taskDefinition", "retries"), at, "retries")
    backoff = reading.values.value(common["properties"].get(RETRY_BACKOFF), at, RETRY_BACKOFF)
    irreversible = common["properties"].get("irreversible", "").strip() == "yes"
    return ServiceTask(
        **common,
        type=kind,
        type_expression=dynamic,
        retries=retries,
        backoff=backoff,
        irreversible=irreversible,
    )


def _send_task(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    at = Element(**common)
    if Extensions(xml).find("taskDefinition") is not None or xml.get("messageRef") is None:
        return _service_task(xml, common, reading)
    message = thrown_message(xml.get("messageRef"), at, reading, xml)
    return None if message is None else SendTask(**common, message=message)


def _receive_task(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    at = Element(**common)
    if xml.get("instantiate") == "true":
        reading.findings.append(finding("receive.instantiating", at))
    message = caught_message(xml.get("messageRef"), at, reading)
    return None if message is None else ReceiveTask(**common, message=message)


def _script_task(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    at = Element(**common)
    extensions = Extensions(xml)
    if extensions.find("taskDefinition") is not None:
        return _service_task(xml, common, reading)
    expression = reading.values.feel(extensions.attribute("script", "expression"), at, "script")
    variable = extensions.attribute("script", "resultVariable")
    if expression is None or variable is None:
        reading.findings.append(finding("script.incomplete", at))
        return None
    return ScriptTask(**common, expression=expression, result_variable=variable)


def _business_rule_task(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    at = Element(**common)
    extensions = Extensions(xml)
    if extensions.find("taskDefinition") is not None:
        return _service_task(xml, common, reading)
    decision = extensions.attribute("calledDecision", "decisionId")
    variable = extensions.attribute("calledDecision", "resultVariable")
    if decision is None or variable is None:
        reading.findings.append(finding("decision.incomplete", at))
        return None
    decision = constant(decision)
    if decision.startswith("="):
        reading.findings.append(finding("decision.dynamic", at, text=decision))
    _binding(extensions, "calledDecision", at, reading)
    return BusinessRuleTask(**common, decision_id=decision, result_variable=variable)


def _sub_process(_xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element:
    return SubProcess(**common, triggered=common["id"] in reading.triggered)


def _call_activity(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    at = Element(**common)
    extensions = Extensions(xml)
    process = constant(
        extensions.attribute("calledElement", "processId") or (xml.get("calledElement") or "").split(":")[-1]
    )
    if not process:
        reading.findings.append(finding("call.no_process", at))
        return None
    if process.startswith("="):
        reading.findings.append(finding("call.dynamic", at, text=process))
    _binding(extensions, "calledElement", at, reading)
    return CallActivity(
        **common,
        process_id=process,
        propagate_parent=extensions.attribute("calledElement", "propagateAllParentVariables") != "false",
        propagate_child=extensions.attribute("calledElement", "propagateAllChildVariables") != "false",
    )


def _binding(extensions: Extensions, tag: str, at: Element, reading: Reading) -> None:
    """Refuse a reference by version tag: what belongs together is bound when it is deployed together."""
    if extensions.attribute(tag, "bindingType") == "versionTag":
        reading.findings.append(finding("binding.version_tag", at, name=f"zeebe:{tag}"))


_MAKERS: dict[str, Callable[[etree._Element, dict[str, Any], Reading], Element | None]] = {
    "task": _task,
    "manualTask": _task,
    "userTask": _user_task,
    "serviceTask": _service_task,
    "sendTask": _send_task,
    "receiveTask": _receive_task,
    "scriptTask": _script_task,
    "businessRuleTask": _business_rule_task,
    "subProcess": _sub_process,
    "transaction": _sub_process,
    "callActivity": _call_activity,
    "exclusiveGateway": _gateway,
    "parallelGateway": _gateway,
    "inclusiveGateway": _gateway,
    "eventBasedGateway": _gateway,
    "startEvent": event,
    "endEvent": _throwing_event,
    "intermediateCatchEvent": event,
    "intermediateThrowEvent": _throwing_event,
    "boundaryEvent": event,
}
