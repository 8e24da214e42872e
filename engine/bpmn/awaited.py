"""Checks what comes from outside and what is sent there: messages, signals and conditions, at activities and in scopes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.event_definitions import MessageEvent, SignalEvent
from engine.bpmn.findings import finding
from engine.bpmn.model import Element, Event, ProcessModel, ReceiveTask, SendTask, Value
from engine.bpmn.times import is_date, is_duration
from engine.plugins import Finding


def check_awaited(model: ProcessModel) -> Iterator[Finding]:
    """Yield messages that can't find their receiver, events that await the same at one place, and mappings without use."""
    seen: dict[tuple[object, ...], Element] = {}
    for element in model.elements.values():
        awaited = element.awaits
        if isinstance(awaited, MessageEvent):
            starts = element.kind == "startEvent" and element.parent is None
            if not starts and awaited.key is None:
                yield finding("message.no_key", element, severity="warning", name=awaited.name.text)
        if isinstance(awaited, MessageEvent | SignalEvent):
            yield from _once(model, element, awaited, seen)
        if isinstance(element, Event) and element.kind == "startEvent" and element.parent is None:
            yield from _start(element, awaited)
        if isinstance(element, SendTask) or _throws(element):
            yield from _sends(element)


def _once(
    model: ProcessModel,
    element: Element,
    awaited: MessageEvent | SignalEvent,
    seen: dict[tuple[object, ...], Element],
) -> Iterator[Finding]:
    """Find events that compete for one message: on one activity, in one scope, at the start of one process."""
    if not isinstance(element, Event) or element.kind not in ("boundaryEvent", "startEvent"):
        return
    around = model.elements.get(element.parent or "")
    place = element.attached if element.kind == "boundaryEvent" else (around.parent if around else None)
    process = element.kind == "startEvent" and around is None
    key = (element.kind, place, process, type(awaited), awaited.name.text)
    if key in seen:
        yield finding("boundary.several", element, name=seen[key].label)
    seen.setdefault(key, element)


def _start(event: Event, awaited: object) -> Iterator[Finding]:
    """A start event of a process is evaluated when it is deployed, where there are no variables."""
    name: Value | None = awaited.name if isinstance(awaited, MessageEvent | SignalEvent) else None
    if name is not None and name.expression is not None and name.expression.free_names:
        yield finding("start.dynamic_name", event, text=name.text)


def _throws(element: Element) -> bool:
    if not isinstance(element, Event) or element.awaits is not None:
        return False
    return isinstance(element.definition, MessageEvent | SignalEvent)


def _sends(element: Element) -> Iterator[Finding]:
    if element.outputs:
        yield finding("mapping.nothing_comes", element)
    message = element.message if isinstance(element, SendTask) else None
    if isinstance(element, Event) and isinstance(element.definition, MessageEvent):
        message = element.definition
    lasting = (
        message.time_to_live.literal if message is not None and message.time_to_live is not None else None
    )
    if lasting is not None and not (is_duration(lasting) or is_date(lasting)):
        yield finding("message.bad_time", element, text=lasting)


def may_follow_a_race(element: Element) -> bool:
    """Tell whether an element may follow an event-based gateway (BPMN 2.0.2, 10.6.6)."""
    return element.kind == "intermediateCatchEvent" or isinstance(element, ReceiveTask)
