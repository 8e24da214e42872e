"""FEEL's dates, times and durations: any year, nanoseconds, offsets and named zones (XML Schema lexical forms)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NANO = 1_000_000_000
DAY = 86_400 * NANO
MAX_YEAR = 999_999_999


def is_leap(year: int) -> bool:
    """Return whether the proleptic Gregorian ``year`` has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Return how many days the month has."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def days_from_civil(year: int, month: int, day: int) -> int:
    """Return the days since 1970-01-01 of a proleptic Gregorian date, for any year."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """Return year, month and day of the days since 1970-01-01, for any number."""
    days += 719_468
    era = days // 146_097
    day_of_era = days - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    part = (5 * day_of_year + 2) // 153
    month = part + (3 if part < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * part + 2) // 5 + 1


@lru_cache(maxsize=256)
def zone_info(name: str) -> ZoneInfo | None:
    """Return the zone of the IANA database, or None if there is none of that name."""
    if name.startswith(("/", ".")) or ".." in name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day of the proleptic Gregorian calendar."""

    year: int
    month: int
    day: int

    @classmethod
    def of(cls, year: int, month: int, day: int) -> Date | None:
        """Return the date, or None if there is no such day."""
        if -MAX_YEAR <= year <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month):
            return cls(year, month, day)
        return None

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        return days_from_civil(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """Day of the week, Monday is 1 and Sunday is 7."""
        return (self.days + 3) % 7 + 1

    def plus_days(self, days: int) -> Date | None:
        """Return the date ``days`` later."""
        return Date.of(*civil_from_days(self.days + days))

    def plus_months(self, months: int) -> Date | None:
        """Return the date ``months`` later, at the end of the month where the day does not exist."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Date.of(year, month + 1, min(self.day, days_in_month(year, month + 1)))

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day; ``offset`` is in seconds east of UTC, ``zone`` an IANA name, both None for a local time."""

    hour: int
    minute: int
    second: int
    nano: int = 0
    offset: int | None = None
    zone: str | None = None

    @classmethod
    def of(
        cls,
        hour: int,
        minute: int,
        second: int,
        nano: int = 0,
        offset: int | None = None,
        zone: str | None = None,
    ) -> Time | None:
        """Return the time, or None if there is no such time."""
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nano < NANO):
            return None
        if offset is not None and not -18 * 3600 <= offset <= 18 * 3600:
            return None
        return cls(hour, minute, second, nano, offset, zone)

    @property
    def nanos(self) -> int:
        """Nanoseconds since midnight."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * NANO + self.nano

    @property
    def zoned(self) -> bool:
        """Whether an offset or a zone is known."""
        return self.offset is not None or self.zone is not None

    def utc_offset(self, date: Date | None = None) -> int | None:
        """Return the seconds east of UTC at ``date`` (a zone without date counts as on 1970-01-01)."""
        if self.zone is not None:
            return zone_offset(self.zone, date or Date(1970, 1, 1), self)
        return self.offset

    def same_zone(self, nanos: int) -> Time:
        """Return the time ``nanos`` after midnight (any number, modulo a day) with the same offset or zone."""
        return time_from_nanos(nanos, self.offset, self.zone)

    def __str__(self) -> str:
        text = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{_fraction(self.nano)}"
        if self.zone is not None:
            return f"{text}@{self.zone}"
        return text + _offset(self.offset)


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and a time of day."""

    date: Date
    time: Time

    @property
    def local(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00, as the clock on the wall shows."""
        return self.date.days * DAY + self.time.nanos

    @property
    def instant(self) -> int | None:
        """Nanoseconds since 1970-01-01T00:00:00Z, or None for a local date and time."""
        offset = self.time.utc_offset(self.date)
        return None if offset is None else self.local - offset * NANO

    def plus(self, nanos: int) -> DateTime | None:
        """Return the date and time ``nanos`` nanoseconds later, in the same offset or zone.

        In a named zone real time passes: an hour after 01:30 it is 03:30 where the clocks are put forward.
        """
        moment = self.instant if self.time.zone is not None else None
        local = self.local + nanos
        if moment is not None and self.time.zone is not None:
            local = moment + nanos + zone_offset_at(self.time.zone, moment + nanos) * NANO
        days, rest = divmod(local, DAY)
        date = Date.of(*civil_from_days(days))
        return None if date is None else DateTime(date, self.time.same_zone(rest))

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


@dataclass(frozen=True, slots=True, order=True)
class DaysDuration:
    """A days and time duration in nanoseconds."""

    nanos: int

    @property
    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds and nanoseconds of the absolute value."""
        days, rest = divmod(abs(self.nanos), DAY)
        seconds, nano = divmod(rest, NANO)
        return days, seconds // 3600, seconds // 60 % 60, seconds % 60, nano

    def __str__(self) -> str:
        days, hours, minutes, seconds, nano = self.parts
        text = "-P" if self.nanos < 0 else "P"
        if days:
            text += f"{days}D"
        if hours or minutes or seconds or nano or not days:
            text += "T"
            text += f"{hours}H" if hours else ""
            text += f"{minutes}M" if minutes else ""
            if seconds or nano or not self.nanos:
                text += f"{seconds}{_fraction(nano)}S"
        return text


@dataclass(frozen=True, slots=True, order=True)
class MonthsDuration:
    """A years and months duration in months."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = "-P" if self.months < 0 else "P"
        text += f"{years}Y" if years else ""
        return text + (f"{months}M" if months or not years else "")


Temporal = Date | Time | DateTime | DaysDuration | MonthsDuration


def _fraction(nano: int) -> str:
    return "" if not nano else "." + f"{nano:09d}".rstrip("0")


def _offset(offset: int | None) -> str:
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    sign, seconds = ("-" if offset < 0 else "+"), abs(offset)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text + (f":{seconds % 60:02d}" if seconds % 60 else "")


def time_from_nanos(nanos: int, offset: int | None = None, zone: str | None = None) -> Time:
    """Return the time of day ``nanos`` after midnight, modulo a day."""
    seconds, nano = divmod(nanos % DAY, NANO)
    return Time(seconds // 3600, seconds // 60 % 60, seconds % 60, nano, offset, zone)


def zone_offset(zone: str, date: Date, time: Time) -> int | None:
    """Return the seconds east of UTC of the zone at a wall-clock time; years out of Python's reach are clamped."""
    info = zone_info(zone)
    if info is None:
        return None
    year = min(max(date.year, 2), 9998)
    day = min(date.day, days_in_month(year, date.month))
    moment = dt.datetime(year, date.month, day, time.hour, time.minute, time.second, tzinfo=info)
    offset = moment.utcoffset()
    return None if offset is None else int(offset.total_seconds())


def zone_offset_at(zone: str, instant: int) -> int:
    """Return the seconds east of UTC of the zone at an instant; years out of Python's reach are clamped."""
    date = Date(*civil_from_days(instant // DAY))
    seconds = instant % DAY // NANO
    year = min(max(date.year, 2), 9998)
    moment = dt.datetime(year, date.month, min(date.day, days_in_month(year, date.month)), tzinfo=dt.UTC)
    offset = (moment + dt.timedelta(seconds=seconds)).astimezone(zone_info(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def from_python(value: dt.date | dt.time | dt.timedelta) -> Temporal:
    """Return the FEEL value of a Python date, time, datetime or timedelta."""
    if isinstance(value, dt.datetime):
        return DateTime(
            Date(value.year, value.month, value.day), _python_time(value.timetz(), value.utcoffset())
        )
    if isinstance(value, dt.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return _python_time(value, value.utcoffset())
    return DaysDuration(((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 1000)


def _python_time(value: dt.time, offset: dt.timedelta | None) -> Time:
    zone = getattr(value.tzinfo, "key", None)
    seconds = None if offset is None else int(offset.total_seconds())
    if zone == "UTC":
        seconds, zone = 0, None
    return Time(
        value.hour,
        value.minute,
        value.second,
        value.microsecond * 1000,
        None if zone is not None else seconds,
        zone,
    )


def iso_text(value: Temporal) -> str:
    """Return the ISO 8601 text; a date and time in a named zone is written with the zone's offset there."""
    if isinstance(value, DateTime) and value.time.zone is not None:
        time = value.time
        offset = time.utc_offset(value.date)
        value = DateTime(value.date, Time(time.hour, time.minute, time.second, time.nano, offset))
    return str(value)


def to_python(value: Temporal) -> dt.date | dt.time | dt.timedelta | Temporal:
    """Return the Python value where Python has one, else the value itself (far years, months durations)."""
    if isinstance(value, Date):
        return dt.date(value.year, value.month, value.day) if 1 <= value.year <= 9999 else value
    if isinstance(value, Time):
        return dt.time(value.hour, value.minute, value.second, value.nano // 1000, _tzinfo(value))
    if isinstance(value, DateTime):
        if not 1 <= value.date.year <= 9999:
            return value
        date, time = value.date, value.time
        return dt.datetime(
            date.year,
            date.month,
            date.day,
            time.hour,
            time.minute,
            time.second,
            time.nano // 1000,
            _tzinfo(time),
        )
    if isinstance(value, DaysDuration) and abs(value.nanos) < 999_999_999 * DAY:
        return dt.timedelta(microseconds=value.nanos // 1000)
    return value


def _tzinfo(time: Time) -> dt.tzinfo | None:
    if time.zone is not None:
        return zone_info(time.zone)
    return None if time.offset is None else dt.timezone(dt.timedelta(seconds=time.offset))
