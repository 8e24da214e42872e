"""Closures for ``in``, for unary tests, and for ranges with one open end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.feel.free_names import uses
from engine.feel.functions import Code
from engine.feel.nodes import In, Node, UnaryComparison, UnaryTests
from engine.feel.operations import compare, equal, within
from engine.feel.run import Run, Scope
from engine.feel.values import Range

if TYPE_CHECKING:
    from engine.feel.compiler import Compiler

Test = Callable[[Any, "Scope | None", Run], "bool | None"]
"""A compiled unary test: takes the input, returns whether it passes, null where that is unknown."""


def in_(compiler: Compiler, node: In) -> Code:
    """Compile ``value in test`` and ``value in (test, …)``."""
    value = compiler.compile(node.value)
    tests = tuple(_test(compiler, test, True) for test in node.tests)

    def check(scope: Scope | None, run: Run) -> bool | None:
        return _any(tests, value(scope, run), scope, run)

    return check


def unary_tests(compiler: Compiler, node: UnaryTests) -> Code:
    """Compile unary tests; the input is bound to ``?``."""
    tests = tuple(_test(compiler, test, False) for test in node.tests)
    negated = node.negated
    if not tests:
        return lambda _scope, _run: True

    def check(scope: Scope | None, run: Run) -> bool | None:
        subject = scope.names.get("?") if scope is not None else None
        result = _any(tests, subject, scope, run)
        if negated:
            return None if result is None else not result
        return result

    return check


def _any(tests: tuple[Test, ...], subject: Any, scope: Scope | None, run: Run) -> bool | None:
    unknown = False
    for test in tests:
        result = test(subject, scope, run)
        if result is True:
            return True
        if result is None:
            unknown = True
    return None if unknown else False


def open_range(compiler: Compiler, node: UnaryComparison) -> Code:
    """Compile ``(< 5)`` where a value is wanted: a range without one of its ends."""
    operand = compiler.compile(node.operand)
    operator = node.operator

    def build(scope: Scope | None, run: Run) -> Any:
        return range_of(run, operator, operand(scope, run))

    return build


def range_of(run: Run, operator: str, end: Any) -> Any:
    """Return the range of the values that stand in ``operator`` to ``end``."""
    if end is None or isinstance(end, (list, dict, bool, Range)) or operator == "!=":
        return run.null("feel.null.range")
    if operator == "=":
        return Range(end, end, True, True, operator)
    if operator in ("<", "<="):
        return Range(None, end, False, operator == "<=", operator)
    return Range(end, None, operator == ">=", False, operator)


def _test(compiler: Compiler, node: Node, bind: bool) -> Test:
    if isinstance(node, UnaryComparison):
        return _comparison(node.operator, compiler.compile(node.operand))
    code = compiler.compile(node)
    if not _mentions_input(node):
        return lambda subject, scope, run: matches(run, subject, code(scope, run))
    if bind:
        return lambda subject, scope, run: _boolean(code(Scope({"?": subject}, scope), run))
    return lambda subject, scope, run: matches_own(run, subject, code(scope, run))


def _comparison(operator: str, operand: Code) -> Test:
    def test(subject: Any, scope: Scope | None, run: Run) -> bool | None:
        value = operand(scope, run)
        if operator == "=":
            return equal(run, subject, value)
        if operator == "!=":
            same = equal(run, subject, value)
            return None if same is None else not same
        return compare(run, operator, subject, value)

    return test


def _mentions_input(node: Node) -> bool:
    return any(use.name == "?" for use in uses(node, frozenset()))


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def matches_own(run: Run, subject: Any, value: Any) -> bool | None:
    """Return whether a test that names its input holds: its result says so itself, unless it is no boolean."""
    return value if isinstance(value, bool) else matches(run, subject, value)


def matches(run: Run, subject: Any, value: Any) -> bool | None:
    """Return whether the input matches a test's value: equals it, lies in the range, or is in the list."""
    if isinstance(value, Range) and not isinstance(subject, Range):
        return within(run, subject, value)
    if isinstance(value, list):
        return _in_list(run, subject, value)
    if isinstance(value, bool) and not isinstance(subject, bool):
        return value if subject is not None else False
    return equal(run, subject, value)


def _in_list(run: Run, subject: Any, items: list[Any]) -> bool | None:
    if isinstance(subject, list) and equal(run, subject, items) is True:
        return True
    run.charge(len(items))
    for item in items:
        if equal(run, subject, item) is True:
            return True
        if isinstance(item, Range) and within(run, subject, item) is True:
            return True
        if isinstance(item, list) and _in_list(run, subject, item) is True:
            return True
    return False
