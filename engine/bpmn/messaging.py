"""Reads which message an event or a task sends or awaits, and by which key it finds its receiver."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.event_definitions import MessageEvent, SignalEvent
from engine.bpmn.extensions import Extensions
from engine.bpmn.findings import finding
from engine.bpmn.model import Element, Value
from engine.bpmn.reading import Reading


def caught_message(reference: str | None, at: Element, reading: Reading) -> MessageEvent | None:
    """Return the message that an event or a receive task waits for; None where the finding says what is wrong.

    A start event of a process has no key: any message of its name starts an instance.
    """
    name, root = _named(reference, "message", at, reading)
    if name is None or root is None:
        return None
    if at.kind == "startEvent" and at.parent is None:
        return MessageEvent(name)
    return MessageEvent(name, _subscribed(root, at, reading))


def thrown_message(
    reference: str | None, at: Element, reading: Reading, *places: etree._Element | None
) -> MessageEvent | None:
    """Return the message that an event or a send task publishes; None where the finding says what is wrong.

    The key is in a ``zeebe:publishMessage`` of one of ``places`` (the task; the event's definition, the event), or in the
    property ``correlation-key``; without either it is that by which the message is awaited. The id and the time to live
    are found in the same two ways.
    """
    name, root = _named(reference, "message", at, reading)
    if name is None or root is None:
        return None

    def value(attribute: str, property: str) -> Value | None:
        known = [
            Extensions(place).attribute("publishMessage", attribute) for place in places if place is not None
        ]
        found = next((text for text in known if text is not None), at.properties.get(property))
        return reading.values.value(found, at, property)

    return MessageEvent(
        name,
        value("correlationKey", "correlation-key") or _subscribed(root, at, reading),
        value("messageId", "message-id"),
        value("timeToLive", "time-to-live"),
    )


def signal(reference: str | None, at: Element, reading: Reading) -> SignalEvent | None:
    """Return the signal that an event throws or waits for; None where the finding says what is wrong."""
    name, _ = _named(reference, "signal", at, reading)
    return None if name is None else SignalEvent(name)


def _named(
    reference: str | None, tag: str, at: Element, reading: Reading
) -> tuple[Value | None, etree._Element | None]:
    """Return the name of a message or a signal and its root element; one without a name is called by its id."""
    if not reference:
        reading.findings.append(finding("event.no_name", at, kind=tag))
        return None, None
    root = reading.root(reference, tag)
    if root is None:
        reading.findings.append(finding("reference.unknown", at, name=reference))
        return None, None
    text = (root.get("name") or "").strip() or root.get("id")
    return reading.values.value(text, at, f"{tag}Name"), root


def _subscribed(root: etree._Element, at: Element, reading: Reading) -> Value | None:
    key = Extensions(root).attribute("subscription", "correlationKey")
    return reading.values.value(key, at, "correlation-key")
