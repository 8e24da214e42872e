"""What is checked in the answers of a rectification's forms besides what the forms themselves demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from budget.plugin import thresholds_of
from budget.quality.rectification_checks import check_decision, check_plan, check_report, check_verification
from engine.plugins import AnswersRequest, Finding


def _decision(request: AnswersRequest) -> Iterable[Finding]:
    minimum = thresholds_of(request.variables).reason_min_length
    return check_decision(request.answers, request.variables, request.outcome, minimum)


CHECKS: Mapping[str, Callable[[AnswersRequest], Iterable[Finding]]] = {
    "rectification_plan": lambda request: check_plan(request.answers, request.variables),
    "rectification_report": lambda request: check_report(request.answers, request.variables),
    "rectification_verify": lambda request: check_verification(request.answers, request.variables),
    "rectification_decision": _decision,
}
