"""The service tasks of a rectification: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from budget import cases, holds, rectification
from budget.answers import rows, text
from budget.cases import CaseKind, CaseState
from budget.holds import Origin
from budget.rectification import RectificationState, Result, Step, Verdict
from engine.calendar import ZONE
from engine.plugins import HandlerContext, handler
from workflows import audience, due_reminders, profiles


def _document(context: HandlerContext, name: str) -> Mapping[str, Any]:
    """Return what the newest version of a document says, nothing where there is none."""
    document = context.document(name)
    return document.body if document is not None else {}


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["rectification"]
    return rules


def _ended(
    name: str, state: RectificationState, case_state: CaseState = CaseState.CLOSED
) -> tuple[Callable[[HandlerContext], None], Callable[[HandlerContext], None]]:
    """Return how a rectification and its case end in a state, and how that is undone."""
    before = RectificationState.DRAFTING if name == "cancel" else RectificationState.REPORTED

    def end(context: HandlerContext) -> None:
        rectification.close(context.session, context.instance.id, state, context.now)
        cases.closed(context.session, context.instance.id, context.now, result=state.value, state=case_state)

    def begin_again(context: HandlerContext) -> None:
        rectification.close(context.session, context.instance.id, before, None)
        cases.reopened(context.session, context.instance.id)

    return end, begin_again


def _unopen(context: HandlerContext) -> None:
    rectification.close(context.session, context.instance.id, RectificationState.CANCELLED, context.now)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("rectification.open", undo=_unopen)
def open_case(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the rectification and its case; ``own`` is how it names itself where it orders a hold."""
    variables, project = context.variables, context.variables["project"]
    given = variables.get("origin")
    origin = Origin.read(given) if given else None
    rectification.open_rectification(
        context.session,
        context.instance.id,
        int(project["id"]),
        variables["source"],
        context.now,
        origin=origin,
        linked_action=variables.get("linked_action"),
    )
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.RECTIFICATION,
        fiscal_year=int(project["year"]),
        now=context.now,
        unit=project["unit"],
        project_id=int(project["id"]),
    )
    return {
        "profile": profiles.completed(context.session, variables["profile"], "rectification"),
        "own": Origin(CaseKind.RECTIFICATION, context.instance.id).variable,
    }


