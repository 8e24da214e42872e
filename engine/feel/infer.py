"""Infers the types that are certain; finds operators and functions that can't take them, and members that nothing has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.feel.errors import FeelWarning
from engine.feel.free_names import children
from engine.feel.known_results import misfit, result_of
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
    UnaryComparison,
    UnaryTests,
)
from engine.feel.properties import PROPERTIES
from engine.feel.suggest import closest
from engine.feel.types import ANY, BASE, BOOLEAN, NUMBER, STRING, Type, resolve
from engine.feel.values import type_name

_TEMPORAL = ("date", "time", "date and time", "days and time duration", "years and months duration")
_DURATIONS = ("days and time duration", "years and months duration")
LIST = Type("list")


class Inference:
    """One walk over a tree with the types of its variables; ``conflicts`` are (offset, warning).

    ``known`` are all names that can exist there: then a name in a filter that is neither one of them nor a member of the
    filtered items is found too. None: they are not known.
    """

    def __init__(self, types: Mapping[str, Type], known: Collection[str] | None = None) -> None:
        self._types = dict(types)
        self._known = known
        self._members: frozenset[str] | None = frozenset()
        """The members of the items that the walk is inside of; None where there are items of an unknown type."""
        self._filters = 0
        self.conflicts: list[tuple[int, FeelWarning]] = []

    def infer(self, node: Node) -> Type:
        """Return the node's type, Any where it is not certain."""
        if isinstance(node, Literal):
            return BASE["Null"] if node.value is None else BASE.get(type_name(node.value), ANY)
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Path):
            return self._member(node)
        if isinstance(node, Filter):
            return self._filter(node)
        if isinstance(node, (For, Quantified)):
            return self._loop(node)
        if isinstance(node, Function):
            before = self._types
            self._types = {
                **before,
                **{
                    name: ANY if type_ is None else resolve(type_, {}) or ANY
                    for name, type_ in node.parameters
                },
            }
            self.infer(node.body)
            self._types = before
            return Type("function")
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, ContextNode):
            return self._context(node)
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

    # -- names and what binds them -----------------------------------------------------------------------------

    def _name(self, node: Name) -> Type:
        if self._filters and self._members is not None and self._known is not None:
            lacking = node.name not in self._types and node.name not in self._known and node.name != "?"
            if lacking and node.name not in self._members:
                self._say(node.start, "feel.unknown_member", node.name, {*self._members, *self._known})
        return self._types.get(node.name, ANY)

    def _member(self, node: Path) -> Type:
        """Return the type behind a dot; a member that a known structure lacks is a conflict."""
        base = self.infer(node.base)
        several = base.kind == "list"
        structure = base.element if several else base
        if structure is None or structure.kind in ("Any", "Null", "list"):
            return ANY
        if structure.kind != "context":
            names: Collection[str] = PROPERTIES.get(structure.kind, ())
        elif structure.members is None:
            return ANY
        else:
            names = structure.members
        if node.member not in names:
            self._say(node.member_start, "feel.unknown_member", node.member, names)
            return ANY
        member = structure.members[node.member] if structure.members is not None else ANY
        return Type("list", member) if several else member

    def _say(self, start: int, code: str, name: str, candidates: Collection[str]) -> None:
        params = {"name": name, "suggestion": closest(name, candidates)}
        self.conflicts.append((start, FeelWarning(code, params)))

    def _filter(self, node: Filter) -> Type:
        base = self.infer(node.base)
        element = base.element if base.kind == "list" else base
        before, members = self._types, self._members
        if (
            element is None
            or element.kind == "Any"
            or (element.kind == "context" and element.members is None)
        ):
            # Any name may be a member of the items.
            self._types, self._members = {}, None
        else:
            own = dict(element.members or {}) if element.kind == "context" else {}
            self._types = {**before, "item": element, **own}
            self._members = None if members is None else members | own.keys()
        self._filters += 1
        condition = self.infer(node.condition)
        self._filters -= 1
        self._types, self._members = before, members
        if condition.kind == "number":
            return element or ANY
        if condition.kind != "boolean" or element is None or element.kind == "Any":
            return ANY
        return Type("list", element)

    def _loop(self, node: For | Quantified) -> Type:
        before = self._types
        for iterator in node.iterators:
            self._types = {**self._types, iterator.name: self._stepped(iterator)}
        if isinstance(node, For):
            self._types = {**self._types, "partial": LIST}
            result = Type("list", self.infer(node.body))
        else:
            self._boolean(node.condition, node.kind, self.infer(node.condition))
            result = BOOLEAN
        self._types = before
        return result

    def _stepped(self, iterator: Iterator) -> Type:
        domain = self.infer(iterator.domain)
        if iterator.end is not None:
            self.infer(iterator.end)
            return domain
        if domain.kind in ("list", "range"):
            return domain.element or ANY
        return domain

    def _context(self, node: ContextNode) -> Type:
        before = self._types
        members: dict[str, Type] = {}
        for key, value in node.entries:
            members[key] = self.infer(value)
            self._types = {**self._types, key: members[key]}
        self._types = before
        return Type("context", members=members)

    def _call(self, node: Call) -> Type:
        arguments = [self.infer(argument) for argument in node.arguments]
        if not isinstance(node.function, Name):
            self.infer(node.function)
            return ANY
        name = node.function.name
        if name in self._types:
            return ANY
        wrong = None if node.names else misfit(name, arguments)
        if wrong is not None:
            params = {"operation": name, "left": arguments[wrong].kind}
            self.conflicts.append(
                (node.arguments[wrong].start, FeelWarning("feel.argument_conflict", params))
            )
        return result_of(name)

    # -- operators -----------------------------------------------------------------------------------------------

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
                self._boolean(node, node.operator, operand)
            return BOOLEAN
        if isinstance(node, (In, InstanceOf)):
            return BOOLEAN
        if isinstance(node, If):
            for condition in operands[:-1:2]:
                self._boolean(node, "if", condition)
            return _common([*operands[1::2], operands[-1]])
        if isinstance(node, ListNode):
            return Type("list", _common(operands)) if operands else LIST
        if isinstance(node, RangeNode):
            return Type("range", _common(operands))
        return operands[0] if isinstance(node, Negation) else ANY

    def _boolean(self, node: Node, operation: str, given: Type) -> None:
        if given.kind not in ("Any", "boolean", "Null"):
            self._conflict(node, operation, given, BOOLEAN)

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
        params: dict[str, Any] = {"operation": operation, "left": left.kind, "right": right.kind}
        self.conflicts.append((node.start, FeelWarning("feel.type_conflict", params)))


def _common(types: list[Type]) -> Type:
    """Return the type that all have, null aside; Any where they differ."""
    found = [type_ for type_ in types if type_.kind != "Null"]
    return found[0] if found and all(_alike(type_, found[0]) for type_ in found) else ANY


def _alike(one: Type, other: Type, depth: int = 2) -> bool:
    """Return whether two types are the same as far as ``depth`` levels down: declared types may contain themselves."""
    if one is other:
        return True
    if one.kind != other.kind or depth == 0:
        return one.kind == other.kind
    if (one.element is None) != (other.element is None) or (one.members is None) != (other.members is None):
        return False
    mine, theirs = dict(one.members or {}), dict(other.members or {})
    if one.element is not None and other.element is not None:
        mine["item"], theirs["item"] = one.element, other.element
    return mine.keys() == theirs.keys() and all(
        _alike(type_, theirs[name], depth - 1) for name, type_ in mine.items()
    )
