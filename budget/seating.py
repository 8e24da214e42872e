"""Seats of reviewers: who is waited for, who signed, what the totals say; what reviews of all kinds have in common.

Plain functions on rows of tables with :class:`budget.tables.base.SeatColumns`. None commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, TypeVar

from budget.tables.base import SeatColumns

Seat = TypeVar("Seat", bound=SeatColumns)


def waiting(seats: Iterable[Seat]) -> list[Seat]:
    """Return the seats that have neither signed nor let their time pass."""
    return [seat for seat in seats if seat.signed_at is None and seat.absent_at is None]


def last_asked(seats: Sequence[Seat]) -> list[Seat]:
    """Return the seats that were asked last."""
    last = max((seat.asked_at for seat in seats), default=None)
    return [seat for seat in seats if seat.asked_at == last]


def sign(
    seats: Iterable[Seat],
    forms: Iterable[Mapping[str, Any]],
    now: datetime,
    write: Callable[[Seat, Mapping[str, Any]], None],
    *,
    late: bool,
) -> list[Seat]:
    """Write the forms that were signed to the seats that they name (``seat``); return those that are still empty.

    ``late`` says that the time is over: who has not signed is absent.
    """
    by_id = {seat.id: seat for seat in waiting(seats)}
    for form in forms:
        seat = by_id.pop(int(form["seat"]), None)
        if seat is not None:
            write(seat, form)
            seat.signed_at = now
    if late:
        for seat in by_id.values():
            seat.absent_at = now
    return list(by_id.values())


def unsign(seats: Iterable[Seat], clear: Callable[[Seat], None]) -> None:
    """Undo :func:`sign`: what was written last is taken out of the seats by ``clear``."""
    rows = list(seats)
    times = [at for seat in rows for at in (seat.signed_at, seat.absent_at) if at is not None]
    last = max(times, default=None)
    for seat in rows:
        if seat.absent_at == last:
            seat.absent_at = None
        if seat.signed_at == last:
            seat.signed_at = seat.total = None
            seat.opinion = ""
            clear(seat)


def totals(seats: Iterable[SeatColumns]) -> list[Decimal]:
    """Return the totals of those who have signed."""
    return [seat.total for seat in seats if seat.total is not None]


def mean(given: Sequence[Decimal]) -> Decimal:
    """Return the mean of totals, not rounded; there is at least one."""
    with localcontext() as context:
        context.prec = 34
        return sum(given, Decimal(0)) / len(given)
