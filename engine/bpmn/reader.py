"""Reads a BPMN file of the Camunda 8 dialect, or of plain BPMN 2.0, into process models and findings."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any

from lxml import etree

from engine.bpmn.embedded import embedded_forms
from engine.bpmn.events import root_elements
from engine.bpmn.extensions import Extensions
from engine.bpmn.findings import finding
from engine.bpmn.loops import read_loop
from engine.bpmn.model import Element, Flow, Lane, ProcessModel
from engine.bpmn.nodes import is_flow_node, node
from engine.bpmn.reading import Reading
from engine.bpmn.values import Values, names_list
from engine.bpmn.xml import BPMN, ZEEBE, Document, line_of, local_name, namespace, parse, text_of
from engine.plugins import Finding

#: Flow nodes and flows that one file may have.
MAX_ELEMENTS = 20_000

#: What else stands in a process or a sub-process: flows, lanes, data and notes, all documentation but the flows.
_BESIDE_NODES = frozenset(
    {
        "extensionElements",
        "documentation",
        "sequenceFlow",
        "laneSet",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "textAnnotation",
        "association",
        "group",
        "property",
        "ioSpecification",
        "ioBinding",
        "dataInputAssociation",
        "dataOutputAssociation",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "auditing",
        "monitoring",
        "supportedInterfaceRef",
        "supports",
        "correlationSubscription",
        "categoryValueRef",
        "incoming",
        "outgoing",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "completionCondition",
    }
)

_ORDINARY_NAME = re.compile(r"^[^\W\d]\w*$")
_WHITE_SPACE = re.compile(r"\s+")


def read(
    source: bytes, *, names: frozenset[str] = frozenset()
) -> tuple[Sequence[ProcessModel], Sequence[Finding]]:
    """Read all processes of a file that are to be executed.

    ``names`` are names with spaces or signs that expressions may use beside the file's own: a parser of FEEL
    must know them. Nothing is ever raised for what the file contains: what is too large, malformed, hostile
    or has no right meaning here comes back as findings, and whoever executes must first see that none of them
    blocks.
    """
    document, findings = parse(source)
    if document is None:
        return (), findings
    root = document.root
    if local_name(root) != "definitions" or namespace(root) != BPMN:
        return (), [finding("xml.not_bpmn", name=local_name(root), line=line_of(root))]
    declared = frozenset(_declared_names(root))
    reading = Reading(
        document,
        Values(names | declared, findings),
        findings,
        root.get("expressionLanguage", ""),
        root_elements(root),
        _event_sub_processes(root),
    )
    processes = [child for child in root if child.tag == f"{{{BPMN}}}process"]
    size = sum(1 for process in processes for child in process.iter() if is_flow_node(child))
    if size > MAX_ELEMENTS:
        return (), [finding("file.too_many_elements", count=size, limit=MAX_ELEMENTS)]
    findings.extend(_same_ids(root, document))
    return tuple(_process(xml, reading) for xml in _to_execute(processes, reading)), findings


def _event_sub_processes(root: etree._Element) -> frozenset[str]:
    found = root.iter(f"{{{BPMN}}}subProcess")
    return frozenset(node.get("id") or "" for node in found if node.get("triggeredByEvent") == "true")


def _to_execute(processes: Sequence[etree._Element], reading: Reading) -> Sequence[etree._Element]:
    """Choose the processes to run: the executable ones, or all in a file that has none such."""
    if not processes:
        reading.findings.append(finding("file.no_process"))
    executable = [xml for xml in processes if xml.get("isExecutable") == "true"]
    if not executable:
        for xml in processes:
            line, column = reading.document.place(xml)
            at = xml.get("id") or ""
            reading.findings.append(
                finding("process.not_executable", at, severity="warning", line=line, column=column)
            )
        return processes
    for xml in processes:
        if xml not in executable:
            line, column = reading.document.place(xml)
            at = xml.get("id") or ""
            reading.findings.append(
                finding("process.left_out", at, severity="info", line=line, column=column)
            )
    return executable


def _process(xml: etree._Element, reading: Reading) -> ProcessModel:
    line, column = reading.document.place(xml)
    identifier = (xml.get("id") or "").strip()
    if not identifier:
        reading.findings.append(finding("process.no_id", line=line, column=column))
    extensions = Extensions(xml)
    properties = extensions.properties()
    reading.findings.extend(extensions.unread(identifier))

    def expression(name: str) -> Any:
        return reading.values.feel(properties.get(name), identifier, name)

    lanes = tuple(_lanes(xml))
    flows = _flows(xml, reading)
    elements = _elements(xml, flows, lanes, reading)
    return ProcessModel(
        id=identifier,
        name=xml.get("name", ""),
        elements=MappingProxyType(elements),
        flows=MappingProxyType(flows),
        executable=xml.get("isExecutable") == "true",
        properties=properties,
        subject=expression("subject"),
        unit=expression("unit"),
        section=expression("section"),
        reference=expression("reference"),
        amount=expression("amount"),
        figures=expression("figures"),
        declared=names_list(properties["inputs"]) if "inputs" in properties else None,
        lanes=lanes,
        forms=embedded_forms(xml),
        documentation=_documentation(xml),
        line=line,
        column=column,
    )


def _walk(xml: etree._Element, parent: str | None = None) -> Iterator[tuple[etree._Element, str | None]]:
    """Yield every child of a process and of its sub-processes with the id of the sub-process that holds
    it.
    """
    for child in xml:
        yield child, parent
        if is_flow_node(child) and local_name(child) in ("subProcess", "transaction", "adHocSubProcess"):
            yield from _walk(child, child.get("id"))


def _flows(xml: etree._Element, reading: Reading) -> dict[str, Flow]:
    flows: dict[str, Flow] = {}
    for child, _ in _walk(xml):
        if child.tag != f"{{{BPMN}}}sequenceFlow":
            continue
        line, column = reading.document.place(child)
        identifier = child.get("id")
        if not identifier:
            reading.findings.append(finding("element.no_id", line=line, column=column, kind="sequenceFlow"))
            continue
        flow = Flow(
            identifier,
            child.get("name", ""),
            (child.get("sourceRef") or "").split(":")[-1],
            (child.get("targetRef") or "").split(":")[-1],
            None,
            line,
            column,
        )
        condition = child.find(f"{{{BPMN}}}conditionExpression")
        if condition is not None and (text := text_of(condition)):
            language = condition.get("language", reading.expression_language)
            value = reading.values.condition(text, flow, is_feel="FEEL" in language.upper())
            flow = Flow(flow.id, flow.name, flow.source, flow.target, value, line, column)
        flows[identifier] = flow
    return flows


def _elements(
    xml: etree._Element, flows: dict[str, Flow], lanes: Iterable[Lane], reading: Reading
) -> dict[str, Element]:
    incoming, outgoing = defaultdict(list), defaultdict(list)
    for flow in flows.values():
        outgoing[flow.source].append(flow.id)
        incoming[flow.target].append(flow.id)
    in_lane = {member: lane.name or lane.id for lane in lanes for member in lane.nodes}
    by_lane = {member: lane.candidates or lane.name.strip() for lane in lanes for member in lane.nodes}
    reading.by_lane.update({member: text for member, text in by_lane.items() if text})
    elements: dict[str, Element] = {}
    for child, parent in _walk(xml):
        line, column = reading.document.place(child)
        if not is_flow_node(child):
            if namespace(child) != BPMN or local_name(child) not in _BESIDE_NODES:
                name = local_name(child)
                unknown = finding(
                    "element.unknown", child.get("id") or name, line=line, column=column, name=name
                )
                reading.findings.append(unknown)
            continue
        identifier = child.get("id")
        if not identifier:
            reading.findings.append(
                finding("element.no_id", line=line, column=column, kind=local_name(child))
            )
            continue
        extensions = Extensions(child)
        common: dict[str, Any] = {
            "id": identifier,
            "kind": local_name(child),
            "name": child.get("name", ""),
            "line": line,
            "column": column,
            "parent": parent,
            "incoming": tuple(incoming[identifier]),
            "outgoing": _in_order(child, outgoing[identifier]),
            "default": (child.get("default") or "").split(":")[-1] or None,
            "lane": in_lane.get(identifier),
            "documentation": _documentation(child),
            "properties": extensions.properties(),
            "headers": extensions.headers(),
        }
        at = Element(**common)
        common["inputs"] = extensions.bindings("input", at, reading.values)
        common["outputs"] = extensions.bindings("output", at, reading.values)
        common["loop"] = read_loop(child, at, reading)
        elements[identifier] = node(child, common, reading)
        reading.findings.extend(extensions.unread(at))
    return elements


def _in_order(xml: etree._Element, outgoing: list[str]) -> tuple[str, ...]:
    """Order the outgoing flows as the node lists them: an exclusive gateway asks its conditions in this
    order.
    """
    listed = [text_of(child).split(":")[-1] for child in xml.iterfind(f"{{{BPMN}}}outgoing")]
    place = {identifier: index for index, identifier in reversed(list(enumerate(listed)))}
    return tuple(sorted(outgoing, key=lambda identifier: place.get(identifier, len(listed))))


def _lanes(xml: etree._Element) -> Iterator[Lane]:
    for lane in xml.iter(f"{{{BPMN}}}lane"):
        members = {text_of(ref).split(":")[-1] for ref in lane.iterfind(f"{{{BPMN}}}flowNodeRef")}
        candidates = Extensions(lane).properties().get("candidates", "").strip() or None
        yield Lane(lane.get("id") or "", lane.get("name", ""), frozenset(members), candidates)


def _documentation(xml: etree._Element) -> str:
    return text_of(xml.find(f"{{{BPMN}}}documentation"))


def _same_ids(root: etree._Element, document: Document) -> Iterator[Finding]:
    """Find ids that two elements of the model share; the diagram's own ids don't matter."""
    identifiers = [
        identifier
        for child in root
        if namespace(child) == BPMN
        for part in child.iter(f"{{{BPMN}}}*")
        if (identifier := part.get("id"))
    ]
    for identifier, count in Counter(identifiers).items():
        if count > 1:
            line, column = document.places.get(identifier, (None, None))
            yield finding("id.twice", identifier, line=line, column=column, count=count)


def _declared_names(root: etree._Element) -> Iterator[str]:
    """Yield the variables' names that the file itself introduces and that a plain FEEL name can't be."""
    texts: list[str] = []
    for tag, attribute in (("input", "target"), ("output", "target"), ("script", "resultVariable"),
                           ("calledDecision", "resultVariable"), ("loopCharacteristics", "inputElement"),
                           ("loopCharacteristics", "outputCollection")):  # fmt: skip
        texts += [found.get(attribute) or "" for found in root.iter(f"{{{ZEEBE}}}{tag}")]
    for found in root.iter(f"{{{ZEEBE}}}property"):
        if found.get("name") in ("inputs", "document", "shows"):
            texts += names_list(found.get("value"))
    for text in texts:
        name = _WHITE_SPACE.sub(" ", text.strip())
        if name and not _ORDINARY_NAME.match(name):
            yield name
