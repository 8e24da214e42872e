"""Checks the graph of a process: starts, flows, borders of sub-processes, boundary events, links, dead
parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from engine.bpmn.findings import finding
from engine.bpmn.model import (
    BusinessRuleTask,
    Element,
    ErrorEvent,
    Event,
    Gateway,
    LinkEvent,
    ProcessModel,
    ScriptTask,
    SubProcess,
    Task,
    TimerEvent,
)
from engine.plugins import Finding

#: Elements that nothing may flow into, and those that nothing may flow out of.
_NO_WAY_IN = frozenset({"startEvent", "boundaryEvent"})
_NO_WAY_OUT = frozenset({"endEvent"})
_ACTIVITIES = ("Task", "task", "subProcess", "transaction", "adHocSubProcess", "callActivity")


def check_structure(model: ProcessModel) -> Iterator[Finding]:
    """Yield what is wrong with the shape of a process."""
    if not model.elements:
        yield finding("process.empty", model)
        return
    yield from _starts(model)
    yield from _flows(model)
    yield from _sinks(model)
    yield from _boundaries(model)
    yield from _links(model)
    yield from _errors(model)
    yield from _dead(model)


def _starts(model: ProcessModel) -> Iterator[Finding]:
    scopes: list[Element | None] = [None, *(e for e in model.elements.values() if isinstance(e, SubProcess))]
    for scope in scopes:
        inside = list(model.children(scope.id if scope else None))
        starts = [element for element in inside if element.kind == "startEvent"]
        plain = [element for element in starts if isinstance(element, Event) and element.definition is None]
        if not starts:
            yield finding("scope.no_start", scope or model)
        elif len(plain) > 1:
            yield finding("scope.several_starts", scope or model, count=len(plain))


def _flows(model: ProcessModel) -> Iterator[Finding]:
    for flow in model.flows.values():
        source, target = model.elements.get(flow.source), model.elements.get(flow.target)
        if source is None:
            yield finding("flow.no_source", flow, name=flow.source)
        if target is None:
            yield finding("flow.no_target", flow, name=flow.target)
        if source is None or target is None:
            continue
        if source.parent != target.parent:
            yield finding("flow.crosses", flow)
        if target.kind in _NO_WAY_IN or (_link(target) and target.kind == "intermediateCatchEvent"):
            yield finding("flow.into", target)
        if source.kind in _NO_WAY_OUT or (_link(source) and source.kind == "intermediateThrowEvent"):
            yield finding("flow.out_of", source)


def _sinks(model: ProcessModel) -> Iterator[Finding]:
    for element in model.elements.values():
        if element.outgoing or element.kind in _NO_WAY_OUT or _link(element):
            continue
        if isinstance(element, Gateway):
            yield finding("gateway.no_outgoing", element)
        else:
            yield finding("flow.nowhere", element, severity="warning")


def _boundaries(model: ProcessModel) -> Iterator[Finding]:
    seen: dict[tuple[str, object], Element] = {}
    for element in model.elements.values():
        if element.kind != "boundaryEvent" or not isinstance(element, Event):
            continue
        host = model.elements.get(element.attached or "")
        if host is None or host.parent != element.parent or not host.kind.endswith(_ACTIVITIES):
            yield finding("boundary.unattached", element)
            continue
        definition = element.definition
        if isinstance(definition, TimerEvent):
            if isinstance(host, Task | ScriptTask | BusinessRuleTask):
                yield finding("boundary.never", element, severity="warning", kind=host.kind)
        elif isinstance(definition, ErrorEvent):
            if not element.interrupting:
                yield finding("error.non_interrupting", element)
            if definition.code is not None and definition.code.is_expression:
                yield finding("error.dynamic_code", element)
            key = (host.id, None if definition.code is None else definition.code.text)
            if key in seen:
                yield finding("boundary.several", element, name=seen[key].label)
            seen.setdefault(key, element)


def _links(model: ProcessModel) -> Iterator[Finding]:
    catches: dict[tuple[str | None, str], list[Element]] = defaultdict(list)
    for element in model.elements.values():
        name = _link(element)
        if name and element.kind == "intermediateCatchEvent":
            catches[element.parent, name].append(element)
    for (_, name), found in catches.items():
        if len(found) > 1:
            yield finding("link.several_targets", found[1], name=name, count=len(found))
    for element in model.elements.values():
        name = _link(element)
        if name and element.kind == "intermediateThrowEvent" and (element.parent, name) not in catches:
            yield finding("link.no_target", element, name=name)


def _errors(model: ProcessModel) -> Iterator[Finding]:
    """Warn of an error end event whose error nothing in this file catches; a caller still may."""
    for element in model.elements.values():
        definition = element.definition if isinstance(element, Event) else None
        if element.kind != "endEvent" or not isinstance(definition, ErrorEvent) or definition.code is None:
            continue
        around, caught = element.parent, definition.code.is_expression
        while around is not None and not caught:
            caught = any(
                isinstance(event.definition, ErrorEvent)
                and (event.definition.code is None or event.definition.code.text == definition.code.text)
                for event in model.boundaries(around)
            )
            around = model.elements[around].parent
        if not caught:
            yield finding("error.uncaught", element, severity="warning", name=definition.code.text)


def _dead(model: ProcessModel) -> Iterator[Finding]:
    """Find what no token ever reaches; where a start event is drawn, nothing may start by itself
    (BPMN 2.0.2, 10.5.2)."""
    if not any(element.kind == "startEvent" for element in model.children(None)):
        return
    boundaries: dict[str, list[str]] = defaultdict(list)
    targets: dict[tuple[str | None, str], str] = {}
    for element in model.elements.values():
        if element.attached_to is not None:
            boundaries[element.attached_to].append(element.id)
        if (name := _link(element)) and element.kind == "intermediateCatchEvent":
            targets[element.parent, name] = element.id
    reached: set[str] = set()
    todo = [element.id for element in model.children(None) if element.kind == "startEvent"]
    while todo:
        at = model.elements.get(todo.pop())
        if at is None or at.id in reached:
            continue
        reached.add(at.id)
        todo.extend(flow.target for flow in model.outgoing(at))
        todo.extend(boundaries[at.id])
        if (name := _link(at)) and (at.parent, name) in targets:
            todo.append(targets[at.parent, name])
        inside = list(model.children(at.id))
        todo.extend(child.id for child in inside if child.kind == "startEvent" or at.kind != "subProcess")
    for element in model.elements.values():
        if element.id in reached or (element.parent is not None and element.parent not in reached):
            continue
        alone = not element.incoming and element.attached_to is None
        yield finding("element.unreachable", element, severity="error" if alone else "warning")


def _link(element: Element) -> str | None:
    definition = element.definition if isinstance(element, Event) else None
    return definition.name if isinstance(definition, LinkEvent) else None
