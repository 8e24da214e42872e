"""The service tasks of the adjustment: money and goal change together, and are taken back together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from budget import adjustments, cases
from budget.adjustments import AdjustmentState, AdjustmentType
from budget.answers import number, text
from budget.cases import CaseKind, CaseState
from budget.goals import approved_version
from budget.monitoring.figures import executed_by
from budget.plugin import thresholds_of
from budget.tables import Project
from engine.calendar import ZONE
from engine.plugins import Document, HandlerContext, handler
from workflows import profiles

#: What the process reads of the profile.
GROUPS = ("days", "quality", "adjustment", "grades")


def _project(context: HandlerContext) -> Project:
    found: Project = context.session.get_one(Project, int(context.variables["project"]["id"]))
    return found


def _document(context: HandlerContext) -> Document:
    document = context.document("adjustment")
    if document is None:
        raise adjustments.AdjustmentError(f"instance {context.instance.id} has no adjustment form")
    return document


def _unopen(context: HandlerContext) -> None:
    if context.variables.get("is_new", True):
        _withdraw_case(context)


def _withdraw_case(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("adjust.open", undo=_unopen)
def open_adjustment(context: HandlerContext) -> Mapping[str, Any]:
    """Write the case, and read what the form begins with; nothing new where an adjustment of the project is under way.

    A sender, as monitoring, gives the groups of the profile that itself reads; this process adds its own of the
    same profile.
    """
    project, given = _project(context), context.variables["profile"]
    told = {"origin": context.variables.get("origin"), "reason": context.variables.get("reason")}
    if adjustments.under_way(context.session, project.id) is not None:
        return {"is_new": False, "before": None, "profile": given, **told}
    adjustments.adjustable(context.session, project.id)
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.ADJUSTMENT,
        fiscal_year=project.fiscal_year,
        now=context.now,
        unit=project.unit,
        project_id=project.id,
    )
    today = context.now.astimezone(ZONE).date()
    return {
        "is_new": True,
        "before": adjustments.before(
            context.session, project, executed_by(context.session, project.id, today)
        ),
        "profile": profiles.current(context.session).variables(*GROUPS) | given,
        **told,
    }


def _unwithdraw(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("adjust.withdrawn", undo=_unwithdraw)
def withdraw_request(context: HandlerContext) -> None:
    """Note that the unit asks no longer."""
    _withdraw_case(context)


def _unsubmit(context: HandlerContext) -> None:
    adjustments.change_state(context.session, context.instance.id, AdjustmentState.WITHDRAWN)
    cases.unsubmitted(context.session, context.instance.id)


@handler("adjust.submitted", undo=_unsubmit)
def record_adjustment(context: HandlerContext) -> Mapping[str, Any]:
    """Write what is asked for, and what the checks of the goal find in it."""
    document, project = _document(context), _project(context)
    delta = number(document.body.get("amount_delta")) or Decimal(0)
    limit = context.variables["profile"]["adjustment"]["npc_from"]
    npc_required = text(document.body.get("adj_type")) == AdjustmentType.INCREASE and delta >= limit
    adjustments.submit(context.session, context.instance.id, project, document, npc_required=npc_required)
    cases.submitted(context.session, context.instance.id, context.now, context.findings)
    version = approved_version(context.session, project.id)
    found = (
        adjustments.goal_findings(version, document.body, thresholds_of(context.variables)) if version else []
    )
    results = [
        {
            "code": finding.code,
            "severity": finding.severity,
            "field": finding.field,
            "message": finding.message["zh"],
            "message_en": finding.message["en"],
            "reason": None,
        }
        for finding in found
    ]
    return {"npc_required": npc_required, "dq_results": results}


def _take_back_return(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("adjust.returned", undo=_take_back_return)
def return_adjustment(context: HandlerContext) -> None:
    """Send the request back to its unit."""
    cases.returned(context.session, context.instance.id)


def _revoke(context: HandlerContext) -> None:
    adjustments.revoke(context.session, context.instance.id, context.now)
    cases.reopened(context.session, context.instance.id)


@handler("adjust.approve", undo=_revoke)
def approve(context: HandlerContext) -> Mapping[str, Any]:
    """Give the goal its next frozen version and the project its next amount."""
    adjustment, version = adjustments.approve(
        context.session,
        context.instance.id,
        _document(context),
        thresholds_of(context.variables),
        by=context.actor,
        now=context.now,
    )
    result = "RECLAIMED" if adjustment.type == AdjustmentType.RECLAIM else "APPROVED"
    cases.closed(context.session, context.instance.id, context.now, result=result)
    context.audit("budget.adjusted", {"version": version.version, "amount": adjustment.amount_after})
    return {"approved": {"version": version.version, "amount": adjustment.amount_after}}


def _unreject(context: HandlerContext) -> None:
    adjustments.change_state(context.session, context.instance.id, AdjustmentState.SUBMITTED)
    cases.reopened(context.session, context.instance.id)


@handler("adjust.rejected", undo=_unreject)
def reject(context: HandlerContext) -> None:
    """Note that neither budget nor goal changes."""
    adjustments.change_state(context.session, context.instance.id, AdjustmentState.REJECTED, context.now)
    cases.closed(context.session, context.instance.id, context.now, result="REJECTED")


HANDLERS = (
    open_adjustment,
    withdraw_request,
    record_adjustment,
    return_adjustment,
    approve,
    reject,
)
