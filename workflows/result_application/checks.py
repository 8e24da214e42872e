"""What is checked in the answers of the application of a result besides what its forms demand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from budget.answers import text
from budget.quality.model import found
from budget.result_codes import Action
from engine.plugins import AnswersRequest, Finding


def _number(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def _fits(action: Any, delta: Decimal | None, base: Decimal) -> str | None:
    """Return the finding's key where a change of the money does not go with the action, None where it does."""
    if delta is None or action not in Action.__members__:
        return None
    if action in (Action.CANCEL, Action.REFUSE):
        return None if delta == -base else "result_cancel"
    if action in (Action.CUT, Action.RECLAIM):
        return None if -base <= delta < 0 else "result_cut"
    if action == Action.RECTIFY:
        return None if delta == 0 else "result_rectify"
    return None if delta >= 0 else "result_support"


def _money(request: AnswersRequest, action: str, delta: str) -> Iterator[Finding]:
    base = Decimal(request.variables["base_amount"])
    key = _fits(request.answers.get(action), _number(request.answers.get(delta)), base)
    if key is not None:
        yield found(key, delta, base=f"{base:f}")


def check_computation(request: AnswersRequest) -> Iterator[Finding]:
    """The change of next year's money goes with the action."""
    yield from _money(request, "action", "delta")


def check_reconsideration(request: AnswersRequest) -> Iterator[Finding]:
    """The same; who upholds a decision changes nothing of it, who changes it changes something."""
    yield from _money(request, "final_action", "final_delta")
    answers, variables = request.answers, request.variables
    same = answers.get("final_action") == variables["decided_action"] and _number(
        answers.get("final_delta")
    ) == Decimal(variables["decided_delta"])
    if (request.outcome == "维持") != same:
        yield found("result_upheld" if not same else "result_unchanged", "final_delta")


def check_appeal(request: AnswersRequest) -> Iterator[Finding]:
    """Who appeals says on which grounds."""
    if request.outcome == "申辩" and len(text(request.answers.get("grounds"))) < 5:
        yield found("appeal_grounds", "grounds")


CHECKS = {
    "result_compute": check_computation,
    "result_reconsider": check_reconsideration,
    "result_appeal": check_appeal,
}
