"""Time as the engine sees it: a clock that can be stepped, the county's working days, and due times from FEEL values.

The table ``working_days`` holds the days that differ from the week (statutory holidays, make-up days) and marks with
``known_until`` in the settings how far the official calendar goes; after that the week alone decides and a due time is
provisional.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import chinese_calendar
from sqlalchemy import delete, insert, select

from engine import feel, tables
from engine.cron import after, is_cron
from engine.database import Unit
from engine.errors import BihuanError

ZONE = ZoneInfo("Asia/Shanghai")
#: When an office day ends: a due date without a time means this hour.
CLOSES = time(18, 0)
#: When it begins: a timer on a date without a time goes off then.
OPENS = time(9, 0)

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<start>[^/]+)/)?(?P<interval>-?P[^/]+)")


class Clock(Protocol):
    """Where the engine takes the time from."""

    def now(self) -> datetime:
        """Return the current time, aware."""


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)


class SteppedClock:
    """A clock that stands still until it is moved, for tests, plays and simulated years."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time at which the clock stands."""
        return self._now

    def set(self, now: datetime) -> None:
        """Put the clock to a moment."""
        self._now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock on."""
        self._now += by


@dataclass(slots=True)
class WorkingDays:
    """Which days are worked: ``exceptions`` to Monday–Friday, official until ``known_until``."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    known_until: date | None = None

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return self.exceptions.get(day, day.weekday() < 5)

    def next(self, day: date) -> date:
        """Return the first working day after ``day``."""
        return self.add(day, 1)

    def add(self, day: date, count: int) -> date:
        """Return the ``count``-th working day after ``day`` (before it where negative; for 0 the day itself, or the next
        working day where it is not one). Raises :class:`BihuanError` beyond ten thousand days.
        """
        if abs(count) > 10_000:
            raise BihuanError("calendar.too_far", count=count)
        step = timedelta(days=-1 if count < 0 else 1)
        if count == 0:
            while not self.is_working(day):
                day += step
            return day
        left = abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def provisional(self, moment: datetime | None) -> bool:
        """Whether a due time lies beyond the last day of which the official calendar is known."""
        if moment is None or self.known_until is None:
            return False
        return moment.astimezone(ZONE).date() > self.known_until

    def functions(self) -> dict[str, Any]:
        """Return the FEEL functions about working days."""
        return {
            "is working day": lambda day: self.is_working(_day(day)),
            "next working day": lambda day: self.next(_day(day)),
            "working days": self._working_days,
        }

    def _working_days(self, start: Any, count: Any) -> date | datetime:
        """``working days(from, n)``: from a date a date; from a time the end of the n-th office day, or the same hour of an
        earlier day where n is not positive."""
        if isinstance(start, str):
            start = parse_time(start)
        number = int(count)
        if not isinstance(start, datetime):
            return self.add(_day(start), number)
        local = start.astimezone(ZONE) if start.tzinfo else start.replace(tzinfo=ZONE)
        hour = CLOSES if number > 0 else local.timetz().replace(tzinfo=None)
        return datetime.combine(self.add(local.date(), number), hour, ZONE)


def load_working_days(unit: Unit) -> WorkingDays:
    """Read the county's working days."""
    rows = unit.execute(select(tables.working_days.c.day, tables.working_days.c.working)).all()
    known = max((row.day for row in rows), default=None)
    return WorkingDays(
        {row.day: row.working for row in rows},
        date(known.year, 12, 31) if known is not None else None,
    )


def fill_working_days(unit: Unit, years: Iterable[int] | None = None) -> int:
    """Fill the table from the library ``chinesecalendar`` for ``years`` (all it knows by default); return the rows written.

    Only days that differ from the week are written. Years that the library does not know are left out.
    """
    known = range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)
    rows = []
    for year in known if years is None else years:
        if year not in known:
            continue
        day = date(year, 1, 1)
        while day.year == year:
            on_holiday, name = chinese_calendar.get_holiday_detail(day)
            working = chinese_calendar.is_workday(day)
            if working != (day.weekday() < 5):
                rows.append(
                    {"day": day, "working": working, "name": str(name) if on_holiday or name else None}
                )
            day += timedelta(days=1)
    if rows:
        years_filled = sorted({row["day"].year for row in rows})
        unit.execute(
            delete(tables.working_days).where(
                tables.working_days.c.day >= date(years_filled[0], 1, 1),
                tables.working_days.c.day <= date(years_filled[-1], 12, 31),
            )
        )
        unit.execute(insert(tables.working_days), rows)
    return len(rows)


