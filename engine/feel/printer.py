"""Writes a syntax tree back as FEEL text; reading it again gives the same tree."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import KEYWORDS
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    ContextNode,
    Filter,
    For,
    Function,
    If,
    In,
    InstanceOf,
    Iterator,
    ListNode,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeNode,
    TypeNode,
    UnaryComparison,
    UnaryTests,
)
from engine.feel.text import quote

OR, AND, COMPARE, SUM, PRODUCT, POWER, UNARY, POSTFIX, ATOM = range(1, 10)
_CHAIN = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER}


def key_text(key: str) -> str:
    """Return a context's key as it must be written: quoted unless it is a plain name."""
    from engine.feel.stream import is_special, name_tokens

    try:
        pieces = name_tokens(key)
    except FeelSyntaxError:
        return quote(key)
    plain = not is_special(key, pieces) and not any(piece in KEYWORDS for piece in pieces)
    return key if plain else quote(key)


def print_node(node: Node) -> str:
    """Return the text of an expression or of unary tests."""
    return _write(node)[0]


def _within(node: Node, level: int) -> str:
    text, own = _write(node)
    return text if own >= level else f"({text})"


def _write(node: Node) -> tuple[str, int]:
    return _WRITERS[type(node)](node)


def _literal(node: Literal) -> tuple[str, int]:
    value = node.value
    if node.at:
        return f'@"{value}"', ATOM
    if isinstance(value, str):
        return quote(value), ATOM
    if isinstance(value, Decimal):
        # The exact digits, so that 1.50 stays 1.50.
        text = f"{value:f}" if abs(value.adjusted()) < 60 else str(value)
        return text, UNARY if text.startswith("-") else ATOM
    return {None: "null", True: "true", False: "false"}[value], ATOM


def _arithmetic(node: Arithmetic) -> tuple[str, int]:
    level = _CHAIN[node.rest[0][0]]
    parts = [_within(node.first, level + 1)]
    parts.extend(f" {operator} {_within(operand, level + 1)}" for operator, operand in node.rest)
    return "".join(parts), level


def _logic(node: Logic) -> tuple[str, int]:
    level = OR if node.operator == "or" else AND
    return f" {node.operator} ".join(_within(operand, level + 1) for operand in node.operands), level


def _comparison(node: Comparison) -> tuple[str, int]:
    return f"{_within(node.left, COMPARE)} {node.operator} {_within(node.right, SUM)}", COMPARE


def _between(node: Between) -> tuple[str, int]:
    value, low, high = _within(node.value, COMPARE), _within(node.low, SUM), _within(node.high, SUM)
    return f"{value} between {low} and {high}", COMPARE


def _in(node: In) -> tuple[str, int]:
    value = _within(node.value, COMPARE)
    if len(node.tests) == 1 and not isinstance(node.tests[0], UnaryComparison):
        return f"{value} in {_within(node.tests[0], SUM)}", COMPARE
    return f"{value} in ({', '.join(map(_test, node.tests))})", COMPARE


def _test(node: Node) -> str:
    if isinstance(node, UnaryComparison):
        return f"{node.operator} {_within(node.operand, SUM)}"
    return _within(node, OR)


def _if(node: If) -> tuple[str, int]:
    text = ""
    for condition, result in node.branches:
        text += f"if {_within(condition, OR)} then {_within(result, OR)} else "
    last = node.otherwise
    return text + (f"({_write(last)[0]})" if isinstance(last, If) else _within(last, OR)), 0


def _iterators(iterators: tuple[Iterator, ...]) -> str:
    def one(iterator: Iterator) -> str:
        end = "" if iterator.end is None else f"..{_within(iterator.end, OR)}"
        return f"{iterator.name} in {_within(iterator.domain, OR)}{end}"

    return ", ".join(map(one, iterators))


def _for(node: For) -> tuple[str, int]:
    return f"for {_iterators(node.iterators)} return {_within(node.body, OR)}", 0


def _quantified(node: Quantified) -> tuple[str, int]:
    return f"{node.kind} {_iterators(node.iterators)} satisfies {_within(node.condition, OR)}", 0


def _function(node: Function) -> tuple[str, int]:
    parameters = ", ".join(
        name if type_ is None else f"{name}: {type_text(type_)}" for name, type_ in node.parameters
    )
    external = "external " if node.external else ""
    return f"function({parameters}) {external}{_within(node.body, OR)}", 0


def _call(node: Call) -> tuple[str, int]:
    values = [_within(argument, OR) for argument in node.arguments]
    if node.names:
        values = [f"{name}: {value}" for name, value in zip(node.names, values, strict=True)]
    return f"{_within(node.function, POSTFIX)}({', '.join(values)})", POSTFIX


def _context(node: ContextNode) -> tuple[str, int]:
    entries = ", ".join(f"{key_text(key)}: {_within(value, OR)}" for key, value in node.entries)
    return "{" + entries + "}", ATOM


def _range(node: RangeNode) -> tuple[str, int]:
    low, high = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    return f"{low}{_within(node.low, OR)}..{_within(node.high, OR)}{high}", ATOM


def _unary_tests(node: UnaryTests) -> tuple[str, int]:
    text = ", ".join(map(_test, node.tests)) or "-"
    return f"not({text})" if node.negated else text, 0


def type_text(node: TypeNode) -> str:
    """Return the text of a type."""
    if node.members:
        pairs = zip(node.members, node.arguments, strict=True)
        return "context<" + ", ".join(f"{name}: {type_text(type_)}" for name, type_ in pairs) + ">"
    text = node.name
    if node.arguments or node.result is not None:
        text += f"<{', '.join(map(type_text, node.arguments))}>"
    return text if node.result is None else f"{text} -> {type_text(node.result)}"


_WRITERS: dict[type[Node], Callable[[Any], tuple[str, int]]] = {
    Literal: _literal,
    Name: lambda node: (node.name, ATOM),
    Path: lambda node: (f"{_within(node.base, POSTFIX)}.{node.member}", POSTFIX),
    Filter: lambda node: (f"{_within(node.base, POSTFIX)}[{_within(node.condition, OR)}]", POSTFIX),
    Call: _call,
    Negation: lambda node: (f"-{_within(node.operand, UNARY)}", UNARY),
    Arithmetic: _arithmetic,
    Comparison: _comparison,
    Between: _between,
    In: _in,
    InstanceOf: lambda node: (f"{_within(node.value, COMPARE)} instance of {type_text(node.type)}", COMPARE),
    Logic: _logic,
    If: _if,
    For: _for,
    Quantified: _quantified,
    Function: _function,
    ListNode: lambda node: ("[" + ", ".join(_within(item, OR) for item in node.items) + "]", ATOM),
    ContextNode: _context,
    RangeNode: _range,
    UnaryComparison: lambda node: (f"({node.operator} {_within(node.operand, OR)})", ATOM),
    UnaryTests: _unary_tests,
}
