"""What an address or a form gives as text, as numbers and days that the database and the calendar can hold."""

from __future__ import annotations

from datetime import date

_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def number(text: str) -> int:
    """Return a number that a key can have; raises :class:`ValueError` for anything else."""
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(text)
    return int(text)


def day(text: str) -> date:
    """Return a day in ISO form, near enough for reckoning with it; raises :class:`ValueError` for anything else."""
    return in_reckoning(date.fromisoformat(text))


def in_reckoning(found: date) -> date:
    """Return a day near enough for reckoning with it; raises :class:`ValueError` for one that isn't."""
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(found.isoformat())
    return found
