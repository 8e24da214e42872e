"""Reads how an activity repeats, as a standard loop or for many items, and checks where it may."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.extensions import Extensions
from engine.bpmn.findings import finding
from engine.bpmn.model import Element, Loop, MultiInstance, ProcessModel, StandardLoop, SubProcess, Value
from engine.bpmn.reading import Reading
from engine.bpmn.xml import BPMN, text_of
from engine.plugins import Finding

STANDARD = "standardLoopCharacteristics"
MULTIPLE = "multiInstanceLoopCharacteristics"


def read_loop(xml: etree._Element, at: Element, reading: Reading) -> Loop | None:
    """Return the loop of an activity; what is wrong with it is in ``reading``."""
    standard, multiple = xml.find(f"{{{BPMN}}}{STANDARD}"), xml.find(f"{{{BPMN}}}{MULTIPLE}")
    if multiple is not None:
        return _multi_instance(multiple, at, reading)
    return None if standard is None else _standard(standard, at, reading)


def check_loops(model: ProcessModel) -> Iterator[Finding]:
    """Yield the loops that stand where nothing can repeat."""
    for element in model.elements.values():
        triggered = isinstance(element, SubProcess) and element.triggered
        if element.loop is not None and (triggered or element.kind.endswith(("Event", "Gateway"))):
            kind = MULTIPLE if isinstance(element.loop, MultiInstance) else STANDARD
            yield finding("loop.misplaced", element, kind=kind)


def _standard(xml: etree._Element, at: Element, reading: Reading) -> Loop:
    condition = _formal(xml, "loopCondition", at, reading)
    limit = (xml.get("loopMaximum") or "").strip()
    maximum = int(limit) if limit.isascii() and limit.isdigit() and int(limit) else None
    if limit and maximum is None:
        reading.findings.append(finding("loop.maximum", at, text=limit))
    elif condition is None and maximum is None:
        reading.findings.append(finding("loop.endless", at))
    return StandardLoop(condition, xml.get("testBefore") == "true", maximum)


def _multi_instance(xml: etree._Element, at: Element, reading: Reading) -> Loop:
    extensions = Extensions(xml)
    reading.findings.extend(extensions.unread(at))
    values = reading.values

    def attribute(name: str) -> str | None:
        return extensions.attribute("loopCharacteristics", name)

    loop = MultiInstance(
        sequential=xml.get("isSequential") == "true",
        collection=values.formal(attribute("inputCollection"), at, "inputCollection"),
        cardinality=_formal(xml, "loopCardinality", at, reading),
        input_element=attribute("inputElement"),
        output_collection=attribute("outputCollection"),
        output_element=values.formal(attribute("outputElement"), at, "outputElement"),
        completion=_formal(xml, "completionCondition", at, reading),
    )
    if loop.collection is None and xml.find(f"{{{BPMN}}}loopDataInputRef") is not None:
        reading.findings.append(finding("loop.data_reference", at))
    elif (loop.collection is None) == (loop.cardinality is None):
        reading.findings.append(finding("loop.items", at))
    elif loop.input_element is not None and loop.collection is None:
        reading.findings.append(finding("loop.no_collection", at, name=loop.input_element))
    if (loop.output_collection is None) != (loop.output_element is None):
        reading.findings.append(finding("loop.output", at))
    if xml.get("behavior") not in (None, "All"):
        reading.findings.append(finding("marker.unsupported", at, kind="behavior"))
    return loop


def _formal(xml: etree._Element, tag: str, at: Element, reading: Reading) -> Value | None:
    return reading.values.formal(text_of(xml.find(f"{{{BPMN}}}{tag}")), at, tag)
