"""Cron expressions of timer cycles, as Camunda 8 reads them: six fields, the seconds first, in the county's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, CroniterError, croniter

#: What stands for a whole expression, and the expression.
MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_FIELDS = 6
_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=512)
def is_cron(text: str) -> bool:
    """Whether ``text`` is an expression of six fields, or a macro, that is due at some time."""
    try:
        after(_SOME_TIME, text, ZoneInfo("UTC"))
    except ValueError:
        return False
    return True


def after(moment: datetime, text: str, zone: ZoneInfo) -> datetime:
    """Return the first time after ``moment`` at which the expression is due in ``zone``, in UTC.

    A day must fit both the day of the month and the day of the week. Raises :class:`ValueError` for what is no
    expression, or never due.
    """
    fields = MACROS.get(text.strip().lower(), text).split()
    if len(fields) != _FIELDS:
        raise ValueError(text)
    expression = " ".join("*" if field == "?" else field for field in fields)
    try:
        found = croniter(
            expression, moment.astimezone(zone), ret_type=datetime, day_or=False, second_at_beginning=True
        )
        due: datetime = found.get_next()
    except (CroniterError, CroniterBadDateError, KeyError) as error:
        raise ValueError(text) from error
    return due.astimezone(UTC)