def parse_time(text: str) -> date | datetime:
    """Read a date or a date and time as ISO 8601 or as FEEL writes them (``…@Asia/Shanghai``); raises
    :class:`BihuanError`."""
    plain, _, zone = text.strip().partition("@")
    try:
        if len(plain) == 10:
            return date.fromisoformat(plain)
        moment = datetime.fromisoformat(plain)
        return moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment
    except (ValueError, KeyError):
        raise BihuanError("time.unreadable", text=text) from None


def add_duration(moment: datetime, text: str) -> datetime:
    """Return ``moment`` plus an ISO 8601 duration; months are counted in the county's zone, as a calendar does."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or text.strip() in ("P", "-P", "PT", "-PT"):
        raise BihuanError("time.unreadable", text=text)
    sign = -1 if found["sign"] else 1
    months = sign * (int(found["years"] or 0) * 12 + int(found["months"] or 0))
    try:
        if months:
            local = moment.astimezone(ZONE)
            year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
            last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
            moment = local.replace(year=year, month=month + 1, day=min(local.day, last))
        return moment + sign * timedelta(
            weeks=int(found["weeks"] or 0),
            days=int(found["days"] or 0),
            hours=int(found["hours"] or 0),
            minutes=int(found["minutes"] or 0),
            seconds=float(found["seconds"] or 0),
        )
    except (OverflowError, ValueError):
        raise BihuanError("time.unreadable", text=text) from None


def moment_of(value: Any, now: datetime, hour: time = CLOSES) -> datetime | None:
    """Return the moment that a value of :func:`engine.feel.to_host` means.

    It is a date and time, a date (at ``hour`` of the county's zone), a duration from ``now``, or ISO text of any of
    them. None stays None; anything else raises :class:`BihuanError`.
    """
    if value is None:
        return None
    if isinstance(value, feel.MonthsDuration):
        value = str(value)
    if isinstance(value, str):
        text = value.strip()
        if text.startswith(("P", "-P")):
            return add_duration(now, text).astimezone(UTC)
        value = parse_time(text)
    if isinstance(value, timedelta):
        return now + value
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, hour, ZONE).astimezone(UTC)
    raise BihuanError("time.unreadable", text=str(value))


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating timer: when it first goes off, its ISO interval or cron expression, how many times (None: no end)."""

    first: datetime
    interval: str
    times: int | None


def cycle_of(value: Any, now: datetime) -> Cycle:
    """Read ``R3/PT1H``, ``R/P1D`` or ``R2/<start>/P1D``, or what repeats without end: a duration, a cron expression."""
    text = str(value).strip()
    if isinstance(value, timedelta):
        text = f"PT{value.total_seconds():.0f}S"
    if text.startswith("P"):
        return Cycle(_later(now, text), text, None)
    if is_cron(text):
        return Cycle(after(now, text, ZONE), text, None)
    found = _CYCLE.fullmatch(text)
    if found is None:
        raise BihuanError("time.unreadable", text=text)
    times = int(found["times"]) if found["times"] else None
    start = moment_of(found["start"], now, OPENS) if found["start"] else None
    return Cycle(start or _later(now, found["interval"]), found["interval"], times)


def next_of(due: datetime, interval: str) -> datetime:
    """Return when a cycle goes off after ``due``; what was missed while the server stood still follows at once, in order."""
    return _later(due, interval)


def _later(moment: datetime, interval: str) -> datetime:
    if not interval.startswith("P") and is_cron(interval):
        return after(moment, interval, ZONE)
    later = add_duration(moment, interval).astimezone(UTC)
    if later <= moment:
        raise BihuanError("time.unreadable", text=interval)
    return later


def _day(value: Any) -> date:
    if isinstance(value, str):
        value = parse_time(value)
    if isinstance(value, datetime):
        return (value.astimezone(ZONE) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    raise BihuanError("time.unreadable", text=str(value))
