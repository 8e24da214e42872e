"""What the books that are kept by hand tell of a year: training, rules, leading groups, documents received (§8.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from budget.answers import number
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import BookEntry, Unit
from engine.calendar import ZONE


@read_once
def _entries(session: Session, scope: Scope, book: str) -> Sequence[BookEntry]:
    """Return the lines of a book that were there by then; those of secret units are left out."""
    query = (
        select(BookEntry)
        .outerjoin(Unit, Unit.code == BookEntry.unit)
        .where(
            BookEntry.book == book,
            BookEntry.changed_at <= scope.as_of,
            or_(BookEntry.removed_at.is_(None), BookEntry.removed_at > scope.as_of),
            or_(Unit.code.is_(None), ~Unit.secret_flag),
        )
        .order_by(BookEntry.id)
    )
    if scope.section:
        query = query.where(Unit.section == scope.section)
    if scope.unit:
        query = query.where(Unit.code == scope.unit)
    return session.scalars(query).all()


def _of_year(session: Session, scope: Scope, book: str) -> list[BookEntry]:
    return [one for one in _entries(session, scope, book) if one.fiscal_year == scope.year]


def _total(book: str, key: str) -> Callable[[Session, Scope], Decimal]:
    """Return how to add up a field of a book's lines of the year."""
    return lambda session, scope: sum(
        (number(one.values.get(key)) or Decimal(0) for one in _of_year(session, scope, book)), Decimal(0)
    )


def _last_day(scope: Scope) -> date:
    return scope.ends.astimezone(ZONE).date()


def _holding(session: Session, scope: Scope, book: str) -> list[BookEntry]:
    """Return the lines that hold on the last day that counts."""
    day = _last_day(scope)
    return [
        one
        for one in _entries(session, scope, book)
        if (one.on is None or one.on <= day) and (one.until is None or one.until >= day)
    ]


def groups(session: Session, scope: Scope) -> int:
    """Count the units that have a leading group (S5-12)."""
    return len({one.unit for one in _holding(session, scope, "leading_group") if one.unit is not None})


def in_force(session: Session, scope: Scope) -> int:
    """Count the documents of the basis library that are in force."""
    return sum(one.values.get("state") == "IN_FORCE" for one in _holding(session, scope, "basis"))


def issued(session: Session, scope: Scope) -> int:
    """Count the documents that came into force in the year."""
    found = _entries(session, scope, "basis")
    return sum(one.on is not None and one.on.year == scope.year for one in found)


FIGURES = (
    Figure("train.batches", "业务培训批次", "Trainings", "批", _total("training", "batches")),
    Figure("train.units", "参加培训的单位", "Units trained", "家", _total("training", "units")),
    Figure("train.people", "培训人次", "People trained", "人次", _total("training", "people")),
    Figure("basis.issued", "本年印发施行的制度", "Rules that came into force", "项", issued),
    Figure("basis.in_force", "现行制度", "Rules in force", "项", in_force),
    Figure("group.units", "成立领导小组的单位", "Units with a leading group", "家", groups),
    Figure("disburse.documents", "收到绩效资料", "Documents received", "份", _total("documents", "copies")),
)
