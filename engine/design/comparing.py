"""What is different between two versions of a file: elements that came, went or changed, with their properties.

Files are compared by what they mean: an element by its id (a component of a form by its key, one in a table after the
table's), its place on the canvas only as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.bpmn.checks import kind_of
from engine.bpmn.xml import local_name, namespace, parse
from engine.errors import Refused
from engine.values import dump_json

#: Namespaces whose elements only say where something is drawn.
_DRAWING = frozenset({"DI", "DD", "DMNDI"})
#: Where an element is told to belong to another one, as children are written.
_NOISE = frozenset({"incoming", "outgoing", "flowNodeRef"})


@dataclass(frozen=True, slots=True)
class Changed:
    """An element that ``added``, ``removed`` or ``changed`` says something about; ``properties`` gives before and after."""

    element: str
    kind: str
    name: str
    change: str
    properties: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    name: str
    properties: dict[str, str]


def compare(name: str, before: bytes, after: bytes) -> list[Changed]:
    """Return what is different, in the order of the newer file, what went at the end.

    Raises :class:`Refused` for a file that can't be read.
    """
    old, new = _parts(name, before), _parts(name, after)
    found = []
    for id, part in new.items():
        known = old.get(id)
        if known is None:
            found.append(Changed(id, part.kind, part.name, "added"))
        elif known != part:
            keys = [*part.properties, *(key for key in known.properties if key not in part.properties)]
            found.append(
                Changed(
                    id,
                    part.kind,
                    part.name,
                    "changed",
                    {
                        key: (known.properties.get(key), part.properties.get(key))
                        for key in keys
                        if known.properties.get(key) != part.properties.get(key)
                    },
                )
            )
    gone = (Changed(id, part.kind, part.name, "removed") for id, part in old.items() if id not in new)
    return [*found, *gone]


def _parts(name: str, source: bytes) -> dict[str, _Part]:
    return dict(_of_form(source) if kind_of(name) == "form" else _of_xml(source))


def _of_xml(source: bytes) -> Iterator[tuple[str, _Part]]:
    document, findings = parse(source)
    if document is None:
        raise Refused("design.not_text", tuple(findings))
    for node in document.root.iter():
        id = node.get("id")
        if id and node is not document.root and not _drawn(node):
            properties = dict(_properties(node, ""))
            title = node.get("name") or node.get("label") or ""
            yield id, _Part(local_name(node), title, properties)


def _drawn(node: Any) -> bool:
    return not _DRAWING.isdisjoint(namespace(node).split("/"))


def _properties(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield an element's attributes and texts, and those of its children that have no id of their own."""
    for attribute, value in node.attrib.items():
        named = attribute.rpartition("}")[2]
        if named not in ("id", "type") or path:
            yield f"{path}{named}", value
    if node.text and node.text.strip():
        yield path.rstrip(".") or "text", node.text.strip()
    seen: dict[str, int] = {}
    for child in node:
        tag = local_name(child)
        if child.get("id") or tag in _NOISE or _drawn(child):
            continue
        if tag == "property" and child.get("name"):
            yield f"{path}{child.get('name')}", child.get("value") or ""
            continue
        seen[tag] = seen.get(tag, 0) + 1
        own = "" if tag in ("extensionElements", "properties") else f"{tag}."
        yield from _properties(child, f"{path}{own}" if seen[tag] == 1 else f"{path}{tag}{seen[tag]}.")


def _of_form(source: bytes) -> Iterator[tuple[str, _Part]]:
    try:
        content = msgspec.json.decode(source)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused("design.not_text") from error
    if not isinstance(content, dict):
        raise Refused("design.not_text")
    yield from _components(content, str(content.get("id")))


def _components(component: Mapping[str, Any], id: str) -> Iterator[tuple[str, _Part]]:
    properties = {
        key: value if isinstance(value, str) else dump_json(value)
        for key, value in component.items()
        if key not in ("components", "id", "layout")
    }
    name = str(component.get("label") or component.get("text") or "")
    yield id, _Part(str(component.get("type", "")), name[:100], properties)
    # What has a path holds the answers of its components: two tables may each have a column "name".
    within = f"{id}." if component.get("path") else ""
    for number, child in enumerate(component.get("components") or ()):
        if isinstance(child, dict):
            own = child.get("key") or child.get("path") or child.get("id") or f"{id}.{number}"
            yield from _components(child, f"{within}{own}")
