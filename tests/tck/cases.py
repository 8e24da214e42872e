"""Reads test case files of the DMN TCK."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from engine.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


class Untyped(str):
    """A value that the file gives no type: the text that any result may have."""


@dataclass(frozen=True)
class ResultNode:
    """What a case expects of one decision."""

    name: str
    expected: Any


@dataclass(frozen=True)
class Case:
    """One ``testCase``: ``kind`` is decision, decisionService or bkm; the latter two have an invocable's name."""

    id: str
    kind: str
    invocable: str | None
    inputs: dict[str, Any]
    results: tuple[ResultNode, ...]


@dataclass(frozen=True)
class CaseFile:
    """A file of cases and the model that it tests."""

    path: Path
    model: Path
    level: str
    cases: tuple[Case, ...]


def read_folder(folder: Path) -> Iterator[CaseFile]:
    """Yield every file of test cases below the folder."""
    for path in sorted(folder.rglob("*.xml")):
        try:
            root = etree.parse(path).getroot()
        except etree.XMLSyntaxError as error:
            print(f"{path} can't be read: {error}", file=sys.stderr)
            continue
        if not isinstance(root.tag, str) or etree.QName(root).localname != "testCases":
            continue
        level = next((part[-1] for part in path.parts if part.startswith("compliance-level-")), "3")
        yield CaseFile(
            path, _model(root, path), level, tuple(_case(child) for child in _children(root, "testCase"))
        )


def _model(root: Any, path: Path) -> Path:
    """Return the model's file: the one that is named, else the one of the folder."""
    named = _child(root, "modelName")
    name = "" if named is None else (named.text or "").strip()
    models = sorted(path.parent.glob("*.dmn"))
    return path.parent / name if name or not models else models[0]


def _children(element: Any, name: str) -> list[Any]:
    return [child for child in element if isinstance(child.tag, str) and etree.QName(child).localname == name]


def _child(element: Any, name: str) -> Any:
    found = _children(element, name)
    return found[0] if found else None


def _case(element: Any) -> Case:
    inputs: dict[str, Any] = {}
    for node in _children(element, "inputNode"):
        value = _value(node)
        inputs[node.get("name")] = value
        if node.get("namespace"):
            inputs[f"{node.get('namespace')}#{node.get('name')}"] = value
    results = []
    for node in _children(element, "resultNode"):
        expected = _child(node, "expected")
        results.append(ResultNode(node.get("name"), None if expected is None else _value(expected)))
    return Case(
        element.get("id", ""),
        element.get("type", "decision"),
        element.get("invocableName"),
        inputs,
        tuple(results),
    )


def _value(element: Any) -> Any:
    """Return the FEEL value inside a ``value``, ``list`` or ``component`` holder."""
    components = _children(element, "component")
    if components:
        return {component.get("name"): _value(component) for component in components}
    listed = _child(element, "list")
    if listed is not None:
        return None if _nil(listed) else [_value(item) for item in _children(listed, "item")]
    value = _child(element, "value")
    return None if value is None or _nil(value) else _simple(value)


def _nil(element: Any) -> bool:
    return bool(element.get(XSI + "nil") in ("true", "1"))


def _simple(element: Any) -> Any:
    """Return the value of an XML Schema type; what is unreadable stays text."""
    text = element.text or ""
    if not element.get(XSI + "type"):
        return Untyped(text)
    kind = element.get(XSI + "type").rpartition(":")[2]
    if kind == "string":
        return text
    text = text.strip()
    if kind == "boolean":
        return text in ("true", "1")
    if kind in ("decimal", "double", "integer", "int", "long", "float"):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    readers: dict[str, Any] = {
        "date": parse_date,
        "time": parse_time,
        "dateTime": parse_date_time,
        "duration": parse_duration,
        "dayTimeDuration": parse_duration,
        "yearMonthDuration": parse_duration,
    }
    value = readers[kind](text) if kind in readers else None
    return text if value is None else value
