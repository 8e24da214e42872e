"""The service tasks of a unit's overall self-evaluation: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget import cases, unit_evaluations
from budget.cases import CaseKind, CaseState
from budget.evaluations import EvaluationError, EvaluationState
from engine.calendar import ZONE
from engine.plugins import HandlerContext, handler
from workflows import audience
from workflows.scoring import weight_basis

#: Overall spending is scored as a specific project's is.
_CATEGORY = "SPECIFIC"


def _unopen(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("unit_self_evaluation.open", undo=_unopen)
def open_report(context: HandlerContext) -> Mapping[str, Any]:
    """Open the case; the points of execution are those of the county's weight profile (D11)."""
    variables = context.variables
    campaign: Mapping[str, Any] | None = variables["campaign"]
    year = int((campaign or {}).get("year") or context.now.astimezone(ZONE).year - 1)
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.UNIT_SELF_EVALUATION,
        fiscal_year=year,
        now=context.now,
        unit=variables["unit"]["code"],
        campaign=campaign,
        due=datetime.fromisoformat(variables["deadline"]),
    )
    weight = weight_basis(_CATEGORY, year, variables["profile"]["scoring"])["EXECUTION"]
    return {"round": 1, "year": year, "exec_weight": Decimal(weight)}


def _withdraw(context: HandlerContext) -> None:
    unit_evaluations.forget(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("unit_self_evaluation.submitted", undo=_withdraw)
def record_report(context: HandlerContext) -> Mapping[str, Any]:
    """Write the form; the total is reckoned here."""
    document = context.document("unit_self_evaluation")
    if document is None:
        raise EvaluationError(f"instance {context.instance.id} has no overall self-evaluation")
    variables = context.variables
    found = unit_evaluations.submit(
        context.session,
        context.instance.id,
        variables["unit"]["code"],
        int(variables["year"]),
        document,
        Decimal(variables["exec_weight"]),
        context.now,
    )
    cases.submitted(context.session, context.instance.id, context.now)
    return {"total": found.total}


def _unjudge(context: HandlerContext) -> None:
    unit_evaluations.change(context.session, context.instance.id, EvaluationState.SUBMITTED, grade="")


@handler("unit_self_evaluation.judged", undo=_unjudge)
def note_grade(context: HandlerContext) -> None:
    """Write the grade of D01."""
    grade = context.variables["grade"]
    unit_evaluations.change(context.session, context.instance.id, EvaluationState.SUBMITTED, grade=grade)


def _take_back_return(context: HandlerContext) -> None:
    unit_evaluations.change(context.session, context.instance.id, EvaluationState.SUBMITTED)
    cases.unreturned(context.session, context.instance.id)


@handler("unit_self_evaluation.returned", undo=_take_back_return)
def return_report(context: HandlerContext) -> Mapping[str, Any]:
    """Send the report back to its unit."""
    unit_evaluations.change(context.session, context.instance.id, EvaluationState.RETURNED)
    cases.returned(context.session, context.instance.id)
    return {"round": int(context.variables["round"]) + 1}


def _unclose(context: HandlerContext) -> None:
    unit_evaluations.change(context.session, context.instance.id, EvaluationState.SUBMITTED, accepted_at=None)
    cases.reopened(context.session, context.instance.id)


@handler("unit_self_evaluation.closed", undo=_unclose)
def close_report(context: HandlerContext) -> None:
    """Accept the evaluation; the congress may read it from now on."""
    unit_evaluations.change(
        context.session, context.instance.id, EvaluationState.ACCEPTED, accepted_at=context.now
    )
    cases.closed(context.session, context.instance.id, context.now, result="ACCEPTED")
    context.entrust(["unit_self_evaluation"], audience.CONGRESS)


@handler("unit_self_evaluation.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline."""
    unit_evaluations.forget(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("unit_self_evaluation.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is submitted for the unit."""
    cases.overdue(context.session, context.instance.id, context.now)


HANDLERS = (
    open_report,
    record_report,
    note_grade,
    return_report,
    close_report,
    register_offline,
    mark_overdue,
)
