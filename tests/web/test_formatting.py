"""Amounts, times and deadlines are written as the office writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from web import formatting, i18n

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)  # twelve o'clock in Beijing


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    app = Flask("web")
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    i18n.install(app)
    with app.test_request_context():
        yield


def test_amounts_are_in_ten_thousand_yuan_with_separators_and_two_places() -> None:
    assert formatting.wan(1_280_000_000) == "1,280.00"
    assert formatting.wan(0) == "0.00"
    assert formatting.wan(5_000) == "0.01"
    assert formatting.wan(4_999) == "0.00"
    assert formatting.wan(None) == ""


@pytest.mark.parametrize(
    ("due", "tone", "text"),
    [
        (timedelta(days=-2), "late", "已超期 2 天"),
        (timedelta(hours=-1), "late", "已超期"),
        (timedelta(0), "late", "已超期"),
        (timedelta(hours=6), "soon", "今日到期"),
        (timedelta(hours=12), "soon", "剩 1 天"),
        (timedelta(days=3), "soon", "剩 3 天"),
        (timedelta(days=4), "calm", "剩 4 天"),
    ],
)
def test_a_deadline_is_counted_in_calendar_days_of_shanghai(due: timedelta, tone: str, text: str) -> None:
    assert formatting.due_badge(NOON + due, NOON) == formatting.Badge(tone, text)


def test_no_deadline_has_no_badge() -> None:
    assert formatting.due_badge(None, NOON) is None


def test_times_are_shown_in_shanghai_and_with_the_year_only_when_it_is_another() -> None:
    assert formatting.short_moment(NOON, NOON) == "11-21 12:00"
    assert formatting.short_moment(datetime(2025, 12, 31, 15, 59, tzinfo=UTC), NOON) == "2025-12-31"
    assert formatting.short_moment(datetime(2025, 12, 31, 16, tzinfo=UTC), NOON) == "01-01 00:00"


def test_lengths_of_time_are_told_in_the_unit_that_suits_them() -> None:
    assert [formatting.span(seconds) for seconds in (20, 5400, 3 * 86400)] == ["1 分钟", "2 小时", "3 天"]


def test_counts_are_capped() -> None:
    assert [formatting.capped(count) for count in (0, 99, 100)] == ["0", "99", "99+"]


def test_today_is_a_sentence() -> None:
    assert formatting.today_sentence(NOON) == "今天 11 月 21 日，星期六"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [(Decimal("49.9"), "49.90"), (12000, "12,000.00"), (Decimal("0.1234"), "0.1234"), (Decimal(0), "0.00")],
)
def test_an_amount_as_typed_has_two_places_unless_it_was_typed_with_more(typed: Decimal, shown: str) -> None:
    assert formatting.typed_wan(typed) == shown
