"""Reads the extension elements of one node: Camunda 8's ``zeebe:`` ones, and names those that would be
lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from lxml import etree

from engine.bpmn.findings import finding
from engine.bpmn.model import Binding, Element
from engine.bpmn.values import Values
from engine.bpmn.xml import BPMN, ZEEBE, local_name, namespace
from engine.plugins import Finding

#: Extension elements that this reader gives their meaning.
KNOWN = frozenset(
    {
        "assignmentDefinition",
        "calledDecision",
        "calledElement",
        "formDefinition",
        "header",
        "input",
        "ioMapping",
        "loopCharacteristics",
        "output",
        "priorityDefinition",
        "properties",
        "property",
        "publishMessage",
        "script",
        "taskDefinition",
        "taskHeaders",
        "taskSchedule",
        "userTask",
        "userTaskForm",
        "versionTag",
    }
)

#: Namespaces of engines whose extensions change what happens; the file would run differently without them.
ENGINES = MappingProxyType(
    {
        "http://camunda.org/schema/1.0/bpmn": "camunda",
        "http://activiti.org/bpmn": "activiti",
        "http://flowable.org/bpmn": "flowable",
        "http://www.jboss.org/drools": "drools",
        "http://www.omg.org/bpmn20": "jbpm",
        "https://bpmn.io/schema/bpmn/spiff": "spiffworkflow",
        "http://spiffworkflow.org/bpmn/schema/1.0/core": "spiffworkflow",
    }
)

#: Names of such extensions that only describe, or that tune another engine without changing what happens.
HARMLESS = frozenset(
    {
        "historyTimeToLive",
        "diagramRelationId",
        "versionTag",
        "asyncBefore",
        "asyncAfter",
        "exclusive",
        "jobPriority",
        "taskPriority",
        "isStartableInTasklist",
        "properties",
        "property",
        "metaData",
        "metaValue",
        "import",
        "global",
        "packageName",
        "version",
        "candidateStarterUsers",
        "candidateStarterGroups",
    }
)


class Extensions:
    """The extension elements of one BPMN node."""

    def __init__(self, node: etree._Element) -> None:
        self._node = node
        self._container = node.find(f"{{{BPMN}}}extensionElements")

    def find(self, name: str) -> etree._Element | None:
        """Return the node's own ``zeebe:name`` element."""
        if self._container is None:
            return None
        return self._container.find(f"{{{ZEEBE}}}{name}")

    def attribute(self, name: str, attribute: str) -> str | None:
        """Return an attribute of a ``zeebe:`` element, None where either is missing or the text is blank."""
        found = self.find(name)
        text = None if found is None else found.get(attribute)
        return text.strip() if text and text.strip() else None

    def properties(self) -> Mapping[str, str]:
        """Return the ``zeebe:properties`` as a mapping."""
        return self._pairs("properties", "property", "name", "value")

    def headers(self) -> Mapping[str, str]:
        """Return the ``zeebe:taskHeaders`` as a mapping."""
        return self._pairs("taskHeaders", "header", "key", "value")

    def bindings(self, tag: str, at: Element, values: Values) -> tuple[Binding, ...]:
        """Return the ``zeebe:input`` or ``zeebe:output`` lines of the ``ioMapping``."""
        mapping = self.find("ioMapping")
        bindings = []
        for line in () if mapping is None else mapping.iterfind(f"{{{ZEEBE}}}{tag}"):
            target = (line.get("target") or "").strip()
            source = values.value(line.get("source"), at, f"zeebe:{tag} {target}")
            if not target:
                values.findings.append(finding("mapping.no_target", at, tag=f"zeebe:{tag}"))
            elif source is not None:
                bindings.append(Binding(target, source))
            elif tag == "output":
                values.findings.append(finding("mapping.no_source", at, tag=f"zeebe:{tag}", target=target))
        return tuple(bindings)

    def unread(self, at: Element | str) -> Iterator[Finding]:
        """Yield a finding for each extension whose meaning would be lost."""
        for attribute in self._node.attrib:
            yield from _foreign(str(attribute), at)
        for child in () if self._container is None else self._container:
            name = local_name(child)
            if namespace(child) == ZEEBE:
                if name not in KNOWN:
                    yield finding("zeebe.unsupported", at, name=f"zeebe:{name}")
            else:
                yield from _foreign(str(child.tag), at)

    def _pairs(self, outer: str, inner: str, key: str, value: str) -> Mapping[str, str]:
        container = self.find(outer)
        if container is None:
            return MappingProxyType({})
        found = {
            (pair.get(key) or "").strip(): pair.get(value) or ""
            for pair in container.iterfind(f"{{{ZEEBE}}}{inner}")
        }
        found.pop("", None)
        return MappingProxyType(found)


def _foreign(tag: str, at: Element | str) -> Iterator[Finding]:
    """Judge an attribute or an element of another vendor by its name in Clark notation."""
    if not tag.startswith("{"):
        return
    space, name = tag[1:].split("}", 1)
    vendor = ENGINES.get(space)
    if vendor is not None and name not in HARMLESS:
        yield finding("vendor.lost", at, vendor=vendor, name=f"{vendor}:{name}")
