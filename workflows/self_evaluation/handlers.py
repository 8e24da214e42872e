"""The service tasks of the self-evaluation: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from budget import cases, evaluations
from budget.amounts import initial_amount
from budget.cases import CaseKind, CaseState
from budget.evaluation_answers import EvaluationAnswers
from budget.evaluations import ScoreType
from budget.goals import approved_version
from budget.known import told_elsewhere
from budget.money import wan_from_fen
from budget.monitoring.baseline import previous_record
from budget.monitoring.codes import Light
from budget.monitoring.figures import executed_by
from budget.plugin import thresholds_of
from budget.quality.evaluation_checks import FORMAL, Rules, found_in, reason_for
from budget.tables import Project
from engine.calendar import ZONE
from engine.plugins import Document, HandlerContext, handler
from workflows import audience, due_reminders
from workflows.scoring import weight_basis


def _project(context: HandlerContext) -> Project:
    found: Project = context.session.get_one(Project, int(context.variables["project"]["id"]))
    return found


def _document(context: HandlerContext, name: str) -> Document:
    document = context.document(name)
    if document is None:
        raise evaluations.EvaluationError(f"instance {context.instance.id} has no document {name}")
    return document


def _unopen(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("self_eval.open", undo=_unopen)
def open_evaluation(context: HandlerContext) -> None:
    """Write the case of the project's self-evaluation."""
    project = _project(context)
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.SELF_EVALUATION,
        fiscal_year=project.fiscal_year,
        now=context.now,
        unit=project.unit,
        project_id=project.id,
        campaign=context.variables["campaign"],
        due=datetime.fromisoformat(context.variables["deadline"]),
    )


@handler("self_eval.prefill")
def prefill(context: HandlerContext) -> Mapping[str, Any]:
    """Read what the form begins with: the approved goal, the year's money, the last monitoring; nothing if secret.

    ``draw`` lies in [0, 100) and follows from the project's code and year alone, so that whoever asks gets the same.
    """
    project, profile = _project(context), context.variables["profile"]
    basis = weight_basis(project.category, project.fiscal_year, profile["scoring"])
    drawn = int.from_bytes(sha256(f"{project.fiscal_year}-{project.code}".encode()).digest()[:4], "big")
    given = {
        "basis": dict(basis),
        "history": evaluations.rectifications(context.session, project.id),
        "draw": Decimal(drawn % 10_000) / 100,
    }
    if context.variables["project"]["secret"]:
        return {"indicators": [], "basis_money": {}, **given}
    version = approved_version(context.session, project.id)
    year_end = date(project.fiscal_year, 12, 31)
    executed = executed_by(context.session, project.id, year_end)
    last = previous_record(context.session, project, date(project.fiscal_year + 1, 1, 1))
    money = {
        "initial": wan_from_fen(initial_amount(context.session, project)),
        "full": wan_from_fen(project.annual_amount),
        "executed": None if executed is None else wan_from_fen(executed),
        "goal": version.goal_annual if version else "",
        "goal_number": version.number if version else None,
        "monitoring": None,
        "monitoring_en": None,
        "told_before": evaluations.told_before(context.session, project),
    }
    if last is not None:
        light = Light[last.light]
        money["monitoring"] = (
            f"截至{last.as_of:%Y-%m-%d}，{light.zh}，执行{wan_from_fen(last.executed):,f}万元"
        )
        money["monitoring_en"] = (
            f"{light.en} by {last.as_of:%Y-%m-%d}, executed {wan_from_fen(last.executed):,f}"
        )
    rows = evaluations.rows_of(version, basis) if version else []
    return {"indicators": rows, "basis_money": money, **given}


def _withdraw(context: HandlerContext) -> None:
    evaluations.withdraw(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("self_eval.submitted", undo=_withdraw)
def record_evaluation(context: HandlerContext) -> Mapping[str, Any]:
    """Write the submitted form as a version; what the checks found, with reasons, is for the reviewers."""
    document = _document(context, "evaluation")
    thresholds, rules = thresholds_of(context.variables), Rules.read(context.variables)
    answers = EvaluationAnswers.read(document.body)
    copied = told_elsewhere(context.session, _project(context).id, answers.goal_actual)
    found = [
        (finding, reason_for(finding, answers, thresholds))
        for finding in found_in(document.body, context.variables, thresholds, copied)
    ]
    forced = any(finding.code == FORMAL for finding, _ in found)
    evaluations.submit(
        context.session,
        instance_id=context.instance.id,
        project=_project(context),
        activity_year=context.now.astimezone(ZONE).year,
        weight_profile=str(rules.basis.get("profile", "")),
        document=document,
        findings=found,
        forced=forced,
    )
    cases.submitted(context.session, context.instance.id, context.now, [finding for finding, _ in found])
    results = [
        {
            "code": finding.code,
            "severity": finding.severity,
            "field": finding.field,
            "message": finding.message["zh"],
            "message_en": finding.message["en"],
            "reason": reason,
        }
        for finding, reason in found
    ]
    return {"dq_results": results, "forced": forced}


def _take_back_return(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("self_eval.returned", undo=_take_back_return)
def return_evaluation(context: HandlerContext) -> Mapping[str, Any]:
    """Send the self-evaluation back to its unit."""
    return {"corrections": cases.returned(context.session, context.instance.id).returns}


def _forget_review(context: HandlerContext) -> None:
    evaluations.withdraw(context.session, context.instance.id, ScoreType.REVIEW)


@handler("self_eval.reviewed", undo=_forget_review)
def record_review(context: HandlerContext) -> None:
    """Write the review's score beside the unit's own."""
    review = _document(context, "review")
    evaluations.review(
        context.session,
        context.instance.id,
        score=Decimal(review.body["review_score"]),
        grade=context.variables["review_grade"],
        note=str(review.body["review_note"]),
        by=review.author,
        now=context.now,
    )


def _unaccept(context: HandlerContext) -> None:
    evaluations.unaccept(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("self_eval.accept", undo=_unaccept)
def accept(context: HandlerContext) -> Mapping[str, Any]:
    """Accept the self-evaluation; ``accepted`` is what the message SelfEvalAccepted says."""
    own, review = evaluations.accept(context.session, context.instance.id, context.now)
    cases.closed(context.session, context.instance.id, context.now, result="ACCEPTED")
    context.entrust(["evaluation"], audience.CONGRESS)
    return {
        "accepted": {
            "score": own.total,
            "grade": own.grade,
            "review_score": review.total if review is not None else None,
            "version": own.version,
        }
    }


@handler("self_eval.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that the self-evaluation was handled offline (domain §6.4)."""
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("self_eval.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is submitted for the unit."""
    cases.overdue(context.session, context.instance.id, context.now)


@handler("self_eval.remind")
def remind_unit(context: HandlerContext) -> None:
    """Remind the unit of the day, and note it in the history."""
    first = context.variables["corrections"] == 0
    called = first and context.variables["campaign"] is not None
    step = "填报绩效自评" if first else "补正绩效自评"
    due_reminders.remind(context, step, ["unit_clerk"], called=called)
    context.audit("self_eval.reminded", {"due": context.variables["due"]})


HANDLERS = (
    open_evaluation,
    prefill,
    record_evaluation,
    return_evaluation,
    record_review,
    accept,
    register_offline,
    mark_overdue,
    remind_unit,
)
