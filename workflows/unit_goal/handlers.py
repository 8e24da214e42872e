"""The service tasks of the overall goal: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from budget import cases, unit_goals
from budget.cases import CaseKind, CaseState
from engine.plugins import Document, HandlerContext, handler


def _unit(context: HandlerContext) -> str:
    return str(context.variables["unit"]["code"])


def _document(context: HandlerContext) -> Document:
    document = context.document("unit_goal")
    if document is None:
        raise unit_goals.UnitGoalError(f"instance {context.instance.id} has no overall goal")
    return document


def _unopen(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("unit_goal.open", undo=_unopen)
def open_unit_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the unit's case in its first round."""
    variables = context.variables
    deadline = datetime.fromisoformat(variables["deadline"])
    campaign = variables["campaign"]
    year = int(campaign["year"]) if campaign else deadline.year + 1
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.UNIT_GOAL,
        fiscal_year=year,
        now=context.now,
        unit=_unit(context),
        campaign=campaign,
        due=deadline,
    )
    return {"round": 1}


def _withdraw(context: HandlerContext) -> None:
    unit_goals.withdraw(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("unit_goal.submitted", undo=_withdraw)
def record_submission(context: HandlerContext) -> None:
    """Write the submitted form as a version."""
    case = cases.case_of(context.session, context.instance.id)
    unit_goals.submit(
        context.session,
        context.instance.id,
        _unit(context),
        case.fiscal_year,
        _document(context),
        context.now,
    )
    cases.submitted(context.session, context.instance.id, context.now, context.findings)


def _take_back_return(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("unit_goal.returned", undo=_take_back_return)
def return_unit_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Send it back; what the finance bureau returns begins a new round."""
    cases.returned(context.session, context.instance.id)
    round = int(context.variables["round"])
    return {"round": round if context.variables["returned_by"] == "unit" else round + 1}


def _thaw(context: HandlerContext) -> None:
    unit_goals.thaw(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("unit_goal.freeze", undo=_thaw)
def freeze_unit_goal(context: HandlerContext) -> Mapping[str, Any]:
    """Approve it: the year's next number, and a version that never changes again."""
    version = unit_goals.freeze(
        context.session, context.instance.id, _document(context), by=context.actor, now=context.now
    )
    cases.closed(context.session, context.instance.id, context.now, result="APPROVED")
    context.audit("unit_goal.frozen", {"number": version.number, "version": version.version})
    return {"goal_no": version.number, "goal_version": version.version}


@handler("unit_goal.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline."""
    unit_goals.erase(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="EXEMPT", state=CaseState.OFFLINE)


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("unit_goal.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is submitted for the unit."""
    cases.overdue(context.session, context.instance.id, context.now)


HANDLERS = (
    open_unit_goal,
    record_submission,
    return_unit_goal,
    freeze_unit_goal,
    register_offline,
    mark_overdue,
)
