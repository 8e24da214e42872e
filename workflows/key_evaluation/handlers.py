"""The service tasks of a key evaluation: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from budget import cases, key_evaluations
from budget.agencies import agency_name, agency_options, expert_options
from budget.cases import CaseKind, CaseState
from budget.evaluations import ScoreType
from budget.holds import Origin
from budget.key_basis import basis_of
from budget.key_codes import Evaluator, KeyState, Reply
from budget.key_framework import framework
from budget.key_scores import accepted, set_key_score, withdraw_key_score
from engine.calendar import ZONE
from engine.plugins import Document, HandlerContext, handler
from workflows import audience

#: What the unit's outcome means; the timer's path says the last.
REPLIES: Mapping[str, Reply] = {
    "无异议": Reply.AGREED,
    "提出意见": Reply.OPINIONS,
    "逾期未回复": Reply.EXPIRED,
}


def _project(context: HandlerContext) -> int:
    return int(context.variables["project"]["id"])


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["key_evaluation"]
    return rules


def _document(context: HandlerContext, name: str) -> Document:
    document = context.document(name)
    if document is None:
        raise key_evaluations.KeyEvaluationError(f"instance {context.instance.id} has no document {name}")
    return document


def _today(context: HandlerContext) -> date:
    return context.now.astimezone(ZONE).date()


def _unopen(context: HandlerContext) -> None:
    key_evaluations.drop(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("key_evaluation.open", undo=_unopen)
def open_evaluation(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the evaluation, unless the project is secret."""
    project = context.variables["project"]
    session = context.session
    cases.open_case(
        session,
        context.instance.id,
        CaseKind.KEY_EVALUATION,
        fiscal_year=int(project["year"]),
        now=context.now,
        unit=project["unit"],
        project_id=_project(context),
        campaign=context.variables["campaign"],
    )
    key_evaluations.open_evaluation(
        session, context.instance.id, _project(context), int(project["year"]), context.now
    )
    return {"is_secret": project["secret"] is True}


@handler("key_evaluation.refuse_secret", irreversible=True)
def refuse_secret(context: HandlerContext) -> None:
    """A secret project never enters an evaluation: only the warning stays (DQ29)."""
    key_evaluations.drop(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="ABORTED", state=CaseState.OFFLINE)
    context.audit("key_evaluation.secret", {"code": "DQ29", "project": context.variables["project"]["code"]})


def _forget_self(context: HandlerContext) -> None:
    key_evaluations.evaluation_of(context.session, context.instance.id).self_score = None


@handler("key_evaluation.check_self", undo=_forget_self)
def check_self(context: HandlerContext) -> Mapping[str, Any]:
    """Read the accepted self-evaluation, on which a key evaluation is based (S4-17).

    Who may be chosen for the evaluation is offered, with who must stay out.
    """
    project, session, today = context.variables["project"], context.session, _today(context)
    agencies = agency_options(session, _project(context), today, int(_rules(context)["conflict_years"]))
    own = accepted(context.session, _project(context), ScoreType.SELF)
    score = own.total if own is not None else None
    key_evaluations.evaluation_of(context.session, context.instance.id).self_score = score
    return {
        "self_accepted": own is not None,
        "self_score": score,
        "agencies": agencies,
        "expert_options": expert_options(session, {project["unit"], project["department"]}, today),
    }


def _unabort(context: HandlerContext) -> None:
    found = key_evaluations.evaluation_of(context.session, context.instance.id)
    found.state = KeyState.PREPARING
    cases.reopened(context.session, context.instance.id)


@handler("key_evaluation.abort", undo=_unabort)
def abort(context: HandlerContext) -> None:
    """Note that the evaluation ends without a result."""
    key_evaluations.abort(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="ABORTED")


def _unassign(context: HandlerContext) -> None:
    found = key_evaluations.evaluation_of(context.session, context.instance.id)
    found.evaluator = found.agency = found.due_at = None
    found.leader = ""
    cases.case_of(context.session, context.instance.id).due_at = None


@handler("key_evaluation.assign", undo=_unassign)
def assign(context: HandlerContext) -> Mapping[str, Any]:
    """Note who evaluates and by when; return whose tasks the evaluation's steps are, and the framework to begin with."""
    body = _document(context, "assignment").body
    evaluator = Evaluator(body["evaluator"])
    agency = body["agency"] if evaluator is Evaluator.THIRD_PARTY else None
    due = (context.now.astimezone(ZONE) + timedelta(days=int(body["contract_days"]))).replace(
        hour=18, minute=0, second=0, microsecond=0
    )
    key_evaluations.assign(
        context.session,
        context.instance.id,
        evaluator=evaluator,
        agency=agency,
        leader=body["leader"],
        due_at=due,
    )
    cases.case_of(context.session, context.instance.id).due_at = due
    people = (
        {
            "evaluator_name": agency_name(context.session, agency),
            "team_lead": [f"role:agency_lead@{agency}"],
            "team": [f"role:agency_lead@{agency}", f"role:agency_member@{agency}"],
            "team_org": f"org:{agency}",
        }
        if agency is not None
        else {
            "evaluator_name": "财政局",
            "team_lead": ["role:perf_staff@PERF"],
            "team": ["role:perf_staff@PERF"],
            "team_org": "org:PERF",
        }
    )
    return people | {
        "experts": list(body.get("experts") or ()),
        "leader": body["leader"],
        "due": due.isoformat(),
        "framework": framework(),
        "basis": basis_of(context.session, _project(context)),
    }


def _received(context: HandlerContext, at: Any) -> None:
    key_evaluations.evaluation_of(context.session, context.instance.id).noticed_at = at


