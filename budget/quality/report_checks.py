"""Checks of the forms of a report's review: chapters and length (DQ28), points within their maxima, problems named."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from budget.answers import number, rows, text
from budget.quality.model import found
from budget.report_reviews import CHAPTERS, length
from engine.plugins import AnswersRequest, Finding

#: The grade with which nothing need be named.
EXCELLENT = "优"


def check_report(request: AnswersRequest) -> Iterator[Finding]:
    """No chapter of the six is missing, and the text is long enough (DQ28); who wrote it is named."""
    answers, rules = request.answers, request.variables["profile"]["report_review"]
    for chapter, aspect in zip(CHAPTERS, request.variables["report"]["aspects"], strict=True):
        if not text(answers.get(chapter)):
            yield found("chapter_missing", chapter, chapter_zh=aspect["name"], chapter_en=aspect["name_en"])
    there, wanted = length(answers), int(rules["min_words"])
    if there < wanted:
        yield found("report_short", CHAPTERS[-1], there=there, wanted=wanted)
    if answers.get("prepared_by") == "AGENCY" and not text(answers.get("agency")):
        yield found("report_agency", "agency")


def check_opinion(request: AnswersRequest) -> Iterator[Finding]:
    """The aspects are those of the template, no score is above its points, and few points have a reason (form F10)."""
    given, template = rows(request.answers.get("scores")), rows(request.variables["scores"])
    if [row.get("aspect") for row in given] != [row.get("aspect") for row in template]:
        yield found("aspects_changed", "scores")
        return
    below = Decimal(request.variables["profile"]["report_review"]["reason_below"])
    for at, (row, asked) in enumerate(zip(given, template, strict=True)):
        score, points = number(row.get("score")), Decimal(asked["points"])
        if score is None:
            continue
        if score > points:
            yield found("aspect_above", f"scores.{at}.score", points=f"{points:f}")
        elif score < points * below and not text(row.get("reason")):
            yield found("aspect_reason", f"scores.{at}.reason", share=f"{below * 100:f}")


def check_feedback(request: AnswersRequest) -> Iterator[Finding]:
    """A report that is not excellent has problems that are named; what is to be rectified is named, too."""
    named = [row for row in rows(request.answers.get("issues")) if text(row.get("content"))]
    if not named and (
        request.variables["graded"]["grade"] != EXCELLENT or request.answers.get("rectify") is True
    ):
        yield found("report_issues_none", "issues")
