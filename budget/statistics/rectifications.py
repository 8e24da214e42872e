"""What was called to be put right, how fast it was, and where money was held back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.holds import HoldKind
from budget.rectification import RectificationState
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Hold, Project, Rectification, Unit


@read_once
def _issued(session: Session, scope: Scope) -> Sequence[Rectification]:
    """Return the notices that were issued in the year."""
    query = (
        select(Rectification)
        .join(Project, Project.id == Rectification.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Rectification.issued_at >= scope.begins,
            Rectification.issued_at <= scope.ends,
            *scope.covers(),
        )
    )
    return session.scalars(query).all()


@read_once
def _closed(session: Session, scope: Scope) -> Sequence[Rectification]:
    return [
        one
        for one in _issued(session, scope)
        if one.state == RectificationState.CLOSED
        and one.closed_at is not None
        and one.closed_at <= scope.as_of
    ]


def issued(session: Session, scope: Scope) -> int:
    """Count the notices that were issued in the year."""
    return len(_issued(session, scope))


def received(session: Session, scope: Scope) -> int:
    """Count those that the units signed for."""
    return sum(
        one.received_at is not None and one.received_at <= scope.as_of for one in _issued(session, scope)
    )


def closed(session: Session, scope: Scope) -> int:
    """Count those that are put right."""
    return len(_closed(session, scope))


def failed(session: Session, scope: Scope) -> int:
    """Count those that failed or went to the supervision section."""
    over = (RectificationState.FAILED, RectificationState.TRANSFERRED)
    return sum(one.state in over for one in _issued(session, scope))


def rate(session: Session, scope: Scope) -> Decimal | None:
    """Return the share of the year's notices that are put right (整改销号率)."""
    whole = issued(session, scope)
    return Decimal(closed(session, scope)) / whole if whole else None


def days(session: Session, scope: Scope) -> Decimal | None:
    """Return how many days it took on the mean from the notice until it was put right."""
    spans = [
        one.closed_at - one.issued_at for one in _closed(session, scope) if one.closed_at and one.issued_at
    ]
    seconds = sum(int(span.total_seconds()) for span in spans)
    return Decimal(seconds) / 86400 / len(spans) if spans else None


def _held(kind: HoldKind, id: str, zh: str, en: str) -> Figure:
    def count(session: Session, scope: Scope) -> int:
        query = (
            select(func.count(func.distinct(Hold.project_id)))
            .join(Project, Project.id == Hold.project_id)
            .join(Unit, Unit.code == Project.unit)
            .where(Hold.kind == kind, Hold.since >= scope.begins, Hold.since <= scope.ends, *scope.covers())
        )
        return session.execute(query).scalar_one()

    return Figure(id, zh, en, "个", count)


FIGURES = (
    Figure("rect.issued", "下达整改通知", "Notices to rectify", "份", issued),
    Figure("rect.received", "签收整改通知", "Notices signed for", "份", received),
    Figure("rect.closed", "整改销号", "Put right", "份", closed),
    Figure("rect.failed", "整改失败或移交", "Failed or handed to supervision", "份", failed),
    Figure("rect.rate", "整改销号率", "Share put right", "%", rate),
    Figure("rect.days", "整改平均天数", "Days until put right (mean)", "天", days),
    _held(HoldKind.HOLD, "hold.projects", "暂缓拨付的项目", "Projects with money held"),
    _held(HoldKind.STOP, "stop.projects", "停止拨付的项目", "Projects with money stopped"),
)
