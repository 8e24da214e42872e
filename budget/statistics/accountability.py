"""What followed in the year from the responsibility ledger (P16): bulletins, talks, points, appeals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.accountability import COUNTING, TALKS, AccountabilityState, Measure
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Accountability, Unit

_BULLETINS = frozenset({Measure.BULLETIN, Measure.BULLETIN_TALK})


@read_once
def _issued(session: Session, scope: Scope) -> Sequence[Accountability]:
    """Return the decisions that were issued in the year by then; those of secret units are left out."""
    query = (
        select(Accountability)
        .join(Unit, Unit.code == Accountability.unit)
        .where(
            Accountability.issued_at >= scope.begins,
            Accountability.issued_at <= scope.ends,
            ~Unit.secret_flag,
        )
    )
    if scope.section:
        query = query.where(Unit.section == scope.section)
    if scope.unit:
        query = query.where(Unit.code == scope.unit)
    return session.scalars(query).all()


def _count(which: Callable[[Accountability], bool]) -> Callable[[Session, Scope], int]:
    return lambda session, scope: sum(which(one) for one in _issued(session, scope))


def _standing(measures: frozenset[Measure]) -> Callable[[Session, Scope], int]:
    """Return how to count what stands with one of some measures."""
    return _count(lambda one: one.state in COUNTING and one.measure in measures)


def units(session: Session, scope: Scope) -> int:
    """Count the units that were held accountable."""
    return len({one.unit for one in _issued(session, scope) if one.state in COUNTING})


def points(session: Session, scope: Scope) -> Decimal:
    """Add up the points that count."""
    return sum(
        (one.points or Decimal(0) for one in _issued(session, scope) if one.state in COUNTING), Decimal(0)
    )


FIGURES = (
    Figure("ledger.units", "被追究责任的单位", "Units held accountable", "家", units),
    Figure("ledger.bulletins", "通报", "Bulletins", "次", _standing(_BULLETINS)),
    Figure("ledger.talks", "约谈", "Talks", "次", _standing(TALKS)),
    Figure("ledger.points", "台账记分", "Points in the ledger", "分", points),
    Figure("ledger.appeals", "单位申辩", "Appeals", "次", _count(lambda one: one.appealed)),
    Figure(
        "ledger.revoked",
        "申辩成立撤销的",
        "Revoked after an appeal",
        "次",
        _count(lambda one: one.state == AccountabilityState.REVOKED),
    ),
)
