"""FEEL's values in Python: ``Decimal``, ``str``, ``list``, ``dict``, the temporal types, ranges and functions."""

from __future__ import annotations

import datetime as dt
import decimal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel import temporal
from engine.feel.errors import FeelLimitError, FeelTypeError
from engine.feel.limits import MAX_DATA_DEPTH
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time

NUMBER = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""The arithmetic of IEEE 754 decimal128, which the standard prescribes."""

MAX_NODES = 500_000
"""How many items and entries a value may have in all when it leaves FEEL."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None is unbounded."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool
    operator: str | None = None
    """The comparison it was written as, ``(< 5)``; only then may an end be missing."""


class FunctionValue(ABC):
    """A function that FEEL can call: builtin, user-defined, of a model, or of the host."""

    __slots__ = ("name", "parameters")

    def __init__(self, name: str, parameters: tuple[str, ...]) -> None:
        self.name = name
        self.parameters = parameters

    @abstractmethod
    def call(self, run: Any, arguments: list[Any]) -> Any:
        """Call with positional arguments, already FEEL values."""

    def call_named(self, run: Any, arguments: dict[str, Any]) -> Any:
        """Call with named arguments; wrong names give null."""
        if set(arguments) != set(self.parameters):
            return run.null("feel.null.arguments", name=self.name)
        return self.call(run, [arguments[name] for name in self.parameters])


class LazyContext(dict[str, Any]):
    """A context over a Python mapping whose values are converted when they are first taken."""

    __slots__ = ("_source",)

    def __init__(self, source: Mapping[Any, Any]) -> None:
        super().__init__()
        self._source = source

    def __missing__(self, key: str) -> Any:
        value = convert(self._source[key])
        dict.__setitem__(self, key, value)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the member or ``default``."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return key in self._source

    def __iter__(self) -> Iterator[str]:
        return (str(key) for key in self._source)

    def __len__(self) -> int:
        return len(self._source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and dict(self.items()) == dict(other.items())

    __hash__ = None

    def keys(self) -> Any:
        """Return the keys in the mapping's order."""
        return [str(key) for key in self._source]

    def values(self) -> Any:
        """Return the converted values."""
        return [self[key] for key in self._source]

    def items(self) -> Any:
        """Return keys with their converted values."""
        return [(str(key), self[key]) for key in self._source]


NATIVE = frozenset(
    (type(None), bool, str, Decimal, Date, Time, DateTime, DaysDuration, MonthsDuration, Range, LazyContext)
)


def number(value: int) -> Decimal:
    """Return a FEEL number of an int; raise :class:`FeelLimitError` if it is out of range."""
    if value.bit_length() > 20_000:
        raise FeelLimitError("feel.limit.number")
    return Decimal(value)


def convert(value: Any) -> Any:
    """Return the FEEL value of a Python one: contexts lazily, lists item by item.

    Raises :class:`FeelTypeError` for an object that FEEL has no type for.
    """
    kind = type(value)
    if kind in NATIVE:
        return value
    if kind is int:
        return number(value)
    if kind is dict:
        return LazyContext(value)
    if kind is list or kind is tuple:
        return [item if type(item) in NATIVE else convert(item) for item in value]
    return _convert_other(value)


def _convert_other(value: Any) -> Any:
    if isinstance(value, float):
        converted = Decimal(repr(float(value)))
        if not converted.is_finite():
            return None
        return converted
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return temporal.from_python(value)
    if isinstance(value, FunctionValue):
        return value
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        return number(int(value))
    if isinstance(value, Decimal):
        return Decimal(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return LazyContext(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [convert(item) for item in value]
    raise FeelTypeError("feel.python_type", type=type(value).__name__)


def type_name(value: Any) -> str:
    """Return the name of the value's FEEL type."""
    if value is None:
        return "null"
    for kind, name in _TYPE_NAMES:
        if isinstance(value, kind):
            return name
    return type(value).__name__


_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (Decimal, "number"),
    (str, "string"),
    (list, "list"),
    (dict, "context"),
    (Date, "date"),
    (DateTime, "date and time"),
    (Time, "time"),
    (DaysDuration, "days and time duration"),
    (MonthsDuration, "years and months duration"),
    (Range, "range"),
    (FunctionValue, "function"),
)


def to_python(value: Any, charge: Callable[[int], None] | None = None) -> Any:
    """Return the value as data for JSON: numbers stay ``Decimal``, dates and durations become ISO 8601 strings.

    ``charge`` is told how many items each list or context has.
    Raises :class:`FeelTypeError` for functions, :class:`FeelLimitError` for values that are too deep or too large.
    """
    return _Walk(temporal.iso_text, _range_data, charge).leave(value, 0)


def to_host(value: Any) -> Any:
    """Return the value for a host function: dates, times and durations as ``datetime`` objects where they fit."""
    return _Walk(temporal.to_python, lambda range_: range_, None).leave(value, 0)


def _range_data(value: Range) -> str:
    from engine.feel.text import to_string

    return to_string(value)


_PLAIN = frozenset((type(None), bool, str, Decimal))


class _Walk:
    def __init__(
        self,
        temporal_value: Callable[[Any], Any],
        range_value: Callable[[Range], Any],
        charge: Callable[[int], None] | None,
    ) -> None:
        self._nodes = 0
        self._charge = charge
        self._temporal = temporal_value
        self._range = range_value

    def leave(self, value: Any, depth: int) -> Any:
        if type(value) in _PLAIN:
            return value
        if depth > MAX_DATA_DEPTH:
            raise FeelLimitError("feel.limit.depth", limit=MAX_DATA_DEPTH)
        leave, below = self.leave, depth + 1
        if isinstance(value, list):
            self._count(len(value))
            return [item if type(item) in _PLAIN else leave(item, below) for item in value]
        if isinstance(value, dict):
            self._count(len(value))
            return {key: leave(item, below) for key, item in value.items()}
        if isinstance(value, (str, bool, Decimal)):
            return value
        if isinstance(value, (Date, Time, DateTime, DaysDuration, MonthsDuration)):
            return self._temporal(value)
        if isinstance(value, Range):
            return self._range(value)
        raise FeelTypeError("feel.not_json", type=type_name(value))

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._charge is not None:
            self._charge(nodes)
        if self._nodes > MAX_NODES:
            raise FeelLimitError("feel.limit.size")
