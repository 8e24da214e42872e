"""Checks of the joint review's forms that depend on the outcome chosen and on the records: avoidance, number, cap."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from budget.answers import number, rows, text
from budget.quality.model import found
from budget.reviews import DIMENSIONS
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding
from workflows.joint_review.handlers import refusals

#: Grades that a weak dimension rules out.
CAPPED = ("优", "良")
#: From how many points on a reviewer need not say line by line what is wrong.
EXCELLENT = 90


def check_group(request: AnswersRequest) -> Iterator[Finding]:
    """Enough experts are chosen, and none with a relation to the unit (domain §6.5)."""
    chosen = [str(one) for one in request.answers.get("experts") or ()]
    needed = int(request.variables.get("experts_needed") or 0)
    if len(set(chosen)) < needed:
        yield found("experts_few", "experts", count=len(set(chosen)), needed=needed)
    if request.session is None:
        return
    why = refusals(request.session, request.variables["project"], request.now.astimezone(ZONE).date())
    for one in chosen:
        reason = why.get(one.removeprefix("user:"))
        if reason is not None:
            yield found("expert_related", "experts", reason_zh=reason["zh"], reason_en=reason["en"])


def check_opinion(request: AnswersRequest) -> Iterator[Finding]:
    """Who gives less than 90 points says line by line what is wrong (form F5)."""
    given = [number(request.answers.get(field)) for _, fields in DIMENSIONS.values() for field in fields]
    said = [row for row in rows(request.answers.get("line_comments")) if text(row.get("issue"))]
    if None not in given and sum(one or 0 for one in given) < EXCELLENT and not said:
        yield found("lines_missing", "line_comments", minimum=EXCELLENT)


def check_conclusion(request: AnswersRequest) -> Iterator[Finding]:
    """A grade other than the proposed one has a reason, a weak dimension caps it, and only 优 is a sample."""
    variables, grade = request.variables, request.outcome
    proposed, joint = variables.get("proposed_grade"), variables["joint"]
    review = variables["profile"]["review"]
    if Decimal(joint["weakest"]) < Decimal(review["floor"]) and grade in CAPPED:
        dimension = {"zh": joint["weakest_zh"], "en": joint["weakest_en"]}
        yield found(
            "grade_capped", None, grade=grade, **{f"dimension_{key}": one for key, one in dimension.items()}
        )
    minimum = int(variables["profile"]["quality"]["reason_min_length"])
    if grade != proposed and len(text(request.answers.get("grade_reason"))) < minimum:
        yield found("grade_reason", "grade_reason", proposed=proposed, decided=grade, minimum=minimum)
    if request.answers.get("sample_candidate") is True and grade != "优":
        yield found("sample_grade", "sample_candidate")


#: By form.
CHECKS = {
    "review_group": check_group,
    "joint_opinion": check_opinion,
    "review_conclusion": check_conclusion,
}
