"""What is checked in the forms of accountability: another measure than the proposed one has a reason, an appeal grounds."""

from __future__ import annotations

from collections.abc import Iterator

from budget.accountability import Measure
from budget.answers import number, text
from budget.plugin import thresholds_of
from budget.quality.model import found
from engine.plugins import AnswersRequest, Finding


def check_notice(request: AnswersRequest) -> Iterator[Finding]:
    """Demand a reason where measure or points differ from those of the table."""
    proposal = request.variables.get("proposal") or {}
    answers = request.answers
    same = answers.get("measure") == proposal.get("measure") and number(answers.get("points")) == number(
        proposal.get("points")
    )
    if not same and len(text(answers.get("reason"))) < thresholds_of(request.variables).reason_min_length:
        known = Measure.__members__
        code = str(proposal.get("measure"))
        yield found(
            "accountability_reason",
            "reason",
            proposed=known[code].zh if code in known else "—",
            proposed_en=known[code].en if code in known else "—",
            points=text(number(proposal.get("points"))),
        )


def check_statement(request: AnswersRequest) -> Iterator[Finding]:
    """Demand grounds for an appeal."""
    if request.outcome == "申辩" and not text(request.answers.get("statement")):
        yield found("accountability_grounds", "statement")


def check_answer(request: AnswersRequest) -> Iterator[Finding]:
    """Demand a measure and points where an appeal is granted in part."""
    if request.outcome != "部分采纳":
        return
    for field in ("measure", "points"):
        if request.answers.get(field) is None:
            yield found("accountability_changed", field)


#: By form.
CHECKS = {
    "accountability_notice": check_notice,
    "accountability_statement": check_statement,
    "accountability_answer": check_answer,
}