@handler("key_evaluation.received", undo=lambda context: _received(context, None))
def receive(context: HandlerContext) -> None:
    """Note when the unit acknowledged the notice."""
    _received(context, context.now)


@handler("key_evaluation.unreceived")
def note_unreceived(context: HandlerContext) -> None:
    """Note in the history, for the ledger, that the unit did not acknowledge the notice in time."""
    context.audit("key_evaluation.unreceived", {"unit": context.variables["project"]["unit"]})


def _unplan(context: HandlerContext) -> None:
    key_evaluations.unset_plan(context.session, context.instance.id)


@handler("key_evaluation.plan", undo=_unplan)
def set_plan(context: HandlerContext) -> None:
    """Write the approved methods and indicators, by which the project is scored."""
    key_evaluations.set_plan(context.session, context.instance.id, _document(context, "plan").body)


def _unlate(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("key_evaluation.late", undo=_unlate)
def note_late(context: HandlerContext) -> None:
    """Note that the draft is overdue; nothing is submitted for anybody."""
    cases.overdue(context.session, context.instance.id, context.now)


def _happened_on(context: HandlerContext) -> date:
    return date.fromisoformat(_document(context, "interview").body["happened_on"])


def _unrefuse(context: HandlerContext) -> None:
    key_evaluations.unrefuse(context.session, context.instance.id, _happened_on(context))


@handler("key_evaluation.refusal", undo=_unrefuse)
def record_refusal(context: HandlerContext) -> None:
    """Enter into the ledger that the unit did not cooperate, made good where it came round (S1-17)."""
    persists = context.variables["persists"] is True
    key_evaluations.refuse(
        context.session,
        context.instance.id,
        happened_on=_happened_on(context),
        facts=_document(context, "interview").body["facts"],
        persists=persists,
        now=context.now,
    )
    context.audit("key_evaluation.refusal", {"persists": persists})


def _unpaper(context: HandlerContext) -> None:
    key_evaluations.unset_papers(context.session, context.instance.id)


@handler("key_evaluation.papers", undo=_unpaper)
def record_papers(context: HandlerContext) -> None:
    """Write the register of working papers and questionnaires."""
    key_evaluations.set_papers(context.session, context.instance.id, _document(context, "papers").body)


def _undraft(context: HandlerContext) -> None:
    key_evaluations.unset_scores(context.session, context.instance.id)
    key_evaluations.evaluation_of(context.session, context.instance.id).state = KeyState.PLANNED
    cases.unsubmitted(context.session, context.instance.id)


@handler("key_evaluation.draft", undo=_undraft)
def record_draft(context: HandlerContext) -> None:
    """Write the draft's scores; the evaluation is reported from now on."""
    body = _document(context, "draft").body
    key_evaluations.set_scores(context.session, context.instance.id, body["scores"])
    key_evaluations.evaluation_of(context.session, context.instance.id).state = KeyState.DRAFTED
    cases.submitted(context.session, context.instance.id, context.now)


def _unreply(context: HandlerContext) -> None:
    key_evaluations.replied(context.session, context.instance.id, None)


@handler("key_evaluation.reply", undo=_unreply)
def record_reply(context: HandlerContext) -> None:
    """Note what the unit said to the draft, or that it said nothing in time."""
    reply = REPLIES[context.variables["reply"]]
    key_evaluations.replied(context.session, context.instance.id, reply)
    context.audit("key_evaluation.reply", {"reply": str(reply)})


def _unfinalize(context: HandlerContext) -> None:
    key_evaluations.unfinalize(context.session, context.instance.id)
    body = _document(context, "draft").body
    key_evaluations.set_scores(context.session, context.instance.id, body["scores"])
    withdraw_key_score(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("key_evaluation.finalize", undo=_unfinalize)
def finalize(context: HandlerContext) -> Mapping[str, Any]:
    """Write the final score, grade and problems, and the score among the project's scores; what the result tells others."""
    body = _document(context, "report").body
    session, instance, grade = context.session, context.instance.id, context.variables["grade"]
    score = Decimal(body["total"])
    issues = [
        {"content": row["content"], "suggestion": row.get("suggestion") or ""}
        for row in body.get("issues") or ()
    ]
    key_evaluations.set_scores(session, instance, body["scores"])
    found = key_evaluations.finalize(
        session,
        instance,
        score=score,
        grade=grade,
        issues=issues,
        ineffective=body.get("ineffective") is True,
        loose_over=Decimal(_rules(context)["loose_over"]),
        now=context.now,
    )
    readers = audience.unit_of(context.variables["project"]) + audience.CHECKERS + audience.CONGRESS
    context.entrust(["report"], readers)
    written = set_key_score(
        session, instance, _project(context), score=score, grade=grade, by=context.actor, now=context.now
    )
    cases.closed(session, instance, context.now, result="FINALIZED", note="自评偏松" if found.loose else None)
    context.audit("key_evaluation.final", {"score": str(score), "grade": grade, "loose": found.loose})
    return {
        "score": score,
        "issues": [
            {
                "desc": f"{row['content']}（建议：{row['suggestion']}）",
                "category": "OTHER",
                "severity": "SERIOUS",
            }
            for row in issues
        ],
        "origin": Origin(CaseKind.KEY_EVALUATION, instance).variable,
        "result_id": f"KEY-{instance}-{written.version}",
    }


HANDLERS = (
    open_evaluation,
    refuse_secret,
    check_self,
    abort,
    assign,
    receive,
    note_unreceived,
    set_plan,
    note_late,
    record_refusal,
    record_papers,
    record_draft,
    record_reply,
    finalize,
)
