"""Reads a range from a string, whose ends may only be literals or calls that make dates, times and durations."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.errors import FeelError
from engine.feel.nodes import Call, Literal, Name, Node, RangeNode, UnaryComparison
from engine.feel.operations import compare
from engine.feel.run import Run
from engine.feel.values import Range

_MAKERS = ("date", "time", "date and time", "duration")


def _is_plain(node: Node) -> bool:
    if isinstance(node, Literal):
        return isinstance(node.value, (str, Decimal)) or node.at
    return (
        isinstance(node, Call)
        and isinstance(node.function, Name)
        and node.function.name in _MAKERS
        and all(isinstance(argument, Literal) for argument in node.arguments)
    )


def parse_range(run: Run, text: str) -> Range | None:
    """Return the range that the text is, or None."""
    from engine.feel.compiler import Compiler
    from engine.feel.parser import parse

    body = text.strip()
    if not body or body[0] not in "[(]" or body[-1] not in "])[":
        return None
    run.charge(20 + len(text))
    unbounded_low = body[1:].lstrip().startswith("..")
    unbounded_high = body[:-1].rstrip().endswith("..")
    if unbounded_low and unbounded_high:
        return None
    inner = body[1:-1].strip()
    if unbounded_low or unbounded_high:
        return _half(run, body, inner[2:] if unbounded_low else inner[:-2], unbounded_low)
    try:
        node = parse(body)
        if (isinstance(node, UnaryComparison) and _is_plain(node.operand)) or (
            isinstance(node, RangeNode) and _is_plain(node.low) and _is_plain(node.high)
        ):
            value = Compiler({}, body).compile(node)(None, run)
        else:
            return None
    except FeelError:
        return None
    if not isinstance(value, Range):
        return None
    if value.operator is None and compare(run, "<=", value.low, value.high) is not True:
        return None
    return value


def _half(run: Run, body: str, end_text: str, low: bool) -> Range | None:
    from engine.feel.compiler import Compiler
    from engine.feel.parser import parse

    try:
        node = parse(end_text)
        if not _is_plain(node):
            return None
        end = Compiler({}, end_text).compile(node)(None, run)
    except FeelError:
        return None
    if end is None:
        return None
    if low:
        closed = body[-1] == "]"
        return Range(None, end, False, closed, "<=" if closed else "<") if body[0] != "[" else None
    closed = body[0] == "["
    return Range(end, None, closed, False, ">=" if closed else ">") if body[-1] != "]" else None
