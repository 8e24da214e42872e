"""What types the builtin functions give and take, for the checks before an expression runs."""

from __future__ import annotations

from collections.abc import Sequence

from engine.feel.builtins.registry import BUILTINS, Parameter
from engine.feel.types import ANY, BASE, BOOLEAN, DAYS, MONTHS, NUMBER, STRING, Type

_LISTS_OF_TEXT = ("split",)
_NUMBERS = (
    "count",
    "string length",
    "floor",
    "ceiling",
    "decimal",
    "sqrt",
    "modulo",
    "log",
    "exp",
    "round up",
    "round down",
    "round half up",
    "round half down",
    "number",
    "sum",
    "mean",
    "median",
    "stddev",
    "product",
    "day of year",
    "week of year",
)
_STRINGS = (
    "string",
    "upper case",
    "lower case",
    "trim",
    "replace",
    "substring",
    "substring before",
    "substring after",
    "string join",
    "day of week",
    "month of year",
)
_BOOLEANS = (
    "contains",
    "starts with",
    "ends with",
    "matches",
    "list contains",
    "is defined",
    "not",
    "odd",
    "even",
    "all",
    "any",
    "and",
    "or",
    "is",
)
RESULTS: dict[str, Type] = {
    **dict.fromkeys(_NUMBERS, NUMBER),
    **dict.fromkeys(_STRINGS, STRING),
    **dict.fromkeys(_BOOLEANS, BOOLEAN),
    **dict.fromkeys(_LISTS_OF_TEXT, Type("list", STRING)),
    **{name: BASE[name] for name in ("date", "time", "date and time", "years and months duration", "range")},
    "today": BASE["date"],
    "now": BASE["date and time"],
}
_TAKES: dict[str, tuple[str, ...]] = {
    "days": (DAYS.kind,),
    "months": (MONTHS.kind,),
    "duration": (DAYS.kind, MONTHS.kind),
    "day": ("date", "date and time"),
    "date and time": ("date", "date and time"),
}
_ANYTHING = ("Any", "Null", "list")
"""Kinds that say nothing: they may be converted, or are null."""


def result_of(name: str) -> Type:
    """Return the type that a builtin function gives, Any where it depends on what it is given."""
    return RESULTS.get(name, ANY)


def misfit(name: str, given: Sequence[Type]) -> int | None:
    """Return the index of the first positional argument that no signature of a builtin function can take."""
    function = BUILTINS.get(name)
    if function is None:
        return None
    fits = [_fits(overload.parameters, given) for overload in function.overloads]
    return None if any(index is None for index in fits) else max(index or 0 for index in fits)


def _fits(parameters: Sequence[Parameter], given: Sequence[Type]) -> int | None:
    """Return the index of the first argument that does not fit, None where all do (their number is not looked at)."""
    for index, argument in enumerate(given):
        parameter = parameters[min(index, len(parameters) - 1)] if parameters else None
        if parameter is None or argument.kind in _ANYTHING or parameter.type in ("any", "list"):
            continue
        if argument.kind not in _TAKES.get(parameter.type, (parameter.type,)):
            return index
    return None
