"""FEEL's types: what a type expression means, and whether a value conforms to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.feel.nodes import TypeNode
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.values import FunctionValue, Range

Charge = Callable[[int], None]
Allowed = Callable[[Any, Charge], bool]
"""Whether a value is allowed; the second argument is told what finding that out took."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type: ``kind`` is a base type's name, or list, range, context, function, Any, Null.

    ``element`` is a list's or range's, ``members`` a context's by name, ``parameters`` and ``result`` a function's.
    An ``allowed`` predicate narrows the type to some values (DMN's allowed values).
    """

    kind: str
    element: Type | None = None
    members: Mapping[str, Type] | None = None
    parameters: tuple[Type, ...] | None = None
    result: Type | None = None
    name: str | None = field(default=None, compare=False)
    allowed: Allowed | None = field(default=None, compare=False)

    def __str__(self) -> str:
        if self.name:
            return self.name
        if self.kind in ("list", "range") and self.element is not None:
            return f"{self.kind}<{self.element}>"
        return self.kind


ANY = Type("Any")
NUMBER = Type("number")
STRING = Type("string")
BOOLEAN = Type("boolean")
DATE = Type("date")
TIME = Type("time")
DATE_TIME = Type("date and time")
DAYS = Type("days and time duration")
MONTHS = Type("years and months duration")

BASE: dict[str, Type] = {
    "Any": ANY,
    "Null": Type("Null"),
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "days and time duration": DAYS,
    "dayTimeDuration": DAYS,
    "years and months duration": MONTHS,
    "yearMonthDuration": MONTHS,
    "list": Type("list"),
    "context": Type("context"),
    "range": Type("range"),
    "function": Type("function"),
}
PYTHON: dict[str, type | tuple[type, ...]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days and time duration": DaysDuration,
    "years and months duration": MonthsDuration,
    "list": list,
    "context": dict,
    "range": Range,
    "function": FunctionValue,
}


def resolve(node: TypeNode, types: Mapping[str, Type]) -> Type | None:
    """Return the type that a type expression means, or None if it names one that is not known."""
    if node.name in types and not node.arguments:
        return types[node.name]
    arguments = [resolve(argument, types) for argument in node.arguments]
    if any(argument is None for argument in arguments):
        return None
    known = [argument for argument in arguments if argument is not None]
    if node.name in ("list", "range") and known:
        return Type(node.name, known[0])
    if node.name == "context" and node.members:
        return Type("context", members=dict(zip(node.members, known, strict=True)))
    if node.name == "function" and (known or node.result is not None):
        result = None if node.result is None else resolve(node.result, types)
        if node.result is not None and result is None:
            return None
        return Type("function", parameters=tuple(known), result=result)
    return BASE.get(node.name)


def _no_charge(_steps: int) -> None:
    """Charge nothing: outside of an evaluation."""


def conforms(value: Any, type_: Type, allowed: bool = True, charge: Charge = _no_charge) -> bool:
    """Return whether the value is an instance of the type (null only of Null), and with ``allowed`` one of its
    allowed values; ``charge`` is told how many items and entries are looked at."""
    kind = type_.kind
    if value is None:
        return kind == "Null"
    if kind == "Any":
        return not allowed or _is_allowed(value, type_, charge)
    if not isinstance(value, PYTHON.get(kind, ())):
        return False
    return _structure_conforms(value, type_, allowed, charge) and (
        not allowed or _is_allowed(value, type_, charge)
    )


def _is_allowed(value: Any, type_: Type, charge: Charge) -> bool:
    return type_.allowed is None or type_.allowed(value, charge)


def _structure_conforms(value: Any, type_: Type, allowed: bool, charge: Charge) -> bool:
    kind = type_.kind
    if kind == "list":
        element = type_.element
        if element is None:
            return True
        charge(1 + len(value))
        return all(_member_conforms(item, element, allowed, charge) for item in value)
    if kind == "range":
        inner = type_.element
        return inner is None or all(
            end is None or conforms(end, inner, allowed, charge) for end in (value.low, value.high)
        )
    if kind == "context":
        members = type_.members
        if members is None:
            return True
        charge(1 + len(members))
        return all(
            name in value and _member_conforms(value[name], member, allowed, charge)
            for name, member in members.items()
        )
    return kind != "function" or _function_conforms(value, type_)


def _member_conforms(value: Any, type_: Type, allowed: bool, charge: Charge) -> bool:
    return value is None or conforms(value, type_, allowed, charge)


def _function_conforms(value: FunctionValue, type_: Type) -> bool:
    if type_.parameters is None:
        return True
    if len(value.parameters) != len(type_.parameters):
        return False
    declared: tuple[Type, ...] | None = getattr(value, "types", None)
    if declared is not None and not all(
        includes(theirs, wanted) for theirs, wanted in zip(declared, type_.parameters, strict=True)
    ):
        return False
    result: Type | None = getattr(value, "result", None)
    return type_.result is None or result is None or includes(type_.result, result)


def includes(wide: Type, narrow: Type) -> bool:
    """Return whether every value of ``narrow`` is one of ``wide`` (structurally)."""
    if wide.kind == "Any" or narrow.kind == "Null":
        return True
    if wide.kind != narrow.kind:
        return False
    if wide.kind in ("list", "range"):
        return wide.element is None or (narrow.element is not None and includes(wide.element, narrow.element))
    if wide.kind == "context":
        mine, theirs = wide.members or {}, narrow.members or {}
        return all(name in theirs and includes(type_, theirs[name]) for name, type_ in mine.items())
    if wide.kind == "function" and wide.parameters is not None:
        if narrow.parameters is None or len(wide.parameters) != len(narrow.parameters):
            return False
        contravariant = all(
            includes(theirs, mine) for theirs, mine in zip(narrow.parameters, wide.parameters, strict=True)
        )
        results = wide.result is None or (narrow.result is not None and includes(wide.result, narrow.result))
        return contravariant and results
    return True


def coerce(value: Any, type_: Type, charge: Charge = _no_charge) -> tuple[bool, Any]:
    """Apply the standard's implicit conversions (§10.3.2.9.4): (True, value) if it conforms then, else (False, None).

    null conforms to everything here; a list of one becomes its item where no list is asked, an item becomes a list
    where one is asked, a date becomes its UTC midnight where a date and time is asked. ``charge`` is told how many
    items and entries are looked at.
    """
    if value is None or conforms(value, type_, True, charge):
        return True, value
    if type_.kind == "date and time" and isinstance(value, Date):
        return True, DateTime(value, Time(0, 0, 0, 0, 0))
    if type_.kind == "list" and not isinstance(value, list):
        fits, item = (True, value) if type_.element is None else coerce(value, type_.element, charge)
        return (True, [item]) if fits and conforms([item], type_, True, charge) else (False, None)
    if isinstance(value, list) and len(value) == 1 and type_.kind != "list":
        item = value[0]
        return coerce(item, type_, charge) if not isinstance(item, list) else (False, None)
    return False, None
