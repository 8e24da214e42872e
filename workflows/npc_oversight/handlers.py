"""The service tasks of the oversight by the people's congress: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget import cases, oversight
from budget.cases import CaseKind, CaseState
from budget.holds import Origin
from budget.oversight import OversightKind, OversightState
from engine.plugins import HandlerContext, handler
from workflows import profiles


def _body(context: HandlerContext, name: str) -> Mapping[str, Any]:
    document = context.document(name)
    return {} if document is None else document.body


def _unopen(context: HandlerContext) -> None:
    oversight.change_state(context.session, context.instance.id, OversightState.CANCELLED)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("oversight.open", undo=_unopen)
def open_case(context: HandlerContext) -> Mapping[str, Any]:
    """Open the case and the record."""
    variables = context.variables
    project, kind = variables["project"], OversightKind[variables["kind"]]
    oversight.begin(context.session, context.instance.id, int(project["id"]), kind)
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.OVERSIGHT,
        fiscal_year=int(project["year"]),
        now=context.now,
        unit=project["unit"],
        project_id=int(project["id"]),
    )
    return {
        "kind_name": kind.zh,
        "profile": profiles.completed(context.session, variables["profile"], "oversight"),
    }


@handler("oversight.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline."""
    oversight.change_state(context.session, context.instance.id, OversightState.OFFLINE)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _uncancel(context: HandlerContext) -> None:
    oversight.change_state(context.session, context.instance.id, OversightState.PLANNED)
    cases.reopened(context.session, context.instance.id)


@handler("oversight.cancel", undo=_uncancel)
def cancel(context: HandlerContext) -> None:
    """Note that it doesn't take place."""
    oversight.change_state(context.session, context.instance.id, OversightState.CANCELLED)
    cases.closed(context.session, context.instance.id, context.now, result="CANCELLED")


def _unrecord(context: HandlerContext) -> None:
    oversight.unrecord(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("oversight.record", undo=_unrecord)
def record(context: HandlerContext) -> Mapping[str, Any]:
    """Write each opinion; those that must be put right are for a rectification."""
    opinions = oversight.record(
        context.session, context.instance.id, _body(context, "arrangement"), _body(context, "record")
    )
    cases.submitted(context.session, context.instance.id, context.now)
    found = oversight.issues(opinions)
    return {
        "count": len(opinions),
        "rectify_count": len(found),
        "issues": found,
        "opinions": [{"no": one.no, "opinion": one.opinion} for one in opinions],
        "origin": Origin(CaseKind.OVERSIGHT, context.instance.id).variable,
    }


def _unclose(context: HandlerContext) -> None:
    found = oversight.change_state(context.session, context.instance.id, OversightState.HELD)
    found.answered_at = found.closed_at = None
    cases.reopened(context.session, context.instance.id)


@handler("oversight.close", undo=_unclose)
def close(context: HandlerContext) -> None:
    """Write what the unit answered; it is over."""
    oversight.answered(context.session, context.instance.id, _body(context, "answer"), context.now)
    found = oversight.change_state(context.session, context.instance.id, OversightState.RECORDED)
    found.closed_at = context.now
    cases.closed(context.session, context.instance.id, context.now, result="RECORDED")


HANDLERS = (open_case, register_offline, cancel, record, close)
