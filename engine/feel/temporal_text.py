"""Reads dates, times and durations from their XML Schema lexical forms, with FEEL's ``@Zone`` suffix."""

from __future__ import annotations

import re

from engine.feel.temporal import (
    DAY,
    NANO,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Temporal,
    Time,
    zone_info,
)

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?"
    r"(?:(Z|z)|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+\-/]{1,60}))?"
)
_DAYS = re.compile(
    r"(-)?P(?:([0-9]{1,18})D)?(?:T(?=[0-9])(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?"
    r"(?:([0-9]{1,18})(?:\.([0-9]{1,30}))?S)?)?"
)
_MONTHS = re.compile(r"(-)?P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?")
MAX_DURATION = 2**63 - 1
"""Largest duration: this many seconds or months."""


def _nano(digits: str | None) -> int:
    return 0 if digits is None else int(digits[:9].ljust(9, "0"))


def parse_date(text: str) -> Date | None:
    """Read ``2026-05-31``; None if it is no date."""
    match = _DATE.fullmatch(text)
    return None if match is None else Date.of(int(match[1]), int(match[2]), int(match[3]))


def parse_time(text: str) -> Time | None:
    """Read ``10:30:00``, with fraction, ``Z``, ``+08:00`` or ``@Asia/Shanghai``; None if it is no time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    offset: int | None = None
    zone = match[10]
    if match[5]:
        offset = 0
    elif match[6]:
        hours, minutes, seconds = int(match[7]), int(match[8]), int(match[9] or 0)
        if minutes > 59 or seconds > 59:
            return None
        offset = (hours * 60 + minutes) * 60 + seconds
        offset = -offset if match[6] == "-" else offset
    elif zone is not None and zone_info(zone) is None:
        return None
    return Time.of(int(match[1]), int(match[2]), int(match[3]), _nano(match[4]), offset, zone)


def parse_date_time(text: str) -> DateTime | None:
    """Read ``2026-05-31T10:30:00+08:00``; None if it is no date and time. ``24:00:00`` is the next midnight."""
    day, separator, clock = text.partition("T")
    date = parse_date(day)
    if date is None or not separator:
        return None
    if clock.startswith("24:00:00"):
        following = date.plus_days(1)
        midnight = parse_time("00" + clock[2:])
        if following is None or midnight is None or midnight.nano:
            return None
        return DateTime(following, midnight)
    time = parse_time(clock)
    return None if time is None else DateTime(date, time)


def parse_days_duration(text: str) -> DaysDuration | None:
    """Read ``P1DT2H3M4.5S``; None if it is no days and time duration."""
    match = _DAYS.fullmatch(text)
    if match is None or (match[2] is None and "T" not in text):
        return None
    days, hours, minutes, seconds = (int(match[i] or 0) for i in (2, 3, 4, 5))
    nanos = days * DAY + ((hours * 60 + minutes) * 60 + seconds) * NANO + _nano(match[6])
    if nanos > MAX_DURATION * NANO:
        return None
    return DaysDuration(-nanos if match[1] else nanos)


def parse_months_duration(text: str) -> MonthsDuration | None:
    """Read ``P1Y2M``; None if it is no years and months duration."""
    match = _MONTHS.fullmatch(text)
    if match is None or (match[2] is None and match[3] is None):
        return None
    months = int(match[2] or 0) * 12 + int(match[3] or 0)
    if months > MAX_DURATION:
        return None
    return MonthsDuration(-months if match[1] else months)


def parse_duration(text: str) -> DaysDuration | MonthsDuration | None:
    """Read a duration of either kind."""
    return parse_days_duration(text) or parse_months_duration(text)


def parse_temporal(text: str) -> Temporal | None:
    """Read whatever an ``@"…"`` literal may hold; None if it is none of them."""
    return parse_date(text) or parse_date_time(text) or parse_time(text) or parse_duration(text)
