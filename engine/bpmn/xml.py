"""Reads XML that may be hostile: bounded in size, without document types, entities or network, with
positions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from engine.bpmn.findings import finding
from engine.plugins import Finding

#: Bytes that a model file may have; the largest file of the public collections has a quarter of a megabyte.
MAX_BYTES = 10_000_000

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<[^!?]")
_ID = re.compile(rb"""<[^<>"']*?(?:"[^"]*"[^<>"']*?|'[^']*'[^<>"']*?)*?\sid\s*=\s*["']([^"'<>]*)["']""")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed XML file; ``places`` are the line and column (1-based) of each element that has an id."""

    root: etree._Element
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def place(self, node: etree._Element) -> tuple[int | None, int | None]:
        """Return line and column of a node; the column is known for nodes with an id only."""
        known = self.places.get(node.get("id") or "")
        return known if known is not None else (line_of(node), None)


def parse(source: bytes) -> tuple[Document | None, list[Finding]]:
    """Parse ``source``; what can't or mustn't be parsed gives None and the finding that says why."""
    if len(source) > MAX_BYTES:
        return None, [
            finding("file.too_large", size=f"{len(source) / 1e6:.1f}", limit=f"{MAX_BYTES / 1e6:.0f}")
        ]
    if not source.strip():
        return None, [finding("file.empty")]
    if _has_document_type(source):
        return None, [finding("xml.doctype", line=1)]
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line, column = getattr(error, "position", (None, None))
        reason = (getattr(error, "msg", None) or str(error)).split(", line ")[0]
        return None, [finding("xml.malformed", line=line, column=column, reason=reason)]
    return Document(root, _places(source)), []


def line_of(node: etree._Element) -> int | None:
    """Return the line (1-based) in which a node's start tag ends."""
    return cast("int | None", node.sourceline)


def local_name(node: etree._Element) -> str:
    """Return a node's tag without its namespace."""
    return etree.QName(node).localname


def namespace(node: etree._Element) -> str:
    """Return the namespace of a node's tag, empty where it has none."""
    return etree.QName(node).namespace or ""


def text_of(node: etree._Element | None) -> str:
    """Return a node's own text without the white space around it; empty for None."""
    return "" if node is None else "".join(str(part) for part in node.itertext()).strip()


def _has_document_type(source: bytes) -> bool:
    """Tell whether a DOCTYPE stands before the root element, in UTF-8 or in UTF-16."""
    head = source.replace(b"\0", b"") if b"\0" in source[:4] else source
    head = _COMMENT.sub(b"", head)
    root = _ROOT.search(head)
    return b"<!DOCTYPE" in (head[: root.start()] if root else head)


def _places(source: bytes) -> dict[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}
    line, start = 1, 0
    for match in _ID.finditer(source):
        at = match.start()
        line += source.count(b"\n", start, at)
        column = at - (source.rfind(b"\n", 0, at) + 1)
        start = at
        text = source[at - column : at].decode("utf-8", "replace")
        places.setdefault(match.group(1).decode("utf-8", "replace"), (line, len(text) + 1))
    return places
