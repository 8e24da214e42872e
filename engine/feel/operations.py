# mypy: no-warn-return-any
"""Equality, order and arithmetic as the standard's tables say; what they don't define is null with a warning."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from engine.feel.errors import FeelLimitError
from engine.feel.run import Run
from engine.feel.temporal import (
    DAY,
    NANO,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    time_from_nanos,
)
from engine.feel.temporal_text import MAX_DURATION
from engine.feel.values import NUMBER, FunctionValue, Range, type_name


def equal(run: Run, left: Any, right: Any) -> bool | None:
    """Return whether two values are equal; None for values of different kinds."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right if type(left) is type(right) else None
    if isinstance(left, (Decimal, str, Date, MonthsDuration, DaysDuration)) and type(left) is type(right):
        return bool(left == right)
    if isinstance(left, list) and isinstance(right, list):
        return _equal_lists(run, left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return _equal_contexts(run, left, right)
    if isinstance(left, Range) and isinstance(right, Range):
        return (
            left.operator == right.operator
            and left.low_closed == right.low_closed
            and left.high_closed == right.high_closed
            and equal(run, left.low, right.low) is True
            and equal(run, left.high, right.high) is True
        )
    if isinstance(left, FunctionValue) and isinstance(right, FunctionValue):
        return left is right
    if isinstance(left, (Date, Time, DateTime)):
        keys = order_keys(left, right)
        # Values of times are seconds (§10.3.2.3.4): what is below a second does not count for equality.
        return None if keys is None else bool(keys[0] // NANO == keys[1] // NANO)
    return None


def _equal_lists(run: Run, left: list[Any], right: list[Any]) -> bool | None:
    if left is right:
        return True
    if len(left) != len(right):
        return False
    run.charge(len(left))
    for one, other in zip(left, right, strict=True):
        result = equal(run, one, other)
        if result is not True:
            return result
    return True


def _equal_contexts(run: Run, left: dict[str, Any], right: dict[str, Any]) -> bool | None:
    if left is right:
        return True
    if set(left.keys()) != set(right.keys()):
        return False
    run.charge(len(left))
    for key in left.keys():  # noqa: SIM118 - a lazy context's own keys
        result = equal(run, left[key], right[key])
        if result is not True:
            return result
    return True


def order_keys(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Return two keys whose order is that of the values, or None if the values have no common order."""
    kind = type(left)
    if kind is type(right):
        if kind is Decimal or kind is str or kind is Date or kind is DaysDuration or kind is MonthsDuration:
            return left, right
        if kind is Time:
            return _time_keys(left, right)
        if kind is DateTime:
            return _date_time_keys(left, right)
        return None
    if kind is Date and type(right) is DateTime:
        return _date_time_keys(midnight(left, right), right)
    if kind is DateTime and type(right) is Date:
        return _date_time_keys(left, midnight(right, left))
    return None


def midnight(date: Date, beside: DateTime) -> DateTime:
    """Return the midnight that a date stands for beside a date and time: of UTC, or local where that one is local."""
    return DateTime(date, Time(0, 0, 0, 0, 0 if beside.time.zoned else None))


def _time_keys(left: Time, right: Time) -> tuple[int, int] | None:
    one, other = left.utc_offset(), right.utc_offset()
    if one is None and other is None:
        return left.nanos, right.nanos
    if one is None or other is None:
        return None
    return left.nanos - one * NANO, right.nanos - other * NANO


def _date_time_keys(left: DateTime, right: DateTime) -> tuple[int, int] | None:
    one, other = left.instant, right.instant
    if one is None and other is None:
        return left.local, right.local
    if one is None or other is None:
        return None
    return one, other


def compare(run: Run, operator: str, left: Any, right: Any) -> bool | None:
    """Return ``left operator right`` for one of ``< <= > >=``; null where there is no order."""
    keys = order_keys(left, right)
    if keys is None:
        return run.null("feel.null.operand", operation=operator, left=type_name(left), right=type_name(right))
    one, other = keys
    if operator == "<":
        return bool(one < other)
    if operator == "<=":
        return bool(one <= other)
    if operator == ">":
        return bool(one > other)
    return bool(one >= other)


def within(run: Run, value: Any, range_: Range) -> bool | None:
    """Return whether the value lies in the range; null where they can't be compared."""
    if range_.operator is None and (range_.low is None or range_.high is None):
        return run.null("feel.null.range")
    low: bool | None = True
    if range_.low is not None:
        low = compare(run, ">=" if range_.low_closed else ">", value, range_.low)
        if low is None:
            return None
    if range_.high is not None:
        high = compare(run, "<=" if range_.high_closed else "<", value, range_.high)
        return None if high is None else low and high
    return low


def arithmetic(run: Run, operator: str, left: Any, right: Any) -> Any:
    """Return ``left operator right`` for one of ``+ - * / **``."""
    if type(left) is Decimal and type(right) is Decimal:
        return calculate(run, operator, left, right)
    try:
        result = _temporal_arithmetic(run, operator, left, right)
    except decimal.Overflow:
        raise FeelLimitError("feel.limit.number") from None
    if result is None:
        run.warn("feel.null.operand", operation=operator, left=type_name(left), right=type_name(right))
    return result


def _temporal_arithmetic(run: Run, operator: str, left: Any, right: Any) -> Any:
    if operator == "+":
        return _add(run, left, right)
    if operator == "-":
        return _subtract(left, right)
    if operator == "*":
        product = _multiply(left, right)
        return _multiply(right, left) if product is None else product
    return _divide(left, right) if operator == "/" else None


def calculate(run: Run, operator: str, left: Decimal, right: Decimal) -> Decimal | None:
    """Return the result for two numbers; raise :class:`FeelLimitError` on overflow."""
    try:
        if operator == "+":
            return NUMBER.add(left, right)
        if operator == "-":
            return NUMBER.subtract(left, right)
        if operator == "*":
            return NUMBER.multiply(left, right)
        if operator == "/":
            return NUMBER.divide(left, right)
        result = NUMBER.power(left, right) if right else Decimal(1)
        # Zero to a negative power is infinite without a signal.
        return result if result.is_finite() else run.null("feel.null.division")
    except decimal.Overflow:
        raise FeelLimitError("feel.limit.number") from None
    except decimal.DivisionByZero:
        return run.null("feel.null.division")
    except decimal.InvalidOperation:
        return run.null("feel.null.number")


def negate(run: Run, value: Any) -> Any:
    """Return ``-value``."""
    if type(value) is Decimal:
        return NUMBER.minus(value)
    if isinstance(value, DaysDuration):
        return DaysDuration(-value.nanos)
    if isinstance(value, MonthsDuration):
        return MonthsDuration(-value.months)
    return run.null("feel.null.operand", operation="-", left="null", right=type_name(value))


def _add(run: Run, left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        run.charge(1 + (len(left) + len(right)) // 8)
        return left + right
    if isinstance(left, (DaysDuration, MonthsDuration)) and not isinstance(
        right, (DaysDuration, MonthsDuration)
    ):
        left, right = right, left
    if isinstance(right, DaysDuration):
        if isinstance(left, DaysDuration):
            return _days(left.nanos + right.nanos)
        return shift(left, right.nanos)
    if isinstance(right, MonthsDuration):
        if isinstance(left, MonthsDuration):
            return _months(left.months + right.months)
        return shift_months(left, right.months)
    return None


def _subtract(left: Any, right: Any) -> Any:
    if isinstance(right, DaysDuration):
        if isinstance(left, DaysDuration):
            return _days(left.nanos - right.nanos)
        return shift(left, -right.nanos)
    if isinstance(right, MonthsDuration):
        if isinstance(left, MonthsDuration):
            return _months(left.months - right.months)
        return shift_months(left, -right.months)
    if isinstance(left, Time) and isinstance(right, Time):
        times = _time_keys(left, right)
        return None if times is None else _days(times[0] - times[1])
    if isinstance(left, (Date, DateTime)) and isinstance(right, (Date, DateTime)):
        if isinstance(left, Date) and isinstance(right, Date):
            return _days((left.days - right.days) * DAY)
        moments = order_keys(left, right)
        return None if moments is None else _days(moments[0] - moments[1])
    return None


def shift(value: Any, nanos: int) -> Any:
    """Return a date, time or date and time moved by nanoseconds; None for anything else."""
    if isinstance(value, Date):
        moved = DateTime(value, Time(0, 0, 0)).plus(nanos)
        return None if moved is None else moved.date
    if isinstance(value, DateTime):
        return value.plus(nanos)
    if isinstance(value, Time):
        return time_from_nanos(value.nanos + nanos, value.offset, value.zone)
    return None


def shift_months(value: Any, months: int) -> Any:
    """Return a date or date and time moved by months; None for anything else."""
    if isinstance(value, Date):
        return value.plus_months(months)
    if isinstance(value, DateTime):
        date = value.date.plus_months(months)
        return None if date is None else DateTime(date, value.time)
    return None


def _multiply(left: Any, right: Any) -> Any:
    if not isinstance(right, Decimal):
        return None
    if isinstance(left, DaysDuration):
        return _days(_scaled(left.nanos, right))
    if isinstance(left, MonthsDuration):
        return _months(_scaled(left.months, right))
    return None


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, DaysDuration):
        if isinstance(right, DaysDuration):
            return _ratio(left.nanos, right.nanos)
        if isinstance(right, Decimal) and right:
            return _days(_quotient(left.nanos, right))
    if isinstance(left, MonthsDuration):
        if isinstance(right, MonthsDuration):
            return _ratio(left.months, right.months)
        if isinstance(right, Decimal) and right:
            return _months(_quotient(left.months, right))
    return None


def _ratio(left: int, right: int) -> Decimal | None:
    return NUMBER.divide(Decimal(left), Decimal(right)) if right else None


def _scaled(amount: int, factor: Decimal) -> int:
    return _whole(NUMBER.multiply(Decimal(amount), factor))


def _quotient(amount: int, divisor: Decimal) -> int:
    return _whole(NUMBER.divide(Decimal(amount), divisor))


def _whole(value: Decimal) -> int:
    if value.adjusted() > 40:
        raise FeelLimitError("feel.limit.number")
    return int(value)


def _days(nanos: int) -> DaysDuration | None:
    return DaysDuration(nanos) if abs(nanos) <= MAX_DURATION * NANO else None


def _months(months: int) -> MonthsDuration | None:
    return MonthsDuration(months) if abs(months) <= MAX_DURATION else None
