"""What is checked in the forms of the report review besides what the forms demand."""

from __future__ import annotations

from collections.abc import Iterator

from budget.quality.model import found
from budget.quality.report_checks import check_feedback, check_opinion, check_report
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding
from workflows.reviewers import refusals


def check_reviewers(request: AnswersRequest) -> Iterator[Finding]:
    """Exactly as many reviewers are chosen as are needed, and nobody who must stay out (domain §6.5)."""
    chosen = list(dict.fromkeys(str(one) for one in request.answers.get("reviewers") or ()))
    needed = int(request.variables["needed"])
    if len(chosen) != needed:
        yield found("reviewers_count", "reviewers", count=len(chosen), needed=needed)
    if request.session is None:
        return
    agency = request.variables["agency"]
    day = request.now.astimezone(ZONE).date()
    why = refusals(request.session, request.variables["unit"], agency, day)
    for one in chosen:
        reason = why.get(one.removeprefix("user:"))
        if reason is not None:
            yield found("reviewer_related", "reviewers", reason_zh=reason["zh"], reason_en=reason["en"])


#: By form.
CHECKS = {
    "review_report": check_report,
    "report_reviewers": check_reviewers,
    "report_opinion": check_opinion,
    "report_feedback": check_feedback,
}
