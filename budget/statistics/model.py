"""What a figure is, and of what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from budget.money import round_half_up, wan_from_fen
from budget.tables import Project, Unit
from engine.calendar import ZONE

#: A count, an amount in 分 or an exact number; None where nothing can be computed (no project was evaluated).
Value = int | Decimal | None
_Asked = ParamSpec("_Asked")
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what a figure is: the work of a year as it stood at ``as_of``.

    ``section`` and ``unit`` narrow it to those of one office; the empty string narrows nothing.
    """

    #: The year in which the work was done. Goals and monitoring are of this budget year, evaluations of the one before.
    year: int
    as_of: datetime
    section: str = ""
    unit: str = ""
    #: What was read in one pass over the figures, None outside of one: the records may change between two readings.
    memo: dict[Hashable, Any] | None = field(default=None, compare=False, repr=False)

    def one_pass(self) -> Scope:
        """Return the scope for one pass over several figures, in which nothing is read twice."""
        return replace(self, memo={})

    @property
    def begins(self) -> datetime:
        """When the year begins in the county."""
        return datetime(self.year, 1, 1, tzinfo=ZONE).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The last moment of the year that counts: that at which it is asked, or the year's own."""
        next_year = datetime(self.year + 1, 1, 1, tzinfo=ZONE).astimezone(UTC)
        return min(next_year - timedelta(microseconds=1), self.as_of)

    def covers(self) -> list[ColumnElement[bool]]:
        """Return the conditions on projects and units: within the scope, and nothing that is secret (domain §6.4)."""
        found: list[ColumnElement[bool]] = [~or_(Project.secret_flag, Unit.secret_flag)]
        if self.section:
            found.append(Project.section == self.section)
        if self.unit:
            found.append(Project.unit == self.unit)
        return found


def read_once(
    read: Callable[Concatenate[Session, Scope, _Asked], _Read],
) -> Callable[Concatenate[Session, Scope, _Asked], _Read]:
    """Let a reading of the records, given more positional arguments, be shared by the figures of one pass."""

    @wraps(read)
    def shared(session: Session, scope: Scope, /, *asked: _Asked.args, **named: _Asked.kwargs) -> _Read:
        if scope.memo is None:
            return read(session, scope, *asked, **named)
        key = (read, *asked, *sorted(named.items()))
        if key not in scope.memo:
            scope.memo[key] = read(session, scope, *asked, **named)
        found: _Read = scope.memo[key]
        return found

    return shared


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the annual report: its id, what it is called, its unit (家, 个, 万元, 分, %) and how it is computed.

    Amounts (万元) are computed in 分 and shown in 万元; shares (%) are computed as fractions of 1.
    """

    id: str
    zh: str
    en: str
    unit: str
    compute: Callable[[Session, Scope], Value]
    #: The budget year that it is about, counted from the year of the work: -1 where last year's projects are evaluated.
    offset: int = 0


def shown(value: Value, unit: str) -> Decimal | None:
    """Return a figure as it is read: 分 as 万元 and points with two places, shares as percent with two places."""
    if value is None:
        return None
    if unit == "万元":
        return wan_from_fen(int(value))
    if unit == "%":
        return round_half_up(Decimal(value) * 100, 2)
    return round_half_up(Decimal(value), 2) if isinstance(value, Decimal) else Decimal(value)
