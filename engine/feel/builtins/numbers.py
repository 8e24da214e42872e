# mypy: no-warn-return-any
"""Numeric functions."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.errors import FeelLimitError
from engine.feel.run import Run, as_index
from engine.feel.values import NUMBER

MIN_SCALE, MAX_SCALE = -6111, 6176
_WIDE = decimal.Context(prec=13_000, Emin=-20_000, Emax=20_000)


def round_to(run: Run, name: str, value: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    """Return the number with ``scale`` decimal places (negative: before the point)."""
    places = as_index(NUMBER.to_integral_value(scale)) if abs(scale) < 10**9 else None
    if places is None or not MIN_SCALE <= places <= MAX_SCALE:
        return run.null("feel.null.value", name=name, value=scale)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and places >= -exponent:
        return value
    rounded = value.quantize(Decimal((0, (1,), -places)), rounding=rounding, context=_WIDE)
    return NUMBER.plus(rounded)


@builtin("decimal", "n: number, scale: number")
def decimal_(run: Run, value: Decimal, scale: Decimal) -> Decimal | None:
    """Round half to even."""
    return round_to(run, "decimal", value, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale?: number")
def floor(run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round towards negative infinity."""
    return round_to(run, "floor", value, scale or Decimal(0), decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number, scale?: number")
def ceiling(run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round towards positive infinity."""
    return round_to(run, "ceiling", value, scale or Decimal(0), decimal.ROUND_CEILING)


@builtin("round up", "n: number, scale?: number")
def round_up(run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round away from zero."""
    return round_to(run, "round up", value, scale or Decimal(0), decimal.ROUND_UP)


@builtin("round down", "n: number, scale?: number")
def round_down(run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round towards zero."""
    return round_to(run, "round down", value, scale or Decimal(0), decimal.ROUND_DOWN)


@builtin("round half up", "n: number, scale?: number")
def round_half_up(run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round to nearest, a half away from zero."""
    return round_to(run, "round half up", value, scale or Decimal(0), decimal.ROUND_HALF_UP)


@builtin("round half down", "n: number, scale?: number")
def round_half_down(run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Round to nearest, a half towards zero."""
    return round_to(run, "round half down", value, scale or Decimal(0), decimal.ROUND_HALF_DOWN)


@builtin("modulo", "dividend: number, divisor: number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Return ``dividend - divisor * floor(dividend / divisor)``: it has the divisor's sign."""
    if not divisor:
        return run.null("feel.null.division")
    run.charge(50)
    rest = _WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return NUMBER.plus(rest)


@builtin("sqrt", "number: number")
def sqrt(run: Run, value: Decimal) -> Decimal | None:
    """Return the square root; of a negative number null."""
    return run.null("feel.null.number") if value < 0 else NUMBER.sqrt(value)


@builtin("log", "number: number")
def log(run: Run, value: Decimal) -> Decimal | None:
    """Return the natural logarithm."""
    return run.null("feel.null.number") if value <= 0 else NUMBER.ln(value)


@builtin("exp", "number: number")
def exp(_run: Run, value: Decimal) -> Decimal:
    """Return e to the power of the number."""
    try:
        return NUMBER.exp(value)
    except decimal.Overflow:
        raise FeelLimitError("feel.limit.number") from None


def _is_multiple_of_two(run: Run, value: Decimal, name: str) -> bool | None:
    if value != value.to_integral_value():
        return run.null("feel.null.value", name=name, value=value)
    return bool(_WIDE.remainder(value, Decimal(2)) == 0)


@builtin("odd", "number: number")
def odd(run: Run, value: Decimal) -> bool | None:
    """Whether a whole number is odd."""
    even_ = _is_multiple_of_two(run, value, "odd")
    return None if even_ is None else not even_


@builtin("even", "number: number")
def even(run: Run, value: Decimal) -> bool | None:
    """Whether a whole number is even."""
    return _is_multiple_of_two(run, value, "even")


def absolute(run: Run, value: Any) -> Any:
    """Return the number or duration without its sign."""
    if isinstance(value, Decimal):
        return NUMBER.abs(value)
    from engine.feel.operations import negate

    zero = type(value)(0)
    return negate(run, value) if value < zero else value


builtin("abs", "n: number")(absolute)
builtin("abs", "n: duration")(absolute)
