# mypy: no-warn-return-any
"""Turns the syntax tree into Python closures, once for each expression."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.feel import compile_calls, compile_loops, compile_tests
from engine.feel.errors import FeelLimitError
from engine.feel.functions import Code
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
    ListNode,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeNode,
    UnaryComparison,
    UnaryTests,
)
from engine.feel.operations import arithmetic, compare, equal, negate, order_keys
from engine.feel.properties import member
from engine.feel.run import Run, Scope
from engine.feel.types import Type
from engine.feel.values import NUMBER, Range, type_name


class Compiler:
    """Compiles the nodes of one expression; ``types`` are the declared ones, ``text`` is for the place of errors."""

    def __init__(self, types: Mapping[str, Type], text: str) -> None:
        self.types = types
        self.text = text
        self.filters = 0
        """How many filters the current node is inside of: there a name may be a member that an item lacks."""

    def compile(self, node: Node) -> Code:
        """Return the node's closure."""
        return _COMPILE[type(node)](self, node)


def _literal(_compiler: Compiler, node: Literal) -> Code:
    value = node.value
    return lambda _scope, _run: value


def _name(compiler: Compiler, node: Name) -> Code:
    name = node.name
    lenient = compiler.filters > 0

    def load(scope: Scope | None, run: Run) -> Any:
        while scope is not None:
            names = scope.names
            if name in names:
                return names[name]
            scope = scope.parent
        return run.load(name, lenient)

    return load


def _path(compiler: Compiler, node: Path) -> Code:
    base = compiler.compile(node.base)
    name = node.member

    def path(scope: Scope | None, run: Run) -> Any:
        value = base(scope, run)
        if isinstance(value, dict):
            try:
                return value[name]
            except KeyError:
                return run.null("feel.null.member", type="context", name=name)
        return member(run, value, name)

    return path


def _negation(compiler: Compiler, node: Negation) -> Code:
    operand = compiler.compile(node.operand)
    return lambda scope, run: negate(run, operand(scope, run))


_FAST: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBER.add,
    "-": NUMBER.subtract,
    "*": NUMBER.multiply,
}


def _arithmetic(compiler: Compiler, node: Arithmetic) -> Code:
    first = compiler.compile(node.first)
    rest = tuple((operator, compiler.compile(operand)) for operator, operand in node.rest)
    if len(rest) == 1:
        return _two(first, *rest[0])

    def chain(scope: Scope | None, run: Run) -> Any:
        value = first(scope, run)
        for operator, operand in rest:
            value = arithmetic(run, operator, value, operand(scope, run))
        return value

    return chain


def _two(first: Code, operator: str, second: Code) -> Code:
    fast = _FAST.get(operator)
    if fast is None:
        return lambda scope, run: arithmetic(run, operator, first(scope, run), second(scope, run))

    def calculate(scope: Scope | None, run: Run) -> Any:
        left = first(scope, run)
        right = second(scope, run)
        if type(left) is Decimal and type(right) is Decimal:
            try:
                return fast(left, right)
            except decimal.Overflow:
                raise FeelLimitError("feel.limit.number") from None
        return arithmetic(run, operator, left, right)

    return calculate


def _comparison(compiler: Compiler, node: Comparison) -> Code:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    if node.operator in ("=", "!="):
        return _equality(left, right, node.operator == "=")
    return _ORDER[node.operator](left, right)


def _equality(left: Code, right: Code, wanted: bool) -> Code:
    def test(scope: Scope | None, run: Run) -> bool | None:
        one = left(scope, run)
        other = right(scope, run)
        if type(one) is type(other) and (type(one) is Decimal or type(one) is str):
            return (one == other) is wanted
        result = equal(run, one, other)
        if result is None:
            return run.null(
                "feel.null.operand",
                operation="=" if wanted else "!=",
                left=type_name(one),
                right=type_name(other),
            )
        return result is wanted

    return test


def _less(left: Code, right: Code) -> Code:
    def test(scope: Scope | None, run: Run) -> bool | None:
        one = left(scope, run)
        other = right(scope, run)
        if type(one) is Decimal and type(other) is Decimal:
            return one < other
        return compare(run, "<", one, other)

    return test


