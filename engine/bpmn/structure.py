"""Checks the graph of a process: starts, flows, borders of sub-processes, boundary events, links, dead
parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from engine.bpmn.event_definitions import LinkEvent
from engine.bpmn.findings import finding
from engine.bpmn.model import (
    BusinessRuleTask,
    Element,
    Event,
    Gateway,
    ProcessModel,
    ScriptTask,
    SendTask,
    SubProcess,
    Task,
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
    yield from _dead(model)


def _starts(model: ProcessModel) -> Iterator[Finding]:
    scopes: list[SubProcess | None] = [
        None,
        *(e for e in model.elements.values() if isinstance(e, SubProcess)),
    ]
    for scope in scopes:
        inside = list(model.children(scope.id if scope else None))
        starts = [element for element in inside if element.kind == "startEvent"]
        plain = [element for element in starts if isinstance(element, Event) and element.definition is None]
        if scope is not None and scope.triggered:
            if len(starts) != 1:
                yield finding("scope.one_trigger", scope, count=len(starts))
        elif not (starts if scope is None else plain):
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
        if target.kind in _NO_WAY_IN or _triggered(target) or _link(target, "intermediateCatchEvent"):
            yield finding("flow.into", target)
        if source.kind in _NO_WAY_OUT or _triggered(source) or _link(source, "intermediateThrowEvent"):
            yield finding("flow.out_of", source)


def _sinks(model: ProcessModel) -> Iterator[Finding]:
    for element in model.elements.values():
        if element.outgoing or element.kind in _NO_WAY_OUT or _triggered(element):
            continue
        if isinstance(element, Gateway):
            yield finding("gateway.no_outgoing", element)
        elif not _link(element, "intermediateThrowEvent"):
            yield finding("flow.nowhere", element, severity="warning")


def _boundaries(model: ProcessModel) -> Iterator[Finding]:
    for element in model.elements.values():
        if element.kind != "boundaryEvent" or not isinstance(element, Event):
            continue
        host = model.elements.get(element.attached or "")
        known = host is not None and host.parent == element.parent and not _triggered(host)
        if host is None or not known or not host.kind.endswith(_ACTIVITIES):
            yield finding("boundary.unattached", element)
        elif element.awaits is not None and isinstance(host, Task | ScriptTask | BusinessRuleTask | SendTask):
            yield finding("boundary.never", element, severity="warning", kind=host.kind)


def _links(model: ProcessModel) -> Iterator[Finding]:
    catches: dict[tuple[str | None, str], list[Element]] = defaultdict(list)
    for element in model.elements.values():
        if name := _link(element, "intermediateCatchEvent"):
            catches[element.parent, name].append(element)
    for (_, name), found in catches.items():
        if len(found) > 1:
            yield finding("link.several_targets", found[1], name=name, count=len(found))
    for element in model.elements.values():
        name = _link(element, "intermediateThrowEvent")
        if name and (element.parent, name) not in catches:
            yield finding("link.no_target", element, name=name)


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
        if name := _link(element, "intermediateCatchEvent"):
            targets[element.parent, name] = element.id
    reached: set[str] = set()
    todo = list(_entries(model, None))
    while todo:
        at = model.elements.get(todo.pop())
        if at is None or at.id in reached:
            continue
        reached.add(at.id)
        todo.extend(flow.target for flow in model.outgoing(at))
        todo.extend(boundaries[at.id])
        name = _link(at, "intermediateThrowEvent")
        if name and (at.parent, name) in targets:
            todo.append(targets[at.parent, name])
        todo.extend(_entries(model, at.id))
    for element in model.elements.values():
        if element.id in reached or (element.parent is not None and element.parent not in reached):
            continue
        alone = not element.incoming and element.attached_to is None and not _triggered(element)
        yield finding("element.unreachable", element, severity="error" if alone else "warning")


def _entries(model: ProcessModel, scope: str | None) -> Iterator[str]:
    """Yield where tokens may begin in a scope: its start events and its event sub-processes."""
    around = model.elements.get(scope or "")
    for element in model.children(scope):
        if element.kind == "startEvent" or _triggered(element) or not isinstance(around, SubProcess | None):
            yield element.id


def _triggered(element: Element) -> bool:
    return isinstance(element, SubProcess) and element.triggered


def _link(element: Element, kind: str) -> str | None:
    """Return the name of a link event of a kind, None for all else."""
    definition = element.definition if isinstance(element, Event) and element.kind == kind else None
    return definition.name if isinstance(definition, LinkEvent) else None
