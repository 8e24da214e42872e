"""Ways through the graph of one scope: over sequence flows, from an activity to its boundary events, over links."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.event_definitions import LinkEvent
from engine.bpmn.model import Element, Event, ProcessModel


def reaching(model: ProcessModel, flow: str, gateway: str) -> frozenset[str]:
    """Return the nodes from which a way that doesn't visit ``gateway`` leads over ``flow``.

    This is what the rule of the inclusive gateway asks (BPMN 2.0.2, 13.4.3).
    """
    found: set[str] = set()
    todo = [model.flows[flow].source]
    while todo:
        at = todo.pop()
        if at in found or at == gateway:
            continue
        found.add(at)
        todo.extend(_before(model, model.elements[at]))
    return frozenset(found)


def upstream(model: ProcessModel, element_id: str) -> frozenset[str]:
    """Return the nodes from which a way leads to a node, in its scope and in those around it; the node itself only where a
    loop leads back to it. What happens inside an upstream sub-process counts.
    """
    found: set[str] = set()
    scope: str | None = element_id
    while scope is not None:
        element = model.elements[scope]
        todo = list(_before(model, element))
        while todo:
            at = todo.pop()
            if at not in found:
                found.add(at)
                todo.extend(_before(model, model.elements[at]))
                todo.extend(child.id for child in model.children(at))
        scope = element.parent
    return frozenset(found)


def link_name(element: Element) -> str | None:
    """Return the name of a link event, None for all else."""
    definition = element.definition if isinstance(element, Event) else None
    return definition.name if isinstance(definition, LinkEvent) else None


def link_target(model: ProcessModel, thrower: Element) -> Element | None:
    """Return the catching link event that a throwing one goes on to."""
    name = link_name(thrower)
    for element in model.children(thrower.parent):
        if element.kind == "intermediateCatchEvent" and name is not None and link_name(element) == name:
            return element
    return None


def _before(model: ProcessModel, element: Element) -> Iterator[str]:
    yield from (flow.source for flow in model.incoming(element))
    if element.attached_to is not None:
        yield element.attached_to
    name = link_name(element) if element.kind == "intermediateCatchEvent" else None
    if name is not None:
        for other in model.children(element.parent):
            if other.kind == "intermediateThrowEvent" and link_name(other) == name:
                yield other.id
