"""What an address or a form gives as text, as numbers and days that the database and the calendar can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

T = TypeVar("T")
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def number(text: str) -> int:
    """Return a number that a key can have; raises :class:`ValueError` for anything else."""
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(text)
    return int(text)


def numbers(texts: Iterable[str]) -> list[int]:
    """Return those of the texts that are numbers; the others are nobody's choice."""
    return [one for text in texts if (one := usable(number, text)) is not None]


def year(text: str, otherwise: int) -> int:
    """Return a year of four digits, ``otherwise`` for anything else."""
    return int(text) if text.isdecimal() and len(text) == 4 else otherwise


def usable(read: Callable[[str], T], text: str) -> T | None:
    """Return what ``read`` makes of a text, None where it can make nothing of it."""
    try:
        return read(text) if text else None
    except (ValueError, OverflowError):
        return None


def day(text: str) -> date:
    """Return a day in ISO form, near enough for reckoning with it; raises :class:`ValueError` for anything else."""
    return in_reckoning(date.fromisoformat(text))


def in_reckoning(found: date) -> date:
    """Return a day near enough for reckoning with it; raises :class:`ValueError` for one that isn't."""
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(found.isoformat())
    return found
