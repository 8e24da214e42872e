"""What was published in the year, and how much of it on the days that were set (公开及时率, domain §8.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from budget.publishing.codes import PublicationKind, PublicationState
from budget.statistics.model import Figure, Scope
from budget.tables import Publication, PublicationItem, Unit

#: What was put online, whether or not it was corrected since.
_OUT = (PublicationState.PUBLISHED, PublicationState.CORRECTING, PublicationState.REPLACED)


def _items(session: Session, scope: Scope, year: int, *conditions: ColumnElement[bool]) -> int:
    """Count what the first versions published of a budget year."""
    query: Any = (
        select(func.count(PublicationItem.id))
        .join(Publication, Publication.instance_id == PublicationItem.publication_id)
        .join(Unit, Unit.code == Publication.unit_code)
        .where(
            Publication.fiscal_year == year,
            Publication.version == 1,
            Publication.state.in_(_OUT),
            Publication.published_at <= scope.as_of,
            PublicationItem.published,
            Unit.secret_flag.is_(False),
            *conditions,
        )
    )
    if scope.section:
        query = query.where(Unit.section == scope.section)
    if scope.unit:
        query = query.where(Unit.code == scope.unit)
    return int(session.execute(query).scalar_one())


#: On or between the day from which it may be out and the one by which it should be.
_ON_THE_DAYS = (
    Publication.published_on >= Publication.release_on,
    Publication.published_on <= Publication.due_on,
)


def _count(kind: PublicationKind, offset: int) -> Callable[[Session, Scope], int]:
    return lambda session, scope: _items(session, scope, scope.year + offset, Publication.kind == kind)


def _in_time(kind: PublicationKind, offset: int) -> Callable[[Session, Scope], int]:
    return lambda session, scope: _items(
        session, scope, scope.year + offset, Publication.kind == kind, *_ON_THE_DAYS
    )


def _rate(kind: PublicationKind, offset: int) -> Callable[[Session, Scope], Decimal | None]:
    def rate(session: Session, scope: Scope) -> Decimal | None:
        whole = _count(kind, offset)(session, scope)
        return Decimal(_in_time(kind, offset)(session, scope)) / whole if whole else None

    return rate


def _of(kind: PublicationKind, offset: int) -> tuple[Figure, ...]:
    name = f"published.{kind.setting}"
    return (
        Figure(name, f"公开：{kind.zh}", f"Published: {kind.en}", "个", _count(kind, offset), offset),
        Figure(
            f"{name}.intime",
            f"按期公开：{kind.zh}",
            f"Published in time: {kind.en}",
            "个",
            _in_time(kind, offset),
            offset,
        ),
        Figure(
            f"{name}.rate",
            f"公开及时率：{kind.zh}",
            f"Share published in time: {kind.en}",
            "%",
            _rate(kind, offset),
            offset,
        ),
    )


FIGURES = (
    *_of(PublicationKind.GOAL, 0),
    *_of(PublicationKind.UNIT_GOAL, 0),
    *_of(PublicationKind.MONITORING, 0),
    *_of(PublicationKind.SELF_EVALUATION, -1),
    *_of(PublicationKind.KEY_EVALUATION, -1),
)
