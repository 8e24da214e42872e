"""Writes values as text: the ``string()`` of the standard, and FEEL literals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.errors import FeelLimitError
from engine.feel.limits import MAX_DATA_DEPTH
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.values import NUMBER, FunctionValue, Range

Charge = Callable[[int], None]


def number_text(value: Decimal) -> str:
    """Return the digits of a number without exponent (with one beyond 100 digits) and without trailing zeros."""
    if not value:
        return "0"
    if value.adjusted() > 100 or value.adjusted() < -100:
        return str(value.normalize(NUMBER))
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quote(value: str) -> str:
    """Return the string as a FEEL literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def _no_charge(size: int) -> None:
    """Charge nothing: for values that are known to be small."""


def to_string(value: Any, charge: Charge = _no_charge) -> str:
    """Return the text that ``string(value)`` gives; ``charge`` is told the size of each piece."""
    return value if isinstance(value, str) else _write(value, charge, 0, _scalar)


def to_literal(value: Any) -> str:
    """Return the value as FEEL text that reads back as the same value (a function as its signature only)."""
    return _write(value, _no_charge, 0, _literal)


def _write(value: Any, charge: Charge, depth: int, scalar: Callable[[Any], str]) -> str:
    if depth > MAX_DATA_DEPTH:
        raise FeelLimitError("feel.limit.depth", limit=MAX_DATA_DEPTH)
    if isinstance(value, list):
        charge(len(value) + 1)
        return "[" + ", ".join(_write(item, charge, depth + 1, scalar) for item in value) + "]"
    if isinstance(value, dict):
        from engine.feel.printer import key_text

        charge(len(value) + 1)
        entries = (
            f"{key_text(key)}: {_write(item, charge, depth + 1, scalar)}" for key, item in value.items()
        )
        return "{" + ", ".join(entries) + "}"
    text = scalar(value)
    charge(1 + len(text) // 8)
    return text


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Range):
        return _range(value)
    if isinstance(value, FunctionValue):
        return f"function {value.name}({', '.join(value.parameters)})"
    return str(value)


def _range(value: Range) -> str:
    if value.low is None and value.high is not None:
        return f"({'<=' if value.high_closed else '<'} {_literal(value.high)})"
    if value.high is None and value.low is not None:
        return f"({'>=' if value.low_closed else '>'} {_literal(value.low)})"
    low, high = _literal(value.low), _literal(value.high)
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


def _literal(value: Any) -> str:
    if isinstance(value, (Date, Time, DateTime, DaysDuration, MonthsDuration)):
        return f'@"{value}"'
    return _scalar(value)