def _less_equal(left: Code, right: Code) -> Code:
    def test(scope: Scope | None, run: Run) -> bool | None:
        one = left(scope, run)
        other = right(scope, run)
        if type(one) is Decimal and type(other) is Decimal:
            return one <= other
        return compare(run, "<=", one, other)

    return test


def _greater(left: Code, right: Code) -> Code:
    def test(scope: Scope | None, run: Run) -> bool | None:
        one = left(scope, run)
        other = right(scope, run)
        if type(one) is Decimal and type(other) is Decimal:
            return one > other
        return compare(run, ">", one, other)

    return test


def _greater_equal(left: Code, right: Code) -> Code:
    def test(scope: Scope | None, run: Run) -> bool | None:
        one = left(scope, run)
        other = right(scope, run)
        if type(one) is Decimal and type(other) is Decimal:
            return one >= other
        return compare(run, ">=", one, other)

    return test


_ORDER: dict[str, Callable[[Code, Code], Code]] = {
    "<": _less,
    "<=": _less_equal,
    ">": _greater,
    ">=": _greater_equal,
}


def _between(compiler: Compiler, node: Between) -> Code:
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))

    def between(scope: Scope | None, run: Run) -> bool | None:
        subject = value(scope, run)
        above = compare(run, ">=", subject, low(scope, run))
        below = compare(run, "<=", subject, high(scope, run))
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    return between


def _logic(compiler: Compiler, node: Logic) -> Code:
    operands = tuple(compiler.compile(operand) for operand in node.operands)
    decisive = node.operator == "or"

    def logic(scope: Scope | None, run: Run) -> bool | None:
        unknown = False
        for operand in operands:
            value = operand(scope, run)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                unknown = True
        return None if unknown else not decisive

    return logic


def _if(compiler: Compiler, node: If) -> Code:
    branches = tuple((compiler.compile(test), compiler.compile(result)) for test, result in node.branches)
    otherwise = compiler.compile(node.otherwise)

    def choose(scope: Scope | None, run: Run) -> Any:
        for test, result in branches:
            value = test(scope, run)
            if value is True:
                return result(scope, run)
            if value is not False and value is not None:
                run.warn("feel.null.condition", type=type_name(value))
        return otherwise(scope, run)

    return choose


def _list(compiler: Compiler, node: ListNode) -> Code:
    items = tuple(compiler.compile(item) for item in node.items)
    size = len(items) + 1

    def build(scope: Scope | None, run: Run) -> list[Any]:
        run.charge(size)
        return [item(scope, run) for item in items]

    return build


def _context(compiler: Compiler, node: ContextNode) -> Code:
    entries = tuple((key, compiler.compile(value)) for key, value in node.entries)
    size = 2 * len(entries) + 2

    def build(scope: Scope | None, run: Run) -> dict[str, Any]:
        run.charge(size)
        names: dict[str, Any] = {}
        inner = Scope(names, scope)
        for key, value in entries:
            names[key] = value(inner, run)
        return names

    return build


def _range(compiler: Compiler, node: RangeNode) -> Code:
    low, high = compiler.compile(node.low), compiler.compile(node.high)
    low_closed, high_closed = node.low_closed, node.high_closed

    def build(scope: Scope | None, run: Run) -> Range | None:
        return make_range(run, low(scope, run), high(scope, run), low_closed, high_closed)

    return build


def make_range(run: Run, low: Any, high: Any, low_closed: bool, high_closed: bool) -> Range | None:
    """Return the interval between two values, or null if they have no common order."""
    both = low is not None and high is not None
    if both and (type(low) is not type(high) or order_keys(low, high) is None):
        return run.null("feel.null.range")
    return Range(low, high, low_closed, high_closed)


_COMPILE: dict[type[Node], Callable[[Compiler, Any], Code]] = {
    Literal: _literal,
    Name: _name,
    Path: _path,
    Negation: _negation,
    Arithmetic: _arithmetic,
    Comparison: _comparison,
    Between: _between,
    Logic: _logic,
    If: _if,
    ListNode: _list,
    ContextNode: _context,
    RangeNode: _range,
    Filter: compile_loops.filter_,
    For: compile_loops.for_,
    Quantified: compile_loops.quantified,
    Call: compile_calls.call,
    Function: compile_calls.function,
    InstanceOf: compile_calls.instance_of,
    In: compile_tests.in_,
    UnaryComparison: compile_tests.open_range,
    UnaryTests: compile_tests.unary_tests,
}
