"""The submitted versions of a goal, as the page of its case lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.codes import VersionState
from budget.tables import Goal, GoalVersion, Indicator


@dataclass(frozen=True, slots=True)
class Version:
    """A submitted version of a goal; ``number`` is given when it is approved."""

    version: int
    round: int
    state: VersionState
    number: str | None
    amount: int
    indicators: int
    submitted_at: datetime
    frozen_at: datetime | None


def versions(session: Session, instance_id: int) -> list[Version]:
    """Return the versions of the goal that an instance works on, the newest first."""
    counted = (
        select(func.count())
        .where(Indicator.goal_version_id == GoalVersion.id)
        .correlate(GoalVersion)
        .scalar_subquery()
    )
    rows = session.execute(
        select(GoalVersion, counted)
        .join(Goal, Goal.id == GoalVersion.goal_id)
        .where(Goal.instance_id == instance_id)
        .order_by(GoalVersion.version.desc())
    )
    return [
        Version(
            version=one.version,
            round=one.round,
            state=VersionState(one.state),
            number=one.number,
            amount=one.annual_amount,
            indicators=count,
            submitted_at=one.submitted_at,
            frozen_at=one.frozen_at,
        )
        for one, count in rows
    ]
