"""Which names an expression needs from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Use:
    """A name used at an offset; ``in_filter`` says that it may be a member of the filtered items instead."""

    name: str
    start: int
    in_filter: bool
    called: bool


def free_names(node: Node) -> frozenset[str]:
    """Return the names that must come from outside: not bound inside, not builtin, not only in filters."""
    from engine.feel.builtins import BUILTINS

    return frozenset(use.name for use in uses(node) if not use.in_filter and use.name not in BUILTINS)


def uses(node: Node, bound: frozenset[str] = frozenset(("?",)), in_filter: bool = False) -> Iterator[Use]:
    """Yield every use of a name that the expression does not bind itself."""
    if isinstance(node, Name):
        if node.name not in bound:
            yield Use(node.name, node.start, in_filter, False)
    elif isinstance(node, Call):
        if isinstance(node.function, Name):
            if node.function.name not in bound:
                yield Use(node.function.name, node.function.start, in_filter, True)
        else:
            yield from uses(node.function, bound, in_filter)
        for argument in node.arguments:
            yield from uses(argument, bound, in_filter)
    elif isinstance(node, Filter):
        yield from uses(node.base, bound, in_filter)
        yield from uses(node.condition, bound | {"item"}, True)
    elif isinstance(node, (For, Quantified)):
        inner = bound
        for iterator in node.iterators:
            yield from uses(iterator.domain, inner, in_filter)
            if iterator.end is not None:
                yield from uses(iterator.end, inner, in_filter)
            inner = inner | {iterator.name}
        if isinstance(node, For):
            yield from uses(node.body, inner | {"partial"}, in_filter)
        else:
            yield from uses(node.condition, inner, in_filter)
    elif isinstance(node, Function):
        yield from uses(node.body, bound | {name for name, _ in node.parameters}, in_filter)
    elif isinstance(node, ContextNode):
        inner = bound
        for key, value in node.entries:
            yield from uses(value, inner, in_filter)
            inner = inner | {key}
    else:
        for child in children(node):
            yield from uses(child, bound, in_filter)


def children(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node that binds no names."""
    if isinstance(node, Path):
        return (node.base,)
    if isinstance(node, Negation):
        return (node.operand,)
    if isinstance(node, Arithmetic):
        return (node.first, *(operand for _, operand in node.rest))
    if isinstance(node, Comparison):
        return (node.left, node.right)
    if isinstance(node, Between):
        return (node.value, node.low, node.high)
    if isinstance(node, In):
        return (node.value, *node.tests)
    if isinstance(node, InstanceOf):
        return (node.value,)
    if isinstance(node, Logic):
        return node.operands
    if isinstance(node, If):
        return (*(part for branch in node.branches for part in branch), node.otherwise)
    if isinstance(node, ListNode):
        return node.items
    if isinstance(node, RangeNode):
        return (node.low, node.high)
    if isinstance(node, UnaryComparison):
        return (node.operand,)
    if isinstance(node, UnaryTests):
        return node.tests
    return ()
