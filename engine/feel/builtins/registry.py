"""How builtin functions are declared: a signature in words, overloads, and the standard's implicit conversions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel.run import Run
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.values import FunctionValue, Range

MISMATCH = object()
Implementation = Callable[..., Any]

_PYTHON: dict[str, type | tuple[type, ...]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "context": dict,
    "list": list,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days": DaysDuration,
    "months": MonthsDuration,
    "duration": (DaysDuration, MonthsDuration),
    "day": (Date, DateTime),
    "range": Range,
    "function": FunctionValue,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: ``type`` is a key of the table above or ``any``."""

    name: str
    type: str
    optional: bool = False
    nullable: bool = False
    variadic: bool = False

    def coerce(self, value: Any) -> Any:
        """Return the argument as the parameter wants it, or :data:`MISMATCH`."""
        kind = self.type
        if kind == "any":
            return value
        if value is None:
            return None if self.nullable else MISMATCH
        python = _PYTHON[kind]
        if isinstance(value, python):
            return value
        if kind == "list":
            return [value]
        if kind == "date and time" and isinstance(value, Date):
            return DateTime(value, Time(0, 0, 0, 0, 0))
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], python):
            return value[0]
        return MISMATCH


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature and what it runs: ``run`` first, then the arguments in order."""

    parameters: tuple[Parameter, ...]
    function: Implementation

    def bind(self, arguments: list[Any]) -> list[Any] | None:
        """Return the coerced arguments, or None if they don't fit."""
        parameters = self.parameters
        if parameters and parameters[-1].variadic:
            fixed = len(parameters) - 1
            if len(arguments) < fixed + (not parameters[-1].optional):
                return None
            arguments = [*arguments[:fixed], arguments[fixed:]]
            spread = [parameters[-1].coerce(value) for value in arguments[-1]]
            bound = [
                parameter.coerce(value)
                for parameter, value in zip(parameters[:-1], arguments[:-1], strict=True)
            ]
            return None if any(value is MISMATCH for value in (*bound, *spread)) else [*bound, spread]
        if len(arguments) > len(parameters):
            return None
        bound = []
        for index, parameter in enumerate(parameters):
            if index >= len(arguments):
                if not parameter.optional:
                    return None
                break
            value = parameter.coerce(arguments[index])
            if value is MISMATCH:
                return None
            bound.append(value)
        return bound

    def bind_named(self, arguments: dict[str, Any]) -> list[Any] | None:
        """Return the arguments in order, or None if names are unknown or missing."""
        known = {parameter.name for parameter in self.parameters}
        if not set(arguments) <= known:
            return None
        ordered: list[Any] = []
        for parameter in self.parameters:
            if parameter.name in arguments:
                value = arguments[parameter.name]
                if parameter.variadic:
                    ordered.extend(value if isinstance(value, list) else [value])
                else:
                    ordered.append(value)
            elif parameter.optional:
                break
            elif parameter.nullable:
                ordered.append(None)
            else:
                return None
        given = {parameter.name for parameter in self.parameters[: len(ordered)]}
        if not any(parameter.variadic for parameter in self.parameters) and not given >= set(arguments):
            return self._bind_gaps(arguments)
        return self.bind(ordered)

    def _bind_gaps(self, arguments: dict[str, Any]) -> list[Any] | None:
        """Bind when an optional parameter is left out before one that is given: it counts as null."""
        bound: list[Any] = []
        for parameter in self.parameters:
            if parameter.name not in arguments and parameter.optional:
                bound.append(None)
                continue
            value = parameter.coerce(arguments.get(parameter.name))
            if value is MISMATCH:
                return None
            bound.append(value)
        return bound


class Builtin(FunctionValue):
    """A function of the standard."""

    __slots__ = ("overloads",)

    def __init__(self, name: str) -> None:
        super().__init__(name, ())
        self.overloads: list[Overload] = []

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """Call the first overload that the arguments fit; none gives null."""
        for overload in self.overloads:
            bound = overload.bind(arguments)
            if bound is not None:
                return overload.function(run, *bound)
        return run.null("feel.null.arguments", name=self.name)

    def call_named(self, run: Run, arguments: dict[str, Any]) -> Any:
        """Call the first overload that has parameters of these names and that the arguments fit."""
        for overload in self.overloads:
            bound = overload.bind_named(arguments)
            if bound is not None:
                return overload.function(run, *bound)
        return run.null("feel.null.arguments", name=self.name)


BUILTINS: dict[str, Builtin] = {}


def parse_signature(text: str) -> tuple[Parameter, ...]:
    """Read ``name: type, other?: type|null, *rest: type``."""
    parameters: list[Parameter] = []
    for piece in filter(None, (part.strip() for part in text.split(","))):
        name, _, kind = piece.partition(":")
        kind = kind.strip()
        nullable = kind.endswith("|null")
        parameters.append(
            Parameter(
                name.strip("*? "),
                kind.removesuffix("|null"),
                optional=name.rstrip().endswith("?"),
                nullable=nullable,
                variadic=name.startswith("*"),
            )
        )
    return tuple(parameters)


def builtin(name: str, signature: str) -> Callable[[Implementation], Implementation]:
    """Declare an overload of the builtin function ``name``; earlier ones are tried first."""

    def declare(function: Implementation) -> Implementation:
        entry = BUILTINS.setdefault(name, Builtin(name))
        entry.overloads.append(Overload(parse_signature(signature), function))
        if not entry.parameters:
            entry.parameters = tuple(parameter.name for parameter in entry.overloads[0].parameters)
        return function

    return declare
