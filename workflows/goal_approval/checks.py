"""What is checked in the draft of a batch of approvals besides what its form demands."""

from __future__ import annotations

from collections.abc import Iterator

from budget.answers import day, number, rows, text
from budget.quality.model import found
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding

#: A note that says why a goal's money differs from the budget has so many characters at least.
_NOTE = 5


def check_draft(request: AnswersRequest) -> Iterator[Finding]:
    """Only units that were collected are approved, each once; what differs from the budget is explained (88号 §29)."""
    known = {row["unit"]: row for row in rows(request.variables.get("letters"))}
    listed = rows(request.answers.get("letters"))
    if not listed:
        yield found("letters_none", "letters")
    seen: set[str] = set()
    for at, row in enumerate(listed):
        unit = text(row.get("unit"))
        if unit not in known or unit in seen:
            yield found("letter_unknown", f"letters.{at}.unit_name")
            continue
        seen.add(unit)
        differing = number(known[unit].get("differing")) or 0
        if differing and len(text(row.get("note"))) < _NOTE:
            yield found(
                "letter_differs", f"letters.{at}.note", unit=text(known[unit]["unit_name"]), count=differing
            )
    approved = day(request.answers.get("approved_on"))
    if approved is not None and approved > request.now.astimezone(ZONE).date():
        yield found("approved_later", "approved_on")


CHECKS = {"goal_approval": check_draft}
