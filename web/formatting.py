"""How numbers, times and deadlines are written on a page: 万元 with thousands separators, Shanghai time, badges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from budget.money import wan_from_fen

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Badge:
    """A deadline in words: ``tone`` is late, soon or calm."""

    tone: str
    text: str


def local(moment: datetime) -> datetime:
    """Return ``moment`` in Shanghai's time."""
    return moment.astimezone(SHANGHAI)


def wan(fen: int | None) -> str:
    """Return 分 as 万元 with two places and thousands separators, nothing for None."""
    return "" if fen is None else f"{wan_from_fen(fen):,}"


def number(value: Decimal | int | float | None) -> str:
    """Return a number with thousands separators and no trailing zeros."""
    if value is None:
        return ""
    text = f"{Decimal(str(value)):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def typed_wan(value: Decimal | int | float) -> str:
    """Return an amount typed in 万元 with two places as everywhere else; one typed with more keeps them."""
    exact = Decimal(str(value))
    return f"{exact:,.2f}" if exact == round(exact, 2) else number(exact)


def clock_time(moment: datetime) -> str:
    """Return ``14:03``."""
    return f"{local(moment):%H:%M}"


def day(value: datetime | date | None) -> str:
    """Return ``2026-11-21``."""
    if value is None:
        return ""
    return (local(value) if isinstance(value, datetime) else value).isoformat()[:10]


def checkpoint(period: str) -> str:
    """Return ``8月`` for the period ``08``; one that is no month keeps its own name."""
    return gettext("%(month)s月", month=int(period)) if period.isdecimal() else period


def moment(value: datetime | None) -> str:
    """Return ``2026-11-21 14:03``."""
    return "" if value is None else f"{local(value):%Y-%m-%d %H:%M}"


def short_moment(value: datetime | None, now: datetime) -> str:
    """Return ``11-21 14:03``, with the year when it is another one."""
    if value is None:
        return ""
    when = local(value)
    return f"{when:%m-%d %H:%M}" if when.year == local(now).year else f"{when:%Y-%m-%d}"


def today_sentence(now: datetime) -> str:
    """Return the sentence that says which day it is."""
    when = local(now)
    weekdays = [gettext("星期一"), gettext("星期二"), gettext("星期三"), gettext("星期四")]
    weekdays += [gettext("星期五"), gettext("星期六"), gettext("星期日")]
    return gettext(
        "今天 %(month)s 月 %(day)s 日，%(weekday)s",
        month=when.month,
        day=when.day,
        weekday=weekdays[when.weekday()],
    )


def due_badge(due_at: datetime | None, now: datetime) -> Badge | None:
    """Return the deadline's badge: overdue, due today, or the days that are left, counted in calendar days."""
    if due_at is None:
        return None
    days = (local(due_at).date() - local(now).date()).days
    if due_at <= now:
        late = max(-days, 0)
        text = ngettext("已超期 %(num)d 天", "已超期 %(num)d 天", late) if late else gettext("已超期")
        return Badge("late", text)
    if days == 0:
        return Badge("soon", gettext("今日到期"))
    return Badge("soon" if days <= 3 else "calm", ngettext("剩 %(num)d 天", "剩 %(num)d 天", days))


def span(value: timedelta | int | float) -> str:
    """Return a length of time (a timedelta or seconds) as people say it: minutes, hours or days."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 3600:
        minutes = max(1, round(seconds / 60))
        return ngettext("%(num)d 分钟", "%(num)d 分钟", minutes)
    if seconds < 36 * 3600:
        return ngettext("%(num)d 小时", "%(num)d 小时", round(seconds / 3600))
    return ngettext("%(num)d 天", "%(num)d 天", round(seconds / 86400))


def capped(count: int, cap: int = 99) -> str:
    """Return a count as it is shown: above ``cap`` only ``99+``."""
    return f"{cap}+" if count > cap else str(count)
