"""Checks of form F7: every issue has its action, what is done has evidence, an extension keeps to the county's days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from budget.answers import day, number, rows, text
from budget.quality.model import found
from engine.plugins import Finding


def check_plan(answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[Finding]:
    """Every issue is covered by an action, no action names an issue that isn't there, and none ends after the deadline."""
    numbers = _numbers(variables)
    actions = rows(answers.get("actions"))
    for index, row in enumerate(actions):
        issue = _whole(row.get("issue_no"))
        if issue is not None and issue not in numbers:
            yield found(
                "rect_unknown_issue", f"actions.{index}.issue_no", no=issue, last=max(numbers, default=0)
            )
        finish, due = day(row.get("finish_date")), day(variables.get("due"))
        if finish and due and finish > due:
            yield found("rect_after_deadline", f"actions.{index}.finish_date", row=index + 1, due=due)
    yield from _uncovered(answers, numbers, "actions", "issue_no")


def check_report(answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[Finding]:
    """The report covers every issue; what is done names its evidence; what isn't says why and what comes next."""
    numbers = _numbers(variables)
    actions = rows(answers.get("actions"))
    for index, row in enumerate(actions):
        issue = _whole(row.get("issue_no"))
        if issue is not None and issue not in numbers:
            yield found(
                "rect_unknown_issue", f"actions.{index}.issue_no", no=issue, last=max(numbers, default=0)
            )
        if row.get("result") == "DONE" and not text(row.get("evidence")):
            yield found("rect_no_evidence", f"actions.{index}.evidence", row=index + 1)
    yield from _uncovered(answers, numbers, "actions", "issue_no")
    unfinished = any(row.get("result") in ("PARTIAL", "NOT_DONE") for row in actions)
    if unfinished and not text(answers.get("pending_plan")):
        yield found("rect_no_pending_plan", "pending_plan")


def check_verification(answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[Finding]:
    """Every issue was looked at."""
    numbers = _numbers(variables)
    yield from _uncovered(answers, numbers, "findings", "no")


def check_decision(
    answers: Mapping[str, Any], variables: Mapping[str, Any], outcome: str, reason_length: int
) -> Iterator[Finding]:
    """An extension keeps to the profile's times and days; another decision than proposed has a reason."""
    rules = variables["profile"]["rectification"]
    if outcome == "延期整改":
        days, most = number(answers.get("extension_days")), rules["extension_days"]
        if int(variables.get("extensions") or 0) >= int(rules["extensions"]):
            yield found("rect_extended_before", None, times=rules["extensions"])
        elif days is None or not 1 <= days <= most:
            yield found("rect_extension_days", "extension_days", most=most)
    proposed = text(variables.get("proposed_decision"))
    if outcome not in (proposed, "移交财监") and len(text(answers.get("reason"))) < reason_length:
        yield found("rect_reason", "reason", proposed=proposed, decided=outcome, minimum=reason_length)


def _uncovered(answers: Mapping[str, Any], numbers: set[int], table: str, column: str) -> Iterator[Finding]:
    covered = {_whole(row.get(column)) for row in rows(answers.get(table))}
    missing = sorted(numbers - covered)
    if missing:
        listed = [str(no) for no in missing]
        yield found("rect_uncovered", table, zh_list="、".join(listed), en_list=", ".join(listed))


def _numbers(variables: Mapping[str, Any]) -> set[int]:
    found = (_whole(row.get("no")) for row in rows(variables.get("numbered_issues")))
    return {no for no in found if no is not None}


def _whole(value: Any) -> int | None:
    found = number(value)
    return None if found is None else int(found)
