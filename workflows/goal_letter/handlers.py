"""The service tasks of a letter's receipt: brought to the unit, signed for, or not signed for in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from budget import approvals, cases
from budget.cases import CaseKind, CaseState
from engine.calendar import CLOSES, ZONE, load_working_days
from engine.plugins import HandlerContext, handler


def _unbring(context: HandlerContext) -> None:
    approvals.bring(context.session, int(context.variables["letter"]["id"]), None)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("goal_letter.bring", undo=_unbring)
def bring(context: HandlerContext) -> Mapping[str, Any]:
    """Open the unit's case: the letter is on its way, to be signed for in so many working days."""
    variables = context.variables
    days = int(variables["profile"]["goal_approval"]["receipt_days"])
    last = load_working_days(context.session).add(context.now.astimezone(ZONE).date(), days)
    due = datetime.combine(last, CLOSES, ZONE)
    approvals.bring(context.session, int(variables["letter"]["id"]), context.instance.id)
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.GOAL_LETTER,
        fiscal_year=int(variables["letter"]["year"]),
        now=context.now,
        unit=variables["unit"]["code"],
        due=due,
    )
    return {"due": due.isoformat()}


def _unreceive(context: HandlerContext) -> None:
    approvals.received(context.session, context.instance.id, None, None)
    cases.reopened(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("goal_letter.received", undo=_unreceive)
def receive(context: HandlerContext) -> None:
    """Note who signed the letter for receipt."""
    approvals.received(context.session, context.instance.id, context.actor, context.now)
    cases.submitted(context.session, context.instance.id, context.now)
    cases.closed(context.session, context.instance.id, context.now, result="RECEIVED")


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("goal_letter.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that nobody has signed for it in time; the letter counts as issued all the same."""
    cases.overdue(context.session, context.instance.id, context.now)


HANDLERS = (bring, receive, mark_overdue)
