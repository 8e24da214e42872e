"""What is checked in the form of a unit's overall monitoring besides what the form itself demands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from budget.answers import number
from budget.plugin import thresholds_of
from budget.quality.model import found
from engine.plugins import AnswersRequest, Finding


def _check(request: AnswersRequest) -> Iterable[Finding]:
    """What was spent is at most the budget, the forecast at least what was spent (DQ17)."""
    tolerance = thresholds_of(request.variables).amount_tolerance
    budget, spent = number(request.answers.get("budget")), number(request.answers.get("executed"))
    forecast = number(request.answers.get("forecast_exec"))
    if spent is not None and budget is not None and spent > budget + tolerance:
        yield found("executed_beyond", "executed", executed=f"{spent:,f}", budget=f"{budget:,f}")
    if spent is not None and forecast is not None and forecast + tolerance < spent:
        yield found("forecast_below", "forecast_exec", forecast=f"{forecast:,f}", executed=f"{spent:,f}")


CHECKS: Mapping[str, Callable[[AnswersRequest], Iterable[Finding]]] = {"unit_monitoring": _check}
