"""The service tasks of the goal declaration: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from budget import goals
from budget.answers import GoalAnswers
from budget.codes import GoalState
from budget.plugin import thresholds_of
from budget.quality import check_goal, reason_for
from engine.calendar import ZONE
from engine.identity import members, names
from engine.plugins import Document, HandlerContext, handler


def _project(context: HandlerContext) -> int:
    return int(context.variables["project"]["id"])


def _only(context: HandlerContext, role: str, unit: str) -> str | None:
    """Return the name of the one person who holds a role at a unit today, None for nobody and for several."""
    found = members(context.session, role, unit, context.now.astimezone(ZONE).date())
    return names(context.session, found)[found[0]] if len(found) == 1 else None


def _goal_document(context: HandlerContext) -> Document:
    document = context.document("goal")
    if document is None:
        raise goals.GoalError(f"instance {context.instance.id} has no goal document")
    return document


def _set(state: GoalState) -> Callable[[HandlerContext], None]:
    """Return an undo that puts the goal back into ``state``."""

    def undo(context: HandlerContext) -> None:
        goals.change_state(context.session, _project(context), state, context.now)

    return undo


@handler("goal.open", undo=_set(GoalState.WITHDRAWN))
def open_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the project's goal in its first round; who fills it in and who signs is proposed where that is one person."""
    goal = goals.open_goal(context.session, _project(context), context.instance.id, context.now)
    unit = context.variables["project"]["unit"]
    return {
        "round": goal.round,
        "filler": _only(context, "unit_clerk", unit),
        "unit_head": _only(context, "unit_head", unit),
    }


def _withdraw(context: HandlerContext) -> None:
    goals.withdraw_submission(context.session, _project(context), context.now)


@handler("goal.submitted", undo=_withdraw)
def record_submission(context: HandlerContext) -> Mapping[str, Any]:
    """Write the submitted form as typed rows; what the checks found, with reasons, is for the reviewers."""
    document = _goal_document(context)
    thresholds = thresholds_of(context.variables)
    findings = check_goal(document.body, thresholds)
    goals.submit(context.session, _project(context), document, findings, thresholds, context.now)
    answers = GoalAnswers.read(document.body)
    return {
        "dq_results": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "field": finding.field,
                "message": finding.message["zh"],
                "message_en": finding.message["en"],
                "reason": reason_for(finding, answers, thresholds),
            }
            for finding in findings
        ]
    }


def _take_back_return(context: HandlerContext) -> None:
    goal = goals.change_state(context.session, _project(context), GoalState.SUBMITTED, context.now)
    if context.variables.get("returned_by") != "unit":
        goal.round -= 1


@handler("goal.returned", undo=_take_back_return)
def return_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Send the goal back to its unit; what the finance bureau returns begins a new round."""
    if context.variables.get("returned_by") == "unit":
        goal = goals.change_state(context.session, _project(context), GoalState.RETURNED, context.now)
        return {"round": goal.round}
    return {"round": goals.return_goal(context.session, _project(context), context.now)}


def _thaw(context: HandlerContext) -> None:
    goals.thaw(context.session, _project(context), context.now)


@handler("goal.freeze", undo=_thaw)
def freeze_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Approve the goal: the county's next number, and a version that never changes again."""
    version = goals.freeze(
        context.session,
        _project(context),
        document=_goal_document(context),
        grade=context.variables["grade"],
        pattern=context.variables["profile"]["goal"]["number"],
        by=context.actor,
        now=context.now,
    )
    context.audit("goal.frozen", {"number": version.number, "version": version.version})
    return {"goal_no": version.number}


@handler("goal.rejected", undo=_set(GoalState.SUBMITTED))
def reject_goal(context: HandlerContext) -> None:
    """Note that the goal may not enter the budget."""
    goal = goals.change_state(context.session, _project(context), GoalState.REJECTED, context.now)
    goal.grade = context.variables["grade"]


@handler("goal.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that the goal was handled offline; versions of earlier rounds are erased."""
    goals.handle_offline(context.session, _project(context), context.now)


def _forget_overdue(context: HandlerContext) -> None:
    goals.goal_of(context.session, _project(context)).overdue_at = None


@handler("goal.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is submitted for the unit."""
    goals.mark_overdue(context.session, _project(context), context.now)


@handler("goal.remind")
def remind_unit(context: HandlerContext) -> None:
    """Note in the history that the unit was reminded, and of which day."""
    context.audit("goal.reminded", {"due": context.variables["due"], "round": context.variables["round"]})


HANDLERS = (
    open_goal,
    record_submission,
    return_goal,
    freeze_goal,
    reject_goal,
    register_offline,
    mark_overdue,
    remind_unit,
)
