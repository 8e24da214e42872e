"""What is checked in the answers of a disbursement review's forms besides what the forms themselves demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from budget import holds
from budget.plugin import thresholds_of
from budget.quality.disbursement_checks import check_opinion, check_receipt, check_request
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding


def _request(request: AnswersRequest) -> Iterable[Finding]:
    variables = request.variables
    return check_request(
        request.answers,
        variables["facts"],
        variables["profile"]["disbursement"],
        request.now.astimezone(ZONE).month,
        thresholds_of(variables).reason_min_length,
    )


def _opinion(request: AnswersRequest) -> Iterable[Finding]:
    return check_opinion(request.answers, request.outcome)


def _receipt(request: AnswersRequest) -> Iterable[Finding]:
    variables: Mapping[str, Any] = request.variables
    reason = None
    if isinstance(request.session, Session):
        found = holds.in_force(request.session, int(variables["project"]["id"]), request.now)
        reason = found[0].reason if found else None
    today = request.now.astimezone(ZONE).date()
    return check_receipt(request.answers, variables.get("request") or {}, reason, today)


CHECKS: Mapping[str, Callable[[AnswersRequest], Iterable[Finding]]] = {
    "disbursement_request": _request,
    "disbursement_opinion": _opinion,
    "disbursement_questions": _opinion,
    "disbursement_receipt": _receipt,
}
