"""The service tasks of the goal declaration: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from budget import cases, ex_ante, goals, samples
from budget.answers import GoalAnswers
from budget.cases import CaseKind, CaseState
from budget.codes import GoalState
from budget.known import known_of
from budget.plugin import thresholds_of
from budget.quality import check_goal, reason_for
from budget.quality.known_checks import needs_exante
from engine.calendar import ZONE
from engine.identity import members, names
from engine.plugins import Document, HandlerContext, handler
from workflows import audience, due_reminders

#: Who returns a goal before it has reached the finance bureau; that begins no new round.
WITHIN_DEPARTMENT = ("unit", "department")


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


def _unopen(context: HandlerContext) -> None:
    goals.change_state(context.session, _project(context), GoalState.WITHDRAWN, context.now)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("goal.open", undo=_unopen)
def open_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the project's goal in its first round; who fills it in and who signs is proposed where that is one person."""
    project = context.variables["project"]
    goal = goals.open_goal(context.session, _project(context), context.instance.id, context.now)
    unit = project["unit"]
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.GOAL,
        fiscal_year=int(project["year"]),
        now=context.now,
        unit=unit,
        project_id=goal.project_id,
        campaign=context.variables["campaign"],
        due=datetime.fromisoformat(context.variables["deadline"]),
    )
    return {
        "round": goal.round,
        "filler": _only(context, "unit_clerk", unit),
        "unit_head": _only(context, "unit_head", unit),
    }


def _withdraw(context: HandlerContext) -> None:
    goals.withdraw_submission(context.session, _project(context), context.now)
    cases.unsubmitted(context.session, context.instance.id)


@handler("goal.submitted", undo=_withdraw)
def record_submission(context: HandlerContext) -> Mapping[str, Any]:
    """Write the submitted form as typed rows; what the checks found, with reasons, is for the reviewers.

    It was checked a moment ago, unless the step is tried again after a failure.
    """
    document = _goal_document(context)
    thresholds = thresholds_of(context.variables)
    answers = GoalAnswers.read(document.body)
    findings = context.findings
    if findings is None:
        known = known_of(context.session, _project(context), answers)
        findings = check_goal(document.body, thresholds, known)
    goals.submit(context.session, _project(context), document, findings, thresholds, context.now)
    cases.submitted(context.session, context.instance.id, context.now, findings)
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


@handler("goal.exante")
def check_exante(context: HandlerContext) -> Mapping[str, Any]:
    """Say whether the goal waits for its project's ex-ante evaluation (DQ36), and how that stands, in both languages.

    A message that the project was rejected counts where it is about the newest result and nobody has applied again.
    """
    answers = GoalAnswers.read(_goal_document(context).body)
    attr, thresholds = context.variables["project"]["attr"], thresholds_of(context.variables)
    if not needs_exante(attr, answers.annual_amount, thresholds):
        return {"exante": {"state": "NONE", "zh": "", "en": ""}}
    stands = ex_ante.standing(context.session, _project(context))
    told = context.variables.get("exante_no")
    refused = stands.number is not None and stands.number == told and not stands.under_way
    state = "PASSED" if stands.passed else "REJECTED" if refused else "WAITING"
    return {"exante": {"state": state, "zh": stands.zh, "en": stands.en}}


def _take_back_return(context: HandlerContext) -> None:
    goal = goals.change_state(context.session, _project(context), GoalState.SUBMITTED, context.now)
    if context.variables.get("returned_by") not in WITHIN_DEPARTMENT:
        goal.round -= 1
    cases.unreturned(context.session, context.instance.id)


@handler("goal.returned", undo=_take_back_return)
def return_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Send the goal back to its unit; what the finance bureau returns begins a new round."""
    cases.returned(context.session, context.instance.id)
    if context.variables.get("returned_by") in WITHIN_DEPARTMENT:
        goal = goals.change_state(context.session, _project(context), GoalState.RETURNED, context.now)
        return {"round": goal.round}
    return {"round": goals.return_goal(context.session, _project(context), context.now)}


def _thaw(context: HandlerContext) -> None:
    samples.withdraw(context.session, _project(context))
    goals.thaw(context.session, _project(context), context.now)
    cases.reopened(context.session, context.instance.id)


def _recommended_by(context: HandlerContext) -> str | None:
    """Return who recommended an excellent goal as a sample: the joint review where there was one, else the section."""
    if context.variables["grade"] != "优":
        return None
    joint = context.variables.get("joint_result")
    if joint is not None:
        return "JOINT" if joint["sample"] else None
    review = context.document("review")
    return "SECTION" if review is not None and review.body.get("sample_candidate") is True else None


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
    by = _recommended_by(context)
    if by is not None:
        samples.recommend(context.session, version, by=by, now=context.now)
    cases.closed(context.session, context.instance.id, context.now, result="APPROVED")
    context.entrust(["goal"], audience.CHECKERS + audience.CONGRESS)
    context.audit("goal.frozen", {"number": version.number, "version": version.version})
    return {"goal_no": version.number, "goal_version": version.version}


def _unreject(context: HandlerContext) -> None:
    goals.change_state(context.session, _project(context), GoalState.SUBMITTED, context.now)
    cases.reopened(context.session, context.instance.id)


@handler("goal.rejected", undo=_unreject)
def reject_goal(context: HandlerContext) -> None:
    """Note that the goal may not enter the budget."""
    goal = goals.change_state(context.session, _project(context), GoalState.REJECTED, context.now)
    goal.grade = context.variables["grade"]
    cases.closed(context.session, context.instance.id, context.now, result="REJECTED")


@handler("goal.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that the goal was handled offline; versions of earlier rounds are erased."""
    goals.handle_offline(context.session, _project(context), context.now)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _forget_overdue(context: HandlerContext) -> None:
    goals.goal_of(context.session, _project(context)).overdue_at = None
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("goal.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is submitted for the unit."""
    goals.mark_overdue(context.session, _project(context), context.now)
    cases.overdue(context.session, context.instance.id, context.now)


@handler("goal.remind")
def remind_unit(context: HandlerContext) -> None:
    """Remind the unit of the day, and note it in the history."""
    first = context.variables["round"] == 1
    called = first and context.variables["campaign"] is not None
    step = "填报绩效目标" if first else "补正绩效目标"
    due_reminders.remind(context, step, ["unit_clerk"], called=called)
    context.audit("goal.reminded", {"due": context.variables["due"], "round": context.variables["round"]})


HANDLERS = (
    open_goal,
    record_submission,
    check_exante,
    return_goal,
    freeze_goal,
    reject_goal,
    register_offline,
    mark_overdue,
    remind_unit,
)
