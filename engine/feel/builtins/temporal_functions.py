"""Functions that make and examine dates, times and durations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.errors import FeelError
from engine.feel.run import Run, as_index
from engine.feel.temporal import (
    NANO,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    days_from_civil,
    from_python,
    zone_info,
)
from engine.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def _whole(*numbers: Decimal) -> list[int] | None:
    indexes = [as_index(number) for number in numbers]
    return (
        None if any(index is None for index in indexes) else [index for index in indexes if index is not None]
    )


def _or_null(run: Run, name: str, source: Any, value: Any) -> Any:
    return run.null("feel.null.value", name=name, value=source) if value is None else value


@builtin("date", "from: string")
def date_of_string(run: Run, text: str) -> Date | None:
    """Read a date."""
    value: Date | None = _or_null(run, "date", text, parse_date(text))
    return value


@builtin("date", "from: day")
def date_of_day(_run: Run, value: Date | DateTime) -> Date:
    """Return the date of a date and time."""
    return value.date if isinstance(value, DateTime) else value


@builtin("date", "year: number, month: number, day: number")
def date_of_numbers(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    """Return the date of three whole numbers."""
    parts = _whole(year, month, day)
    value: Date | None = _or_null(run, "date", year, None if parts is None else Date.of(*parts))
    return value


@builtin("date and time", "from: string")
def date_time_of_string(run: Run, text: str) -> DateTime | None:
    """Read a date and time; a date alone is its local midnight."""
    day = parse_date(text)
    value = parse_date_time(text) if day is None else DateTime(day, Time(0, 0, 0))
    result: DateTime | None = _or_null(run, "date and time", text, value)
    return result


@builtin("date and time", "from: date and time")
def date_time_itself(_run: Run, value: DateTime) -> DateTime:
    """Return the date and time itself."""
    return value


@builtin("date and time", "date: day, time: time")
def date_time_of_parts(_run: Run, day: Date | DateTime, time: Time) -> DateTime:
    """Put a date and a time together."""
    return DateTime(day.date if isinstance(day, DateTime) else day, time)


@builtin("time", "from: string")
def time_of_string(run: Run, text: str) -> Time | None:
    """Read a time."""
    value: Time | None = _or_null(run, "time", text, parse_time(text))
    return value


@builtin("time", "from: time")
def time_itself(_run: Run, value: Time) -> Time:
    """Return the time itself."""
    return value


@builtin("time", "from: day")
def time_of_day(_run: Run, value: Date | DateTime) -> Time:
    """Return the time of a date and time; of a date the UTC midnight."""
    return value.time if isinstance(value, DateTime) else Time(0, 0, 0, 0, 0)


@builtin("time", "hour: number, minute: number, second: number, offset?: days|null")
def time_of_numbers(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Time | None:
    """Return the time of its parts; seconds may have a fraction."""
    parts = _whole(hour, minute)
    value = None
    if parts is not None and 0 <= second < 60:
        seconds = int(second)
        nano = int((second - seconds).scaleb(9))
        value = Time.of(parts[0], parts[1], seconds, nano, None if offset is None else offset.nanos // NANO)
    result: Time | None = _or_null(run, "time", hour, value)
    return result


@builtin("duration", "from: string")
def duration(run: Run, text: str) -> DaysDuration | MonthsDuration | None:
    """Read a duration of either kind."""
    value: DaysDuration | MonthsDuration | None = _or_null(run, "duration", text, parse_duration(text))
    return value


@builtin("duration", "from: duration")
def duration_itself(_run: Run, value: DaysDuration | MonthsDuration) -> DaysDuration | MonthsDuration:
    """Return the duration itself."""
    return value


@builtin("years and months duration", "from: day, to: day")
def months_between(_run: Run, start: Date | DateTime, end: Date | DateTime) -> MonthsDuration:
    """Return the whole months from one date to another; times of day do not count."""
    one = start.date if isinstance(start, DateTime) else start
    other = end.date if isinstance(end, DateTime) else end
    months = (other.year - one.year) * 12 + other.month - one.month
    if months > 0 and other.day < one.day:
        months -= 1
    elif months < 0 and other.day > one.day:
        months += 1
    return MonthsDuration(months)


@builtin("now", "")
def now(run: Run) -> DateTime:
    """Return the current date and time in the environment's zone."""
    zone = zone_info(run.environment.zone)
    if zone is None:
        raise FeelError("feel.no_zone", zone=run.environment.zone)
    moment = run.now().astimezone(zone)
    value = from_python(moment)
    assert isinstance(value, DateTime)
    return value


@builtin("today", "")
def today(run: Run) -> Date:
    """Return the current date in the environment's zone."""
    return now(run).date  # type: ignore[no-any-return]


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("day of year", "date: day")
def day_of_year(_run: Run, value: Date | DateTime) -> Decimal:
    """Return the number of the day in its year."""
    day = _day(value)
    return Decimal(day.days - days_from_civil(day.year, 1, 1) + 1)


@builtin("day of week", "date: day")
def day_of_week(_run: Run, value: Date | DateTime) -> str:
    """Return the English name of the day of the week."""
    return _WEEKDAYS[_day(value).weekday - 1]


@builtin("month of year", "date: day")
def month_of_year(_run: Run, value: Date | DateTime) -> str:
    """Return the English name of the month."""
    return _MONTHS[_day(value).month - 1]


@builtin("week of year", "date: day")
def week_of_year(_run: Run, value: Date | DateTime) -> Decimal:
    """Return the ISO 8601 number of the week."""
    day = _day(value)
    thursday = day.days - day.weekday + 4
    shifted = day.plus_days(4 - day.weekday)
    year = day.year if shifted is None else shifted.year
    return Decimal((thursday - days_from_civil(year, 1, 1)) // 7 + 1)
