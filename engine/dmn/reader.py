"""Reads the XML of DMN 1.1 to 1.6 without entities or network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.dmn.errors import DmnError
from engine.dmn.nodes import (
    Decision,
    DrgElement,
    File,
    Import,
    InputData,
    ItemDefinition,
    Knowledge,
    Requirements,
    Service,
    Variable,
)
from engine.dmn.reader_boxed import read_boxed, read_function
from engine.dmn.xml import children, first, name_of, own_text, place

MAX_SIZE = 5_000_000
"""Bytes that a file may have."""

NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
)


def read(source: bytes) -> File:
    """Read a file; raise :class:`DmnError` for what is no DMN, is too large or has a DOCTYPE."""
    if len(source) > MAX_SIZE:
        raise DmnError("dmn.size", limit=MAX_SIZE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise DmnError("dmn.xml", reason=error.msg, line=error.lineno) from None
    except ValueError as error:
        raise DmnError("dmn.xml", reason=str(error)) from None
    information: Any = root.getroottree().docinfo
    if information.doctype:
        raise DmnError("dmn.doctype")
    tag = etree.QName(root)
    if tag.localname != "definitions" or tag.namespace not in NAMESPACES:
        raise DmnError("dmn.not_dmn", root=root.tag)
    elements: dict[str, DrgElement] = {}
    problems: list[DmnError] = []
    imports: list[Import] = []
    for child in children(root, "import"):
        kind = child.get("importType", "")
        if kind and "DMN" not in kind.upper():
            problems.append(DmnError("dmn.import_type", kind=kind, **place(child)))
            continue
        imports.append(Import(child.get("namespace", ""), (child.get("name") or "").strip(), **place(child)))
    for element in _drg_elements(root):
        if element.id in elements:
            problems.append(
                DmnError("dmn.duplicate_id", name=element.id, element=element.id, line=element.line)
            )
            continue
        elements[element.id] = element
    return File(
        root.get("id", ""),
        root.get("name", ""),
        root.get("namespace", ""),
        tuple(imports),
        tuple(_item(child) for child in children(root, "itemDefinition")),
        elements,
        tuple(problems),
    )


def _drg_elements(root: etree._Element) -> Iterator[DrgElement]:
    for child in root:
        kind = name_of(child)
        if kind == "inputData":
            yield InputData(_id(child), child.get("name", ""), _variable(child), **place(child))
        elif kind == "decision":
            logic = [part for part in child if _is_logic(part)]
            yield Decision(
                _id(child),
                child.get("name", ""),
                _variable(child),
                _requirements(child),
                read_boxed(logic[0]) if logic else None,
                **place(child),
            )
        elif kind == "businessKnowledgeModel":
            logic = list(children(child, "encapsulatedLogic"))
            yield Knowledge(
                _id(child),
                child.get("name", ""),
                _variable(child),
                _requirements(child),
                read_function(logic[0]) if logic else None,
                **place(child),
            )
        elif kind == "decisionService":
            yield Service(
                _id(child),
                child.get("name", ""),
                _variable(child),
                _hrefs(child, "outputDecision"),
                _hrefs(child, "encapsulatedDecision"),
                _hrefs(child, "inputDecision"),
                _hrefs(child, "inputData"),
                **place(child),
            )


def _id(element: etree._Element) -> str:
    """Return the id by which the file's own references know an element, its name where it has none."""
    return element.get("id") or element.get("name") or ""


def _is_logic(part: etree._Element) -> bool:
    from engine.dmn.reader_boxed import BOXED

    return name_of(part) in BOXED


def _variable(element: etree._Element) -> Variable:
    variable = first(element, "variable")
    if variable is None:
        return Variable(element.get("name", ""), **place(element))
    # The variable of an element always has the element's name.
    return Variable(
        element.get("name", "") or variable.get("name", ""), variable.get("typeRef"), **place(variable)
    )


def _hrefs(element: etree._Element, kind: str) -> tuple[str, ...]:
    return tuple(child.get("href", "") for child in children(element, kind))


def _requirements(element: etree._Element) -> Requirements:
    inputs: list[str] = []
    decisions: list[str] = []
    knowledge: list[str] = []
    for requirement in element:
        if name_of(requirement) in ("informationRequirement", "knowledgeRequirement"):
            inputs.extend(_hrefs(requirement, "requiredInput"))
            decisions.extend(_hrefs(requirement, "requiredDecision"))
            knowledge.extend(_hrefs(requirement, "requiredKnowledge"))
    return Requirements(tuple(inputs), tuple(decisions), tuple(knowledge))


def _item(element: etree._Element) -> ItemDefinition:
    function = first(element, "functionItem")
    return ItemDefinition(
        element.get("name", "").strip(),
        own_text(first(element, "typeRef")),
        element.get("isCollection", "").strip() in ("true", "1"),
        tuple(_item(child) for child in children(element, "itemComponent")),
        _tests(element, "allowedValues"),
        _tests(element, "typeConstraint"),
        None
        if function is None
        else tuple(
            Variable(child.get("name", ""), child.get("typeRef"), **place(child))
            for child in children(function, "parameters")
        ),
        None if function is None else function.get("outputTypeRef"),
        **place(element),
    )


def _tests(element: etree._Element, kind: str) -> str | None:
    tests = first(element, kind)
    return None if tests is None else own_text(first(tests, "text"))
