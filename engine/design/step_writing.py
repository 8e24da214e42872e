"""Writes single properties into a BPMN file and leaves all else of it as it was."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from engine.bpmn.xml import BPMN, ZEEBE, parse
from engine.errors import NotFound, Refused

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*\?>\s*")
#: In which order BPMN wants an element's first children.
_FIRST = (f"{{{BPMN}}}documentation", f"{{{BPMN}}}extensionElements")


class Editing:
    """A BPMN file that is being changed; :meth:`written` is its text."""

    def __init__(self, source: bytes) -> None:
        document, findings = parse(source)
        if document is None:
            raise Refused("steps.unreadable", tuple(findings))
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False)
        self._source = source
        self._touched = False
        self._tree = etree.ElementTree(etree.fromstring(source, parser))

    def written(self) -> bytes:
        """Return the file; one that nobody changed is the same, byte by byte."""
        if not self._touched:
            return self._source
        text = etree.tostring(self._tree, encoding="UTF-8", xml_declaration=False)
        declared = _DECLARATION.match(self._source)
        head = declared[0] if declared else b""
        return head + text + (b"\n" if self._source.endswith(b"\n") else b"")

    def name(self, element: str, name: str) -> None:
        """Give an element another name."""
        self._set(self._find(element), "name", name)

    def assignment(self, element: str, attribute: str, value: str) -> None:
        """Say who a user task is for, in one attribute."""
        found = self._extension(element, "assignmentDefinition")
        for name in ("assignee", "candidateGroups", "candidateUsers"):
            self._set(found, name, value if name == attribute else None)

    def due(self, element: str, value: str | None) -> None:
        """Say when a user task is due; None for never."""
        found = self._extension(element, "taskSchedule", make=value is not None)
        if found is not None:
            self._set(found, "dueDate", value)
            if not found.attrib:
                self._drop(found)

    def form(self, element: str, form_id: str | None) -> None:
        """Say which form a user task shows; None for none."""
        found = self._extension(element, "formDefinition", make=form_id is not None)
        if found is None:
            return
        if form_id is None:
            self._drop(found)
        else:
            self._set(found, "formKey", None)
            self._set(found, "formId", form_id)

    def property(self, element: str, name: str, value: str | None) -> None:
        """Set a property of a user task, or take it away."""
        properties = self._extension(element, "properties", make=value is not None)
        if properties is None:
            return
        known = [one for one in properties if isinstance(one.tag, str) and one.get("name") == name]
        if value is None:
            for one in known:
                self._drop(one)
            if not len(properties):
                self._drop(properties)
            return
        found = known[0] if known else self._append(properties, f"{{{ZEEBE}}}property")
        self._set(found, "name", name)
        self._set(found, "value", value)

    def condition(self, flow: str, expression: str) -> None:
        """Say when a flow is taken."""
        found = self._find(flow)
        condition = found.find(f"{{{BPMN}}}conditionExpression")
        if condition is None:
            condition = self._append(found, f"{{{BPMN}}}conditionExpression")
            condition.set(f"{{{_XSI}}}type", f"{self._prefix()}tFormalExpression")
        if condition.text != expression:
            condition.text = expression
            self._touched = True

    def _prefix(self) -> str:
        prefixes = [name for name, uri in self._tree.getroot().nsmap.items() if uri == BPMN and name]
        return f"{prefixes[0]}:" if prefixes else ""

    def _find(self, element: str) -> Any:
        for found in self._tree.getroot().iter(f"{{{BPMN}}}*"):
            if found.get("id") == element:
                return found
        raise NotFound("design.no_element", element=element)

    def _extension(self, element: str, name: str, *, make: bool = True) -> Any:
        task = self._find(element)
        inside = task.find(_FIRST[1])
        found = None if inside is None else inside.find(f"{{{ZEEBE}}}{name}")
        if found is not None or not make:
            return found
        if inside is None:
            inside = self._append(task, _FIRST[1], sum(one.tag == _FIRST[0] for one in task))
        return self._append(inside, f"{{{ZEEBE}}}{name}")

    def _append(self, parent: Any, tag: str, place: int | None = None) -> Any:
        """Add a child, on a line of its own where the others are."""
        child = etree.SubElement(parent, tag)
        others = [one for one in parent if one is not child]
        if place is not None:
            parent.remove(child)
            parent.insert(place, child)
        if others:
            first = parent.text or ""
            before = child.getprevious()
            if before is not None and child.getnext() is None:
                child.tail, before.tail = before.tail, first
            else:
                child.tail = first
        else:
            outer = parent.tail or ""
            around = (parent.getparent().text or outer) if parent.getparent() is not None else outer
            child.tail, parent.text = around, around + "  "
        self._touched = True
        return child

    def _drop(self, node: Any) -> None:
        """Take a child away with its line."""
        parent, before = node.getparent(), node.getprevious()
        if node.getnext() is None:
            if before is not None:
                before.tail = node.tail
            else:
                parent.text = None
        parent.remove(node)
        self._touched = True

    def _set(self, node: Any, name: str, value: str | None) -> None:
        if value is None:
            self._touched |= node.attrib.pop(name, None) is not None
        elif node.get(name) != value:
            node.set(name, value)
            self._touched = True
