"""Small helpers for walking DMN's XML by local names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree


def name_of(element: etree._Element) -> str:
    """Return the local name, empty for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of that local name."""
    return (child for child in element if name_of(child) == name)


def first(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first child of that local name."""
    return next(children(element, name), None)


def elements(element: etree._Element) -> list[etree._Element]:
    """Return the child elements."""
    return [child for child in element if isinstance(child.tag, str)]


def own_text(element: etree._Element | None) -> str | None:
    """Return the element's text without white space around it; None if there is none."""
    if element is None:
        return None
    text = "".join(str(piece) for piece in element.itertext()).strip()
    return text or None


def place(element: etree._Element) -> dict[str, Any]:
    """Return what messages need: the element's id or name, and its line."""
    return {"element": element.get("id") or element.get("name"), "line": element.sourceline}
