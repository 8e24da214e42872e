"""The service tasks of the application of a result: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget import cases, results
from budget.cases import CaseKind, CaseState
from budget.money import fen_from_wan, wan_from_fen
from budget.quality.score import Rules
from budget.result_codes import Action, ResultState
from engine.plugins import HandlerContext, handler


def _project(context: HandlerContext) -> int:
    return int(context.variables["project"]["id"])


def _quality_rules(context: HandlerContext) -> Rules:
    return Rules.read(context.variables["profile"]["quality_score"])


def _body(context: HandlerContext, name: str) -> Mapping[str, Any]:
    document = context.document(name)
    if document is None:
        raise results.ResultError(f"instance {context.instance.id} has no document {name}")
    return document.body


def _unopen(context: HandlerContext) -> None:
    results.drop(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("result.open", undo=_unopen)
def open_result(context: HandlerContext) -> Mapping[str, Any]:
    """Begin with what is known of the project's year: the facts by which D04 decides."""
    project, session = context.variables["project"], context.session
    cases.open_case(
        session,
        context.instance.id,
        CaseKind.RESULT,
        fiscal_year=int(project["year"]),
        now=context.now,
        unit=project["unit"],
        project_id=_project(context),
        campaign=context.variables["campaign"],
        due=datetime.fromisoformat(context.variables["deadline"]),
    )
    known = results.facts(session, _project(context), _quality_rules(context))
    opened = results.open_result(session, context.instance.id, _project(context), known, context.now)
    return {
        "is_secret": project["secret"] is True,
        "score_type": known.score_type,
        "score": known.score,
        "grade": known.grade,
        "rectified": str(known.rectified),
        "refused": known.refused,
        "ineffective": known.ineffective,
        "quality": known.quality,
        "base_amount": wan_from_fen(opened.base_amount),
    }


@handler("result.offline", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline."""
    results.drop(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _unpropose(context: HandlerContext) -> None:
    results.propose(context.session, context.instance.id, None, None)


@handler("result.propose", undo=_unpropose)
def propose(context: HandlerContext) -> Mapping[str, Any]:
    """Reckon what D04's action means for next year's money."""
    action = Action[context.variables["proposed_action"]]
    found = results.result_of(context.session, context.instance.id)
    share = Decimal(context.variables["profile"]["result"]["cut_share"])
    unspent = results.facts(context.session, _project(context), _quality_rules(context)).unspent
    delta = results.proposed_delta(action, found.base_amount, share, unspent)
    results.propose(context.session, context.instance.id, action, delta)
    return {"proposed_delta": wan_from_fen(delta)}


def _told(context: HandlerContext, action: Action, delta: int) -> Mapping[str, Any]:
    base = results.result_of(context.session, context.instance.id).base_amount
    return {
        "decided_action": str(action),
        "decided_delta": wan_from_fen(delta),
        "decided_amount": wan_from_fen(base + delta),
    }


def _undecide(context: HandlerContext) -> None:
    results.decide(context.session, context.instance.id, None, None, "")
    cases.unsubmitted(context.session, context.instance.id)


@handler("result.decide", undo=_undecide)
def decide(context: HandlerContext) -> Mapping[str, Any]:
    """Write what the leader decided: what the budget section had reckoned."""
    body = _body(context, "computation")
    action, delta = Action[body["action"]], fen_from_wan(body["delta"])
    results.decide(context.session, context.instance.id, action, delta, body.get("change_reason") or "")
    cases.submitted(context.session, context.instance.id, context.now)
    return _told(context, action, delta)


def _unwaive(context: HandlerContext) -> None:
    results.close(context.session, context.instance.id, ResultState.OPEN, None, reason=None)
    cases.reopened(context.session, context.instance.id)


@handler("result.waive", undo=_unwaive)
def waive(context: HandlerContext) -> None:
    """Note that the result isn't applied, with the leader's reason."""
    reason = context.variables["waive_reason"]
    results.close(context.session, context.instance.id, ResultState.WAIVED, context.now, reason=reason)
    cases.closed(context.session, context.instance.id, context.now, result="WAIVED", note=reason)


def _unreconsider(context: HandlerContext) -> None:
    body = _body(context, "computation")
    results.decide(
        context.session,
        context.instance.id,
        Action[body["action"]],
        fen_from_wan(body["delta"]),
        body.get("change_reason") or "",
    )
    results.close(context.session, context.instance.id, ResultState.NOTIFIED, None, appeal=None, answer=None)


@handler("result.reconsider", undo=_unreconsider)
def reconsider(context: HandlerContext) -> Mapping[str, Any]:
    """Write what the leader says to the unit's appeal, and the decision that stands now."""
    body = _body(context, "reconsideration")
    action, delta = Action[body["final_action"]], fen_from_wan(body["final_delta"])
    before = results.result_of(context.session, context.instance.id)
    reason = before.reason or ""
    changed = context.variables["outcome"] == "改变"
    results.decide(context.session, context.instance.id, action, delta, reason)
    results.close(
        context.session,
        context.instance.id,
        ResultState.APPEALED if changed else ResultState.NOTIFIED,
        None,
        appeal=_body(context, "appeal")["grounds"],
        answer=body["answer"],
    )
    context.audit("result.appealed", {"changed": changed})
    return _told(context, action, delta)


def _unapply(context: HandlerContext) -> None:
    found = results.result_of(context.session, context.instance.id)
    before = ResultState.APPEALED if found.state == ResultState.APPEALED else ResultState.NOTIFIED
    results.unset_control(context.session, context.instance.id)
    results.close(context.session, context.instance.id, before, None)
    cases.reopened(context.session, context.instance.id)


@handler("result.apply", undo=_unapply)
def apply_result(context: HandlerContext) -> Mapping[str, Any]:
    """Write next year's control figure, which the project's next declaration starts from."""
    session, instance = context.session, context.instance.id
    found = results.result_of(session, instance)
    control = results.set_control(session, instance, context.now)
    state = ResultState.APPEALED if found.state == ResultState.APPEALED else ResultState.APPLIED
    results.close(session, instance, state, context.now)
    cases.closed(session, instance, context.now, result=str(state))
    context.audit("result.applied", {"year": control.fiscal_year, "delta": control.delta})
    return {
        "delta": control.delta,
        "control": control.amount,
        "control_year": control.fiscal_year,
        "applied": f"ResultApplied-{instance}-{control.fiscal_year}",
    }


HANDLERS = (open_result, register_offline, propose, decide, waive, reconsider, apply_result)
