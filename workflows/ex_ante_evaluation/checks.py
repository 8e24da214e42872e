"""What is checked in the forms of an ex-ante evaluation besides what the forms demand."""

from __future__ import annotations

from collections.abc import Iterator

from budget.quality.ex_ante_checks import check_invest, check_report, check_result, check_score
from budget.quality.model import found
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding
from workflows.reviewers import refusals


def check_experts(request: AnswersRequest) -> Iterator[Finding]:
    """Enough experts are chosen, and nobody who must stay out (domain §6.5)."""
    chosen = list(dict.fromkeys(str(one) for one in request.answers.get("experts") or ()))
    needed = int(request.variables["needed"])
    if len(chosen) < needed:
        yield found("exante_experts", "experts", count=len(chosen), needed=needed)
    if request.session is None:
        return
    project, day = request.variables["project"], request.now.astimezone(ZONE).date()
    unit = {"code": project["unit"], "department": project["department"]}
    why = refusals(request.session, unit, None, day)
    for one in chosen:
        reason = why.get(one.removeprefix("user:"))
        if reason is not None:
            yield found("reviewer_related", "experts", reason_zh=reason["zh"], reason_en=reason["en"])


#: By form.
CHECKS = {
    "exante_report": check_report,
    "exante_accept": check_experts,
    "exante_invest": check_invest,
    "exante_score": check_score,
    "exante_check": check_result,
}
