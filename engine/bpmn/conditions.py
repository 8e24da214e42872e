"""Checks gateways, conditions and default flows: where a token could stop, or a condition be overlooked."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.awaited import may_follow_a_race
from engine.bpmn.event_definitions import LinkEvent, MessageEvent
from engine.bpmn.findings import finding
from engine.bpmn.model import Element, Event, Gateway, ProcessModel, ReceiveTask
from engine.plugins import Finding


def check_conditions(model: ProcessModel) -> Iterator[Finding]:
    """Yield what is wrong with the ways out of each element."""
    for element in model.elements.values():
        yield from _default(model, element)
        if element.kind in ("parallelGateway", "eventBasedGateway"):
            yield from _unconditional(model, element)
        elif len(element.outgoing) == 1:
            yield from _only_way(model, element)
        elif isinstance(element, Gateway):
            yield from _deciding(model, element)
        elif element.outgoing:
            yield from _splitting(model, element)


def _default(model: ProcessModel, element: Element) -> Iterator[Finding]:
    if element.default is None:
        return
    if element.default not in element.outgoing:
        yield finding("default.unknown", element, name=element.default)
        return
    if element.kind in ("parallelGateway", "eventBasedGateway") or element.kind.endswith("Event"):
        yield finding("default.misplaced", element)
    flow = model.flows[element.default]
    if flow.condition is not None:
        yield finding("condition.on_default", flow)


def _unconditional(model: ProcessModel, element: Element) -> Iterator[Finding]:
    for flow in model.outgoing(element):
        if flow.condition is not None:
            yield finding("condition.misplaced", flow)
        target = model.elements.get(flow.target)
        if element.kind == "eventBasedGateway" and target is not None:
            link = isinstance(target, Event) and isinstance(target.definition, LinkEvent)
            if not may_follow_a_race(target) or link or len(target.incoming) != 1:
                yield finding("gateway.event_target", target, name=element.label)
    if element.kind == "eventBasedGateway":
        yield from _race(model, element)
    if element.kind == "eventBasedGateway" and len(element.outgoing) == 1:
        yield finding("gateway.one_event", element)


def _race(model: ProcessModel, gateway: Element) -> Iterator[Finding]:
    """Receive tasks behind an event-based gateway have no boundary events, and no message event beside them
    (BPMN 2.0.2, 10.6.6)."""
    targets = [target for flow in model.outgoing(gateway) if (target := model.elements.get(flow.target))]
    mixed = any(isinstance(t, Event) and isinstance(t.definition, MessageEvent) for t in targets)
    for target in targets:
        if isinstance(target, ReceiveTask) and (mixed or model.boundaries(target.id) or target.loop):
            yield finding("gateway.receive_task", target, name=gateway.label)


def _only_way(model: ProcessModel, element: Element) -> Iterator[Finding]:
    (flow,) = model.outgoing(element)
    if flow.condition is not None and flow.id != element.default:
        yield finding("condition.lonely", flow)


def _deciding(model: ProcessModel, element: Gateway) -> Iterator[Finding]:
    bare = [flow for flow in model.outgoing(element) if flow.condition is None and flow.id != element.default]
    if element.kind == "exclusiveGateway":
        for flow in bare:
            yield finding("condition.missing", flow)
    if element.default is None and not bare and element.outgoing:
        yield finding("gateway.no_default", element, severity="warning")


def _splitting(model: ProcessModel, element: Element) -> Iterator[Finding]:
    """Several flows out of an activity or an event: the standard takes all, or all whose condition holds."""
    conditions = [flow.condition for flow in model.outgoing(element)]
    if any(condition is None for condition in conditions) and element.default is None:
        yield finding("split.implicit", element, severity="warning", count=len(conditions))
    elif all(condition is not None for condition in conditions):
        yield finding("gateway.no_default", element, severity="warning")
