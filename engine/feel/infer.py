"""Infers the types that are certain, and finds operators whose operands can never meet."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel.errors import FeelWarning
from engine.feel.free_names import children
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
from engine.feel.types import ANY, BASE, BOOLEAN, NUMBER, STRING, Type
from engine.feel.values import type_name

RESULTS: dict[str, Type] = {
    **dict.fromkeys(
        ("string", "upper case", "lower case", "replace", "substring", "string join", "day of week"), STRING
    ),
    **dict.fromkeys(
        ("count", "string length", "abs", "floor", "ceiling", "decimal", "sqrt", "modulo"), NUMBER
    ),
    **dict.fromkeys(("round up", "round down", "round half up", "round half down", "number"), NUMBER),
    **dict.fromkeys(
        ("contains", "starts with", "ends with", "matches", "list contains", "is defined"), BOOLEAN
    ),
    **{name: BASE[name] for name in ("date", "time", "date and time", "years and months duration")},
    "today": BASE["date"],
    "now": BASE["date and time"],
}
_TEMPORAL = ("date", "time", "date and time", "days and time duration", "years and months duration")
_DURATIONS = ("days and time duration", "years and months duration")


class Inference:
    """One walk over a tree with the types of its variables; ``conflicts`` are (offset, warning)."""

    def __init__(self, types: Mapping[str, Type]) -> None:
        self._types = dict(types)
        self.conflicts: list[tuple[int, FeelWarning]] = []

    def infer(self, node: Node) -> Type:
        """Return the node's type, Any where it is not certain."""
        if isinstance(node, Literal):
            return BASE.get(type_name(node.value), ANY)
        if isinstance(node, Name):
            return self._types.get(node.name, ANY)
        if isinstance(node, Path):
            return self._member(node)
        if isinstance(node, (For, Quantified, Function, Filter)):
            return self._scoped(node)
        if isinstance(node, Call):
            for argument in node.arguments:
                self.infer(argument)
            return RESULTS.get(node.function.name, ANY) if isinstance(node.function, Name) else ANY
        if isinstance(node, ContextNode):
            return Type("context", members={key: self.infer(value) for key, value in node.entries})
        operands = [self.infer(child) for child in children(node)]
        return self._operator(node, operands)

    def tests(self, node: UnaryTests, subject: Type) -> None:
        """Look at unary tests of an input whose type is known."""
        self._types["?"] = subject
        for test in node.tests:
            if isinstance(test, UnaryComparison):
                self._comparable(test, test.operator, subject, self.infer(test.operand))
            elif isinstance(test, RangeNode):
                self._comparable(test, "in", subject, self.infer(test.low))
            elif isinstance(test, Literal):
                self._comparable(test, "=", subject, self.infer(test))
            else:
                self.infer(test)

    def _member(self, node: Path) -> Type:
        """Return the type behind a dot; a member that a known structure lacks is a conflict."""
        base = self.infer(node.base)
        several = base.kind == "list"
        structure = base.element if several else base
        if structure is None or structure.kind != "context" or structure.members is None:
            return ANY
        if node.member not in structure.members:
            self.conflicts.append((node.start, FeelWarning("feel.unknown_member", {"name": node.member})))
            return ANY
        member = structure.members[node.member]
        return Type("list", member) if several else member

    def _operator(self, node: Node, operands: list[Type]) -> Type:
        if isinstance(node, Comparison):
            self._comparable(node, node.operator, operands[0], operands[1])
            return BOOLEAN
        if isinstance(node, Between):
            before = len(self.conflicts)
            for end in operands[1:]:
                self._comparable(node, "between", operands[0], end)
            del self.conflicts[before + 1 :]
            return BOOLEAN
        if isinstance(node, Arithmetic):
            result = operands[0]
            for (operator, _), right in zip(node.rest, operands[1:], strict=True):
                result = self._arithmetic(node, operator, result, right)
            return result
        if isinstance(node, Logic):
            for operand in operands:
                if operand.kind not in ("Any", "boolean", "Null"):
                    self._conflict(node, node.operator, operand, BOOLEAN)
            return BOOLEAN
        if isinstance(node, (In, InstanceOf)):
            return BOOLEAN
        if isinstance(node, If):
            results = {operands[index].kind for index in range(1, len(operands), 2)} | {operands[-1].kind}
            return operands[-1] if len(results) == 1 else ANY
        if isinstance(node, ListNode):
            return Type("list")
        if isinstance(node, RangeNode):
            return Type("range")
        return operands[0] if isinstance(node, Negation) else ANY

    def _scoped(self, node: For | Quantified | Function | Filter) -> Type:
        """Walk a node that binds names: their types are not known."""
        before = self._types
        if isinstance(node, Filter):
            self.infer(node.base)
            self._types = {}
            self.infer(node.condition)
            result = ANY
        elif isinstance(node, Function):
            self._types = {name: type_ for name, type_ in before.items() if name not in dict(node.parameters)}
            self.infer(node.body)
            result = Type("function")
        else:
            for iterator in node.iterators:
                self.infer(iterator.domain)
                self._types = {name: type_ for name, type_ in self._types.items() if name != iterator.name}
            self.infer(node.body if isinstance(node, For) else node.condition)
            result = Type("list") if isinstance(node, For) else BOOLEAN
        self._types = before
        return result

    def _comparable(self, node: Node, operator: str, left: Type, right: Type) -> None:
        kinds = {left.kind, right.kind}
        if {"Any", "Null", "list"} & kinds or len(kinds) == 1:
            return
        if kinds != {"date", "date and time"}:
            self._conflict(node, operator, left, right)

    def _arithmetic(self, node: Node, operator: str, left: Type, right: Type) -> Type:
        if left.kind == right.kind == "number":
            return NUMBER
        if left.kind in ("Any", "Null") or right.kind in ("Any", "Null"):
            return ANY
        if operator == "+" and left.kind == right.kind == "string":
            return STRING
        temporal = left.kind in _TEMPORAL and right.kind in _TEMPORAL and operator in ("+", "-", "/")
        scaled = {left.kind, right.kind} & set(_DURATIONS) and "number" in (left.kind, right.kind)
        if not temporal and not (scaled and operator in ("*", "/")):
            self._conflict(node, operator, left, right)
        return ANY

    def _conflict(self, node: Node, operation: str, left: Type, right: Type) -> None:
        params = {"operation": operation, "left": left.kind, "right": right.kind}
        self.conflicts.append((node.start, FeelWarning("feel.type_conflict", params)))
