"""What was adjusted in the year, and what results of evaluations led to for next year's money."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.adjustments import AdjustmentState, AdjustmentType
from budget.result_codes import Action
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Adjustment, Project, ResultApplication, Unit


@read_once
def _adjusted(session: Session, scope: Scope) -> Sequence[Adjustment]:
    query = (
        select(Adjustment)
        .join(Project, Project.id == Adjustment.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Adjustment.fiscal_year == scope.year,
            Adjustment.state == AdjustmentState.APPROVED,
            Adjustment.decided_at <= scope.as_of,
            *scope.covers(),
        )
    )
    return session.scalars(query).all()


def adjusted(session: Session, scope: Scope) -> int:
    """Count adjustments that were approved."""
    return len(_adjusted(session, scope))


def _moved(kinds: Sequence[AdjustmentType]) -> Callable[[Session, Scope], int]:
    """Return how to add up what was taken from projects by some kinds of adjustments, in 分."""
    return lambda session, scope: sum(-one.delta for one in _adjusted(session, scope) if one.type in kinds)


@read_once
def _applied(session: Session, scope: Scope) -> Sequence[ResultApplication]:
    """Return what was decided in the year, about the projects of the year before or of the same."""
    query = (
        select(ResultApplication)
        .join(Project, Project.id == ResultApplication.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            ResultApplication.fiscal_year.in_((scope.year - 1, scope.year)),
            ResultApplication.action.is_not(None),
            ResultApplication.closed_at >= scope.begins,
            ResultApplication.closed_at <= scope.ends,
            *scope.covers(),
        )
    )
    return session.scalars(query).all()


def _count_of(action: Action) -> Figure:
    def count(session: Session, scope: Scope) -> int:
        return sum(one.action == action for one in _applied(session, scope))

    name = action.value.lower()
    return Figure(f"result.{name}", f"结果应用：{action.zh}", f"Results: {action.en}", "个", count)


def _amount_of(action: Action) -> Figure:
    def total(session: Session, scope: Scope) -> int:
        return sum(abs(one.delta or 0) for one in _applied(session, scope) if one.action == action)

    name = action.value.lower()
    return Figure(f"result.{name}.amount", f"{action.zh}金额", f"Results: {action.en} (money)", "万元", total)


FIGURES = (
    Figure("adjust.approved", "批复的预算和目标调整", "Adjustments approved", "个", adjusted),
    Figure(
        "adjust.decrease",
        "调减金额",
        "Money taken off by adjustments",
        "万元",
        _moved([AdjustmentType.DECREASE]),
    ),
    Figure(
        "adjust.reclaim",
        "收回、盘活金额",
        "Money reclaimed or put to use",
        "万元",
        _moved([AdjustmentType.RECLAIM, AdjustmentType.REUSE]),
    ),
    *(_count_of(action) for action in Action),
    *(_amount_of(action) for action in (Action.CUT, Action.RECLAIM, Action.CANCEL)),
)
