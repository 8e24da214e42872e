"""Makes the element of an event, with the definition that says what it waits for or does."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.bpmn.event_definitions import (
    CancelEvent,
    ConditionalEvent,
    ErrorEvent,
    EscalationEvent,
    EventDefinition,
    LinkEvent,
    TerminateEvent,
    TimerEvent,
)
from engine.bpmn.extensions import Extensions
from engine.bpmn.findings import finding
from engine.bpmn.messaging import caught_message, signal, thrown_message
from engine.bpmn.model import Element, Event, Value
from engine.bpmn.reading import Reading
from engine.bpmn.xml import BPMN, local_name, text_of

#: Which definitions an event of a kind may have; ``none`` is an event without one.
SUPPORTED: dict[str, frozenset[str]] = {
    "startEvent": frozenset({"none"}),
    "endEvent": frozenset({"none", "terminate", "error", "escalation", "cancel", "message", "signal"}),
    "intermediateThrowEvent": frozenset({"none", "link", "escalation", "message", "signal"}),
    "intermediateCatchEvent": frozenset({"timer", "link", "message", "signal", "conditional"}),
    "boundaryEvent": frozenset(
        {"timer", "error", "escalation", "cancel", "message", "signal", "conditional"}
    ),
}

#: Which definitions the start event of an event sub-process may have.
TRIGGERS = frozenset({"timer", "error", "escalation", "message", "signal", "conditional"})

#: Which definitions a start event of a process may have. A condition has nothing to be evaluated on before there is
#: an instance.
STARTS = frozenset({"none", "timer", "message", "signal"})

_THROWING = ("endEvent", "intermediateThrowEvent")

_SUFFIX = "EventDefinition"
_REFUSALS = {"none": "event.needs_definition", "compensate": "compensation.unsupported"}
_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def event(xml: etree._Element, common: dict[str, Any], reading: Reading) -> Element | None:
    """Return the event, or None where its definition can't be run; the finding is in ``reading``."""
    at = Element(**common)
    definitions = [child for child in xml if local_name(child).endswith(_SUFFIX)]
    definitions += [child for child in xml if local_name(child) == "eventDefinitionRef"]
    if len(definitions) > 1:
        reading.findings.append(finding("event.unsupported", at, kind="multipleEventDefinition"))
        return None
    name = local_name(definitions[0]).removesuffix(_SUFFIX) if definitions else "none"
    triggers = at.kind == "startEvent" and at.parent in reading.triggered
    starts = at.kind == "startEvent" and at.parent is None
    if name not in (TRIGGERS if triggers else STARTS if starts else SUPPORTED[at.kind]):
        code = _REFUSALS.get(name, "event.unsupported")
        reading.findings.append(finding(code, at, kind=f"{name}{_SUFFIX}"))
        return None
    definition: EventDefinition | None = None
    if name != "none":
        definition = _DEFINITIONS[name](definitions[0], at, reading)
        if definition is None:
            return None
    attached = xml.get("attachedToRef")
    return Event(
        **common,
        definition=definition,
        attached=attached.split(":")[-1] if attached else None,
        interrupting=xml.get("isInterrupting" if triggers else "cancelActivity") != "false",
    )


def _timer(xml: etree._Element, at: Element, reading: Reading) -> EventDefinition | None:
    found = [(name, text_of(child)) for child in xml if (name := _TIMERS.get(local_name(child)))]
    found = [(name, text) for name, text in found if text]
    if len(found) != 1:
        reading.findings.append(finding("timer.incomplete", at))
        return None
    name, text = found[0]
    value = reading.values.value(text, at, "timer")
    return None if value is None else TimerEvent(name, value)


def _error(xml: etree._Element, at: Element, reading: Reading) -> EventDefinition | None:
    found, code = _coded(xml, "error", at, reading)
    return ErrorEvent(code) if found else None


def _escalation(xml: etree._Element, at: Element, reading: Reading) -> EventDefinition | None:
    found, code = _coded(xml, "escalation", at, reading)
    return EscalationEvent(code) if found else None


def _coded(xml: etree._Element, name: str, at: Element, reading: Reading) -> tuple[bool, Value | None]:
    """Return whether an error or escalation can be read, and its code; what is thrown must have one."""
    reference = xml.get(f"{name}Ref")
    root = reading.root(reference, name)
    if reference and root is None:
        reading.findings.append(finding("reference.unknown", at, name=reference))
        return False, None
    code = None if root is None else reading.values.value(root.get(f"{name}Code"), at, "code")
    if code is None and at.kind in _THROWING:
        reading.findings.append(finding("throw.no_code", at, kind=f"{name}{_SUFFIX}"))
        return False, None
    return True, code


def _message(xml: etree._Element, at: Element, reading: Reading) -> EventDefinition | None:
    reference = xml.get("messageRef")
    reading.findings.extend(Extensions(xml).unread(at))
    if at.kind in _THROWING:
        return thrown_message(reference, at, reading, xml, xml.getparent())
    return caught_message(reference, at, reading)


def _signal(xml: etree._Element, at: Element, reading: Reading) -> EventDefinition | None:
    return signal(xml.get("signalRef"), at, reading)


def _conditional(xml: etree._Element, at: Element, reading: Reading) -> EventDefinition | None:
    condition = xml.find(f"{{{BPMN}}}condition")
    text = "" if condition is None else text_of(condition)
    reading.findings.extend(Extensions(xml).unread(at))
    if condition is None or not text:
        reading.findings.append(finding("condition.empty", at))
        return None
    language = condition.get("language", reading.expression_language)
    return ConditionalEvent(reading.values.condition(text, at, is_feel="FEEL" in language.upper()))


def _link(xml: etree._Element, at: Element, reading: Reading) -> EventDefinition | None:
    name = (xml.get("name") or "").strip()
    if not name:
        reading.findings.append(finding("link.no_name", at))
        return None
    return LinkEvent(name)


def _terminate(_xml: etree._Element, _at: Element, _reading: Reading) -> EventDefinition | None:
    return TerminateEvent()


def _cancel(_xml: etree._Element, _at: Element, _reading: Reading) -> EventDefinition | None:
    return CancelEvent()


_DEFINITIONS = {
    "timer": _timer,
    "message": _message,
    "signal": _signal,
    "conditional": _conditional,
    "error": _error,
    "escalation": _escalation,
    "cancel": _cancel,
    "link": _link,
    "terminate": _terminate,
}


def root_elements(definitions: etree._Element) -> dict[str, etree._Element]:
    """Return the errors, messages, signals and escalations of a file by id."""
    tags = {f"{{{BPMN}}}{name}" for name in ("error", "message", "signal", "escalation")}
    return {child.get("id") or "": child for child in definitions if child.tag in tags}
