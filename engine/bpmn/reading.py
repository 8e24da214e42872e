"""What the reader carries while it walks through one file."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.values import Values
from engine.bpmn.xml import BPMN, Document
from engine.plugins import Finding


@dataclass(slots=True)
class Reading:
    """One file on its way into the model: the document, and what was found.

    ``roots`` are the root elements that others name, ``triggered`` the ids of the event sub-processes,
    ``by_lane`` who does the tasks of a lane that name nobody, by the id of the task.
    """

    document: Document
    values: Values
    findings: list[Finding]
    expression_language: str = ""
    roots: dict[str, etree._Element] = field(default_factory=dict)
    triggered: frozenset[str] = frozenset()
    by_lane: dict[str, str] = field(default_factory=dict)

    def root(self, reference: str | None, tag: str) -> etree._Element | None:
        """Return the root element (error, message, signal…) that a reference names."""
        found = self.roots.get((reference or "").split(":")[-1])
        return found if found is not None and found.tag == f"{{{BPMN}}}{tag}" else None
