"""Checks of the adjustment form (F8, DQ30, DQ35): no money without its goal, signs as the type says, not below spending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from budget.adjustments import AdjustmentType, goal_changed, goal_findings
from budget.answers import number, rows, text
from budget.goals import approved_version
from budget.quality.model import found
from budget.quality.thresholds import Thresholds
from engine.plugins import AnswersRequest, Finding

_UP = (AdjustmentType.INCREASE,)
_DOWN = (AdjustmentType.DECREASE, AdjustmentType.RECLAIM, AdjustmentType.TRANSFER)


def check_adjustment(request: AnswersRequest, thresholds: Thresholds) -> Sequence[Finding]:
    """Return what is wrong with an adjustment; what asks the database is looked at under the lock."""
    project = request.variables.get("project")
    before = request.variables.get("before")
    findings = [
        *sign_fits_type(request.answers),
        *not_below_spent(request.answers, before if isinstance(before, Mapping) else {}),
        *dq30_delta_is_in_ten_thousands(
            request.answers, before if isinstance(before, Mapping) else {}, thresholds
        ),
    ]
    if request.session is not None and isinstance(project, Mapping):
        version = approved_version(request.session, int(project["id"]))
        if version is not None:
            findings += dq35_goal_comes_along(
                request.answers, goal_changed(version, request.answers), thresholds
            )
            findings += [one for one in goal_findings(version, request.answers, thresholds) if one.blocks]
    return findings


def sign_fits_type(answers: Mapping[str, Any]) -> Iterator[Finding]:
    """Money is added or taken as the type says; where only the goal changes, none is."""
    delta, kind = number(answers.get("amount_delta")), text(answers.get("adj_type"))
    if delta is None or kind not in AdjustmentType.__members__:
        return
    type_ = AdjustmentType[kind]
    fits = delta > 0 if type_ in _UP else delta < 0 if type_ in _DOWN else True
    if not fits or (type_ == AdjustmentType.GOAL_ONLY and delta != 0):
        yield found("delta_sign", "amount_delta", type_zh=type_.zh, type_en=type_.en, delta=f"{delta:,f}")


def not_below_spent(answers: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[Finding]:
    """What remains is at least what was spent already."""
    delta, amount = number(answers.get("amount_delta")), number(before.get("amount_before"))
    spent = number(before.get("executed"))
    if delta is not None and amount is not None and spent is not None and amount + delta < spent:
        yield found("below_spent", "amount_delta", after=f"{amount + delta:,f}", executed=f"{spent:,f}")


def dq30_delta_is_in_ten_thousands(
    answers: Mapping[str, Any], before: Mapping[str, Any], thresholds: Thresholds
) -> Iterator[Finding]:
    """What is added is not a hundred times what there is: 元 typed for 万元."""
    delta, amount = number(answers.get("amount_delta")), number(before.get("amount_before"))
    if delta is not None and amount is not None and delta > amount * thresholds.amount_times > 0:
        times = thresholds.amount_times
        yield found("delta_huge", "amount_delta", delta=f"{delta:,f}", before=f"{amount:,f}", times=times)


def dq35_goal_comes_along(
    answers: Mapping[str, Any], changed: bool, thresholds: Thresholds
) -> Iterator[Finding]:
    """No change of money without the goal: adjusted, or with the reason why it stays (S4-05)."""
    delta = number(answers.get("amount_delta"))
    if not text(answers.get("goal_annual")) or not rows(answers.get("indicators")):
        yield found("goal_missing", "goal_annual")
    elif not changed and text(answers.get("adj_type")) == AdjustmentType.GOAL_ONLY:
        yield found("goal_same", "goal_annual")
    elif delta and not changed and len(text(answers.get("goal_kept"))) < thresholds.reason_min_length:
        yield found("goal_not_adjusted", "goal_kept")
