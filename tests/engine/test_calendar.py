"""Working days, durations and cycles."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine import BihuanError, SteppedClock
from engine.calendar import ZONE, WorkingDays, add_duration, cycle_of, moment_of

GOLDEN_WEEK = WorkingDays(
    {date(2025, 10, day): False for day in (1, 2, 3, 6, 7, 8)} | {date(2025, 10, 11): True},
    date(2025, 12, 31),
)
NOON = datetime(2026, 1, 31, 12, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2025, 10, 10), 1, date(2025, 10, 11)),
        (date(2025, 10, 9), -1, date(2025, 9, 30)),
        (date(2025, 10, 4), 0, date(2025, 10, 9)),
        (date(2025, 10, 9), 0, date(2025, 10, 9)),
        (date(2026, 1, 5), 5, date(2026, 1, 12)),
    ],
)
def test_holidays_are_skipped_and_make_up_days_count(start: date, count: int, expected: date) -> None:
    assert GOLDEN_WEEK.add(start, count) == expected


def test_a_due_time_beyond_the_known_calendar_is_provisional() -> None:
    assert not GOLDEN_WEEK.provisional(datetime(2025, 12, 31, 23, tzinfo=ZONE))
    assert GOLDEN_WEEK.provisional(datetime(2026, 1, 1, 0, 30, tzinfo=ZONE))
    assert not WorkingDays().provisional(NOON)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1M", "2026-02-28T12:00"),
        ("P1Y1M", "2027-02-28T12:00"),
        ("P1W", "2026-02-07T12:00"),
        ("PT36H", "2026-02-02T00:00"),
        ("-P1D", "2026-01-30T12:00"),
        ("PT0.5S", "2026-01-31T12:00:00.500000"),
    ],
)
def test_durations_are_added_as_a_calendar_does(text: str, expected: str) -> None:
    assert (
        add_duration(NOON, text).astimezone(ZONE).replace(tzinfo=None).isoformat()[: len(expected)]
        == expected
    )


@pytest.mark.parametrize("text", ["P", "PT", "5 days", "", "P99999999Y"])
def test_what_is_no_duration_is_an_error(text: str) -> None:
    with pytest.raises(BihuanError):
        add_duration(NOON, text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (date(2026, 5, 31), "2026-05-31T18:00:00+08:00"),
        (datetime(2026, 5, 31, 8, tzinfo=ZONE), "2026-05-31T08:00:00+08:00"),
        (timedelta(hours=1), "2026-01-31T13:00:00+08:00"),
        ("2026-05-31", "2026-05-31T18:00:00+08:00"),
        ("2026-05-31T08:00:00@Asia/Shanghai", "2026-05-31T08:00:00+08:00"),
        ("PT1H", "2026-01-31T13:00:00+08:00"),
    ],
)
def test_a_due_date_may_be_a_date_a_time_a_duration_or_their_text(value: Any, expected: str | None) -> None:
    found = moment_of(value, NOON)
    assert (found and found.astimezone(ZONE).isoformat()) == expected


@pytest.mark.parametrize(
    ("text", "first", "times"),
    [
        ("R3/PT1H", "13:00", 3),
        ("R/PT1H", "13:00", None),
        ("PT2H", "14:00", None),
        ("R2/2026-02-01T08:00:00+08:00/P1D", "08:00", 2),
    ],
)
def test_cycles(text: str, first: str, times: int | None) -> None:
    found = cycle_of(text, NOON)
    assert found.first.astimezone(ZONE).strftime("%H:%M") == first
    assert found.times == times


@pytest.mark.parametrize("text", ["R3", "R3/", "R3/P0D", "R3/-P1D", "0 0 9 * *"])
def test_what_is_no_cycle_is_an_error(text: str) -> None:
    with pytest.raises(BihuanError):
        cycle_of(text, NOON)


def test_a_stepped_clock_stands_until_it_is_moved() -> None:
    clock = SteppedClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1)
