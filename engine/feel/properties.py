"""What stands behind a dot: members of contexts, projections of lists, properties of dates, durations and ranges."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.run import Run
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.values import Range, type_name


def _signed(value: DaysDuration | MonthsDuration, part: int) -> Decimal:
    negative = value.nanos < 0 if isinstance(value, DaysDuration) else value.months < 0
    return Decimal(-part if negative else part)


def _offset(time: Time, date: Date | None) -> DaysDuration | None:
    offset = time.utc_offset(date)
    return None if offset is None else DaysDuration(offset * 1_000_000_000)


_DATE: dict[str, Callable[[Date], Any]] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.weekday),
}
_TIME: dict[str, Callable[[Time], Any]] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: (
        Decimal(value.second) + Decimal(value.nano).scaleb(-9) if value.nano else Decimal(value.second)
    ),
    "timezone": lambda value: value.zone,
}
_DAYS: dict[str, Callable[[DaysDuration], Any]] = {
    "days": lambda value: _signed(value, value.parts[0]),
    "hours": lambda value: _signed(value, value.parts[1]),
    "minutes": lambda value: _signed(value, value.parts[2]),
    "seconds": lambda value: (
        _signed(value, value.parts[3]) + _signed(value, value.parts[4]).scaleb(-9)
        if value.parts[4]
        else _signed(value, value.parts[3])
    ),
}
_MONTHS: dict[str, Callable[[MonthsDuration], Any]] = {
    "years": lambda value: _signed(value, abs(value.months) // 12),
    "months": lambda value: _signed(value, abs(value.months) % 12),
}
_RANGE: dict[str, Callable[[Range], Any]] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_closed,
    "end included": lambda value: value.high_closed,
}


PROPERTIES: dict[str, frozenset[str]] = {
    "date": frozenset(_DATE),
    "time": frozenset((*_TIME, "time offset")),
    "date and time": frozenset((*_DATE, *_TIME, "time offset")),
    "days and time duration": frozenset(_DAYS),
    "years and months duration": frozenset(_MONTHS),
    "range": frozenset(_RANGE),
}
"""The properties that values have, by type."""


def member(run: Run, value: Any, name: str) -> Any:
    """Return ``value.name``; a list gives the list of its items' members; what has no such member gives null."""
    if isinstance(value, dict):
        if name in value:
            return value[name]
    elif isinstance(value, list):
        run.charge(len(value) + 1)
        return [member(run, item, name) for item in value]
    elif isinstance(value, DateTime):
        if name in _DATE:
            return _DATE[name](value.date)
        if name in _TIME:
            return _TIME[name](value.time)
        if name == "time offset":
            return _offset(value.time, value.date)
    elif isinstance(value, Date):
        if name in _DATE:
            return _DATE[name](value)
    elif isinstance(value, Time):
        if name in _TIME:
            return _TIME[name](value)
        if name == "time offset":
            return _offset(value, None)
    elif isinstance(value, DaysDuration):
        if name in _DAYS:
            return _DAYS[name](value)
    elif isinstance(value, MonthsDuration):
        if name in _MONTHS:
            return _MONTHS[name](value)
    elif isinstance(value, Range) and name in _RANGE:
        return _RANGE[name](value)
    if value is not None:
        run.warn("feel.null.member", type=type_name(value), name=name)
    return None