@handler("rectification.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline."""
    rectification.close(context.session, context.instance.id, RectificationState.OFFLINE, context.now)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


_cancel, _uncancel = _ended("cancel", RectificationState.CANCELLED)
_fail, _unfail = _ended("fail", RectificationState.FAILED)
_transfer, _untransfer = _ended("transfer", RectificationState.TRANSFERRED)
_close, _unclose = _ended("close", RectificationState.CLOSED)


@handler("rectification.cancel", undo=_uncancel)
def cancel(context: HandlerContext) -> None:
    """Note that no notice is issued."""
    _cancel(context)


def _unissue(context: HandlerContext) -> None:
    rectification.unissue(context.session, context.instance.id)
    cases.case_of(context.session, context.instance.id).due_at = None


@handler("rectification.issue", undo=_unissue)
def issue(context: HandlerContext) -> Mapping[str, Any]:
    """Issue the notice under the year's next number; its deadline is the case's."""
    rules = _rules(context)
    found = rectification.issue(
        context.session,
        context.instance.id,
        _document(context, "notice"),
        pattern=rules["number"],
        days=int(rules["due_days"]),
        by=context.actor,
        now=context.now,
        zone=ZONE,
    )
    assert found.due_at is not None
    cases.case_of(context.session, context.instance.id).due_at = found.due_at
    readers = audience.unit_of(context.variables["project"]) + audience.CONGRESS
    context.entrust(["notice"], readers)
    context.audit("rectification.issued", {"number": found.number, "issues": len(found.issues)})
    return {
        "rect_no": found.number,
        "due": found.due_at.astimezone(ZONE).isoformat(),
        "numbered_issues": [
            {"no": row.no, "issue_no": row.no, "desc": row.description} for row in found.issues
        ],
    }


def _sign_again(context: HandlerContext) -> None:
    rectification.unescalate(context.session, context.instance.id, Step.RECEIPT)


@handler("rectification.unsigned", undo=_sign_again)
def mark_unsigned(context: HandlerContext) -> None:
    """Note that the notice was not signed for in time (S5-20: the unit's first leader answers for it)."""
    rectification.escalate(context.session, context.instance.id, Step.RECEIPT, context.now)


def _unreceive(context: HandlerContext) -> None:
    rectification.receive(context.session, context.instance.id, None, None)


@handler("rectification.received", undo=_unreceive)
def receive(context: HandlerContext) -> None:
    """Note who signed for receipt; the unit works on it from now on."""
    rectification.receive(context.session, context.instance.id, context.actor, context.now)


def _unplan(context: HandlerContext) -> None:
    rectification.plan(context.session, context.instance.id, {}, None)


@handler("rectification.planned", undo=_unplan)
def record_plan(context: HandlerContext) -> Mapping[str, Any]:
    """Write the plan; its lines begin the report."""
    form = _document(context, "plan")
    rectification.plan(context.session, context.instance.id, form, context.now)
    names = ("issue_no", "action", "owner", "finish_date")
    return {
        "actions": [{name: row.get(name) for name in names} for row in rows(form.get("actions"))],
        "planned": True,
    }


def _unreport(context: HandlerContext) -> None:
    rectification.unreport(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("rectification.reported", undo=_unreport)
def record_report(context: HandlerContext) -> None:
    """Write the report; the unit has reported."""
    rectification.report(context.session, context.instance.id, _document(context, "report"), context.now)
    cases.submitted(context.session, context.instance.id, context.now)


@handler("rectification.remind")
def remind(context: HandlerContext) -> None:
    """Remind the unit of the day, and note it in the history."""
    due_reminders.remind(context, "整改并报告", ["unit_clerk", "unit_head"], called=False)
    context.audit("rectification.reminded", {"due": context.variables["due"]})


#: The steps in the order in which they are taken.
_ORDER = [step.value for step in Step]


def _forget_overdue(context: HandlerContext) -> None:
    rectification.unescalate(context.session, context.instance.id, Step.URGE)
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("rectification.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> Mapping[str, Any]:
    """Note that the deadline passed without a report, and how many days ago."""
    found = rectification.of_instance(context.session, context.instance.id)
    rectification.escalate(context.session, context.instance.id, Step.URGE, context.now)
    cases.overdue(context.session, context.instance.id, context.now)
    last = max(found.escalations, key=lambda row: _ORDER.index(row.step))
    return {
        "overdue_days": rectification.days_late(found, context.now),
        "last_step": Step[last.step].zh,
    }


def _unescalate(context: HandlerContext) -> None:
    rectification.unescalate(context.session, context.instance.id, Step[context.variables["measure"]])


@handler("rectification.escalate", undo=_unescalate)
def escalate(context: HandlerContext) -> None:
    """Note the step that D13 says; a stop is taken only when the leader agrees."""
    step = Step[context.variables["measure"]]
    rectification.escalate(context.session, context.instance.id, step, context.now, taken=step != Step.STOP)
    context.audit("rectification.escalated", {"step": step.value})


def _unstop(context: HandlerContext) -> None:
    rectification.take_stop(context.session, context.instance.id, taken=False)


@handler("rectification.stopped", undo=_unstop)
def stop(context: HandlerContext) -> None:
    """Note that the leader agreed to stop the money."""
    rectification.take_stop(context.session, context.instance.id, taken=True)


def _unverify(context: HandlerContext) -> None:
    found = rectification.of_instance(context.session, context.instance.id)
    if found.verifications and found.verifications[-1].verdict == Verdict.RETURN:
        cases.unreturned(context.session, context.instance.id)
    rectification.unverify(context.session, context.instance.id)


_VERDICTS: Mapping[str, Verdict] = {verdict.zh: verdict for verdict in Verdict}


@handler("rectification.verified", undo=_unverify)
def record_verification(context: HandlerContext) -> Mapping[str, Any]:
    """Note what the section found, and return what D12 judges by."""
    verdict = _VERDICTS[context.variables["outcome"]]
    form, report = _document(context, "verification"), _document(context, "report")
    note = text(form.get("note")) if verdict != Verdict.RETURN else ""
    rectification.verify(context.session, context.instance.id, verdict, note, context.actor, context.now)
    if verdict == Verdict.RETURN:
        cases.returned(context.session, context.instance.id)
    found = rectification.of_instance(context.session, context.instance.id)
    findings = rows(form.get("findings"))
    done = bool(findings) and all(row.get("verdict") == Result.DONE.value for row in findings)
    late = found.due_at is not None and found.reported_at is not None and found.reported_at > found.due_at
    return {
        "false_report": form.get("false_report") is True,
        "all_done": done and verdict == Verdict.PASS,
        "evidenced": all(
            text(row.get("evidence"))
            for row in rows(report.get("actions"))
            if row.get("result") == Result.DONE.value
        ),
        "overdue": late and not done,
    }


def _unextend(context: HandlerContext) -> None:
    days = int(_document(context, "decision")["extension_days"])
    due = rectification.extend(context.session, context.instance.id, -days)
    cases.case_of(context.session, context.instance.id).due_at = due


@handler("rectification.extend", undo=_unextend)
def extend(context: HandlerContext) -> Mapping[str, Any]:
    """Put the deadline off once, by the days that the performance section decided."""
    days = int(_document(context, "decision")["extension_days"])
    due = rectification.extend(context.session, context.instance.id, days)
    cases.case_of(context.session, context.instance.id).due_at = due
    found = rectification.of_instance(context.session, context.instance.id)
    return {"due": due.astimezone(ZONE).isoformat(), "extensions": found.extensions}


@handler("rectification.close", undo=_unclose)
def close(context: HandlerContext) -> Mapping[str, Any]:
    """Close it, and return what is to be released: the holds that it or its origin ordered."""
    _close(context)
    variables = context.variables
    origins = [Origin.read(one) for one in (variables["own"], variables.get("origin")) if one]
    project = int(variables["project"]["id"])
    return {
        "releases": [
            origin.variable
            for origin in origins
            if holds.of_origin(context.session, project, origin, context.now)
        ]
    }


@handler("rectification.fail", undo=_unfail)
def fail(context: HandlerContext) -> Mapping[str, Any]:
    """Note that it failed; what is held stays held. The steps that were taken go with the message (S4-20)."""
    _fail(context)
    found = rectification.of_instance(context.session, context.instance.id)
    return {"escalated": [row.step for row in found.escalations if row.taken]}


@handler("rectification.transfer", undo=_untransfer)
def transfer(context: HandlerContext) -> None:
    """Note that the supervision office took it over."""
    _transfer(context)


HANDLERS = (
    open_case,
    register_offline,
    cancel,
    issue,
    mark_unsigned,
    receive,
    record_plan,
    record_report,
    remind,
    mark_overdue,
    escalate,
    stop,
    record_verification,
    extend,
    close,
    fail,
    transfer,
)
