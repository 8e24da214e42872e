"""Checks what is thrown and what catches it: errors, escalations and cancellations, in scopes and at activities."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.bpmn.event_definitions import CancelEvent, ErrorEvent, EscalationEvent, Thrown
from engine.bpmn.findings import finding
from engine.bpmn.model import CallActivity, Element, Event, ProcessModel, SubProcess
from engine.plugins import Finding


def check_catching(model: ProcessModel, others: Collection[ProcessModel] = ()) -> Iterator[Finding]:
    """Yield events that can't catch what they say, that catch the same twice, or that nothing catches: nothing in the
    process itself, nor in those of the ``others`` that call it.
    """
    seen: dict[tuple[object, ...], Event] = {}
    for element in model.elements.values():
        if not isinstance(element, Event) or not isinstance(element.definition, Thrown):
            continue
        if element.kind in ("boundaryEvent", "startEvent"):
            yield from _catch(model, element, element.definition, seen)
        elif not _is_caught(model, element, element.definition, others, {model.id}):
            yield from _uncaught(element, element.definition)


def _catch(
    model: ProcessModel, element: Event, definition: Thrown, seen: dict[tuple[object, ...], Event]
) -> Iterator[Finding]:
    code = getattr(definition, "code", None)
    if code is not None and code.is_expression:
        yield finding("catch.dynamic_code", element)
    if not element.interrupting and not isinstance(definition, EscalationEvent):
        yield finding("catch.non_interrupting", element)
    host = model.elements.get(element.attached or "")
    if isinstance(definition, CancelEvent) and (host is None or host.kind != "transaction"):
        yield finding("cancel.misplaced", element)
    around = model.elements.get(element.parent or "")
    place = element.attached if element.kind == "boundaryEvent" else (around.parent if around else None)
    key = (element.kind, place, type(definition), None if code is None else code.text)
    if key in seen:
        yield finding("boundary.several", element, name=seen[key].label)
    seen.setdefault(key, element)


def _uncaught(element: Event, definition: Thrown) -> Iterator[Finding]:
    if isinstance(definition, CancelEvent):
        yield finding("cancel.uncaught", element)
    elif definition.code is not None and not definition.code.is_expression:
        code = "error.uncaught" if isinstance(definition, ErrorEvent) else "escalation.uncaught"
        severity = "warning" if isinstance(definition, ErrorEvent) else "info"
        yield finding(code, element, severity=severity, name=definition.code.text)


def _is_caught(
    model: ProcessModel,
    element: Element,
    definition: Thrown,
    others: Collection[ProcessModel],
    seen: set[str],
) -> bool:
    """Look outwards through the scopes of the process, then through those of its callers; ``seen`` are the processes that
    were looked through already.
    """
    inside: Element = element
    while True:
        scope = inside.parent
        if not _interrupts(model, inside) and any(
            _matches(start, definition)
            for sub in model.children(scope)
            if isinstance(sub, SubProcess)
            and sub.triggered
            and sub is not inside
            and (start := model.start(sub.id)) is not None
        ):
            return True
        if scope is None:
            return _is_caught_by_caller(model, definition, others, seen)
        if any(_matches(event, definition) for event in model.boundaries(scope)):
            return True
        inside = model.elements[scope]


def _is_caught_by_caller(
    model: ProcessModel, definition: Thrown, others: Collection[ProcessModel], seen: set[str]
) -> bool:
    if isinstance(definition, CancelEvent):
        return False
    for other in others:
        for call in other.elements.values():
            if not isinstance(call, CallActivity) or call.process_id != model.id:
                continue
            if any(_matches(event, definition) for event in other.boundaries(call.id)):
                return True
            if other.id not in seen and _is_caught(other, call, definition, others, seen | {other.id}):
                return True
    return False


def _interrupts(model: ProcessModel, element: Element) -> bool:
    """Tell whether an element is an event sub-process after whose start its scope catches nothing more."""
    if not isinstance(element, SubProcess) or not element.triggered:
        return False
    start = model.start(element.id)
    return start is not None and start.interrupting


def _matches(event: Event, thrown: Thrown) -> bool:
    if type(event.definition) is not type(thrown):
        return False
    wanted, code = getattr(event.definition, "code", None), getattr(thrown, "code", None)
    return wanted is None or (code is not None and wanted.text == code.text)
