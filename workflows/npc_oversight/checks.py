"""What is checked in the answers to the congress: every opinion has one."""

from __future__ import annotations

from collections.abc import Iterator

from budget.answers import number, rows
from budget.quality.model import found
from engine.plugins import AnswersRequest, Finding


def check_answer(request: AnswersRequest) -> Iterator[Finding]:
    """Name the opinions that nobody answered."""
    given = {number(row.get("no")) for row in rows(request.answers.get("answers"))}
    missing = [
        str(number(one["no"]))
        for one in request.variables.get("opinions") or ()
        if number(one["no"]) not in given
    ]
    if missing:
        yield found("oversight_unanswered", "answers", numbers="、".join(missing))


#: By form.
CHECKS = {"oversight_answer": check_answer}
