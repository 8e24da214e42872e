"""The FEEL functions of the monitoring form, so that its page shows what the records will hold: one reckoning for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from budget.answers import number, text
from budget.monitoring.progress import Rules, completion, deviation, percent, planned_of_limit, rate_of


def completion_percent(
    target: Any, actual: Any, operator: Any = None, direction: Any = None, target_max: Any = None
) -> Decimal | None:
    """FEEL ``completion_percent(target, actual, operator, direction, target_max)``: the completion rate in per cent.

    Null where one of target and actual is no number.
    """
    return percent(
        completion(
            number(target),
            number(actual),
            operator=text(operator),
            direction=text(direction),
            target_max=number(target_max),
        )
    )


def deviation_rate(
    planned: Any, completed: Any, operator: Any = None, direction: Any = None, rules: Any = None
) -> Decimal | None:
    """FEEL ``deviation_rate(planned, completed, operator, direction, rules)``: the deviation as a fraction of 1.

    ``planned`` and ``completed`` are in per cent, ``rules`` is ``profile.monitoring``. Null where either is null.
    """
    done = rate_of(number(completed))
    plan = planned_of_limit(rate_of(number(planned)), text(operator), text(direction))
    if done is None or plan is None:
        return None
    return deviation(plan, done, Rules.read({"profile": {"monitoring": rules}}))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "completion_percent": completion_percent,
    "deviation_rate": deviation_rate,
}
