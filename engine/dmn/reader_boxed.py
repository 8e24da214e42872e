"""Reads boxed expressions from DMN's XML."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engine.dmn.errors import DmnError
from engine.dmn.nodes import (
    Boxed,
    BrokenBox,
    ConditionalBox,
    ContextBox,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    ListBox,
    LiteralBox,
    RelationBox,
    TableBox,
    TableInput,
    TableOutput,
    TableRule,
    Variable,
)
from engine.dmn.xml import children, elements, first, name_of, own_text, place

_POLICIES = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
_AGGREGATORS = {"": "", "SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}


def read_boxed(element: etree._Element) -> Boxed:
    """Read a boxed expression of any kind; one that is wrong breaks only what uses it."""
    try:
        return BOXED[name_of(element)](element)
    except DmnError as error:
        return BrokenBox(error, type_ref=element.get("typeRef"), **place(element))


def _inside(element: etree._Element | None, parent: etree._Element) -> Boxed:
    """Read the one boxed expression inside a wrapper; nothing there is null."""
    found = [] if element is None else [child for child in elements(element) if name_of(child) in BOXED]
    return read_boxed(found[0]) if found else LiteralBox("null", **place(parent))


def _literal(element: etree._Element) -> LiteralBox:
    language = element.get("expressionLanguage", "")
    if language and "feel" not in language.lower():
        raise DmnError("dmn.language", language=language, **place(element))
    text = first(element, "text")
    return LiteralBox(own_text(text) or "null", type_ref=element.get("typeRef"), **place(element))


def _cell(element: etree._Element, empty: str) -> LiteralBox:
    language = element.get("expressionLanguage", "")
    if language and "feel" not in language.lower():
        raise DmnError("dmn.language", language=language, **place(element))
    return LiteralBox(own_text(first(element, "text")) or empty, **place(element))


def _variable(element: etree._Element) -> Variable:
    return Variable(element.get("name", ""), element.get("typeRef"), **place(element))


def _context(element: etree._Element) -> ContextBox:
    entries: list[tuple[Variable | None, Boxed]] = []
    for entry in children(element, "contextEntry"):
        variable = first(entry, "variable")
        entries.append((None if variable is None else _variable(variable), _inside(entry, entry)))
    return ContextBox(tuple(entries), type_ref=element.get("typeRef"), **place(element))


def _list(element: etree._Element) -> ListBox:
    items = tuple(read_boxed(child) for child in elements(element) if name_of(child) in BOXED)
    return ListBox(items, type_ref=element.get("typeRef"), **place(element))


def _relation(element: etree._Element) -> RelationBox:
    columns = tuple(_variable(column) for column in children(element, "column"))
    rows = tuple(
        tuple(read_boxed(cell) for cell in elements(row) if name_of(cell) in BOXED)
        for row in children(element, "row")
    )
    return RelationBox(columns, rows, type_ref=element.get("typeRef"), **place(element))


def _invocation(element: etree._Element) -> InvocationBox:
    bindings: list[tuple[str, Boxed]] = []
    for binding in children(element, "binding"):
        parameter = first(binding, "parameter")
        name = "" if parameter is None else parameter.get("name", "")
        bindings.append((name, _inside(binding, binding)))
    return InvocationBox(
        _inside(element, element), tuple(bindings), type_ref=element.get("typeRef"), **place(element)
    )


def read_function(element: etree._Element) -> FunctionBox:
    """Read a function definition (or a knowledge model's logic, which is one)."""
    body = [child for child in elements(element) if name_of(child) in BOXED]
    return FunctionBox(
        tuple(_variable(parameter) for parameter in children(element, "formalParameter")),
        read_boxed(body[0]) if body else None,
        element.get("kind", "FEEL"),
        type_ref=element.get("typeRef"),
        **place(element),
    )


def _conditional(element: etree._Element) -> ConditionalBox:
    return ConditionalBox(
        _inside(first(element, "if"), element),
        _inside(first(element, "then"), element),
        _inside(first(element, "else"), element),
        type_ref=element.get("typeRef"),
        **place(element),
    )


def _filter(element: etree._Element) -> FilterBox:
    return FilterBox(
        _inside(first(element, "in"), element),
        _inside(first(element, "match"), element),
        type_ref=element.get("typeRef"),
        **place(element),
    )


def _iterator(element: etree._Element) -> IteratorBox:
    kind = name_of(element)
    return IteratorBox(
        kind,
        element.get("iteratorVariable", ""),
        _inside(first(element, "in"), element),
        _inside(first(element, "return" if kind == "for" else "satisfies"), element),
        type_ref=element.get("typeRef"),
        **place(element),
    )


def _table(element: etree._Element) -> TableBox:
    policy = element.get("hitPolicy", "UNIQUE")
    aggregation = element.get("aggregation", "")
    if policy not in _POLICIES:
        raise DmnError("dmn.hit_policy", policy=policy, **place(element))
    if aggregation not in _AGGREGATORS:
        raise DmnError("dmn.aggregator", aggregator=aggregation, **place(element))
    inputs = tuple(_table_input(child) for child in children(element, "input"))
    outputs = tuple(_table_output(child) for child in children(element, "output"))
    rules = tuple(_rule(child) for child in children(element, "rule"))
    for number, rule in enumerate(rules, 1):
        if len(rule.inputs) != len(inputs) or len(rule.outputs) != len(outputs):
            raise DmnError("dmn.rule_size", rule=number, element=rule.element, line=rule.line)
    return TableBox(
        inputs,
        outputs,
        rules,
        _POLICIES[policy],
        _AGGREGATORS[aggregation],
        element.get("outputLabel", ""),
        tuple(child.get("name", "") for child in children(element, "annotation")),
        type_ref=element.get("typeRef"),
        **place(element),
    )


def _table_input(element: etree._Element) -> TableInput:
    expression = first(element, "inputExpression")
    box = LiteralBox("null", **place(element)) if expression is None else _literal(expression)
    values = first(element, "inputValues")
    return TableInput(
        element.get("label") or box.text,
        box,
        None if values is None else own_text(first(values, "text")),
        **place(element),
    )


def _table_output(element: etree._Element) -> TableOutput:
    values = first(element, "outputValues")
    default = first(element, "defaultOutputEntry")
    name = element.get("name")
    return TableOutput(
        name,
        element.get("label") or name or "",
        element.get("typeRef"),
        None if values is None else own_text(first(values, "text")),
        None if default is None else _cell(default, "null"),
        **place(element),
    )


def _rule(element: etree._Element) -> TableRule:
    annotations = tuple(
        own_text(first(child, "text")) or "" for child in children(element, "annotationEntry")
    )
    description = own_text(first(element, "description"))
    if description and not any(annotations):
        annotations = (description,)
    return TableRule(
        tuple(_cell(child, "-") for child in children(element, "inputEntry")),
        tuple(_cell(child, "null") for child in children(element, "outputEntry")),
        annotations,
        **place(element),
    )


BOXED: dict[str, Callable[[etree._Element], Boxed]] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": read_function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iterator,
    "some": _iterator,
    "every": _iterator,
    "decisionTable": _table,
}
