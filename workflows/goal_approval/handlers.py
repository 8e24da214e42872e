"""The service tasks of a batch of approvals: goals collected, letters issued under numbers, or the batch withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import approvals, cases
from budget.answers import day, rows, text
from budget.cases import CaseKind, CaseState
from budget.money import wan_from_fen
from budget.projects import Register
from budget.tables import Goal, GoalLetter, GoalLetterItem, GoalVersion, Project
from engine.calendar import ZONE
from engine.plugins import HandlerContext, handler
from workflows import profiles
from workflows.goal_approval.starting import GROUPS, MOST_UNITS


def _uncollect(context: HandlerContext) -> None:
    approvals.withdraw(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("goal_approval.collect", undo=_uncollect)
def collect(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the batch with the goals that wait; the message BudgetApproved names no units and brings no profile."""
    session, variables = context.session, context.variables
    year = int(variables["fy"])
    given, profile = variables.get("units"), variables.get("profile")
    waiting = [one for one in approvals.waiting(session, year) if given is None or one.unit in set(given)][
        :MOST_UNITS
    ]
    today = context.now.astimezone(ZONE).date()
    batch = approvals.collect(
        session,
        context.instance.id,
        fiscal_year=year,
        doc_no=text(variables.get("doc_no")),
        approved_on=day(variables.get("approved_on")) or today,
        units=[one.unit for one in waiting],
    )
    cases.open_case(session, context.instance.id, CaseKind.APPROVAL, fiscal_year=year, now=context.now)
    return {
        "profile": profile or profiles.current(session).variables(*GROUPS),
        "basis": {"doc_no": batch.doc_no, "approved_on": batch.approved_on.isoformat()},
        "letters": [
            {
                "unit": one.unit,
                "unit_name": one.unit_name,
                "department_name": one.department_name,
                "section_name": one.section_name,
                "goals": one.goals,
                "amount": wan_from_fen(one.amount),
                "budget": wan_from_fen(one.budget),
                "differing": one.differing,
            }
            for one in waiting
        ],
    }


@handler("goal_approval.issue", irreversible=True)
def issue(context: HandlerContext) -> Mapping[str, Any]:
    """Issue the letters to the units that the draft lists; return for each unit what its letter's receipt starts with."""
    document = context.document("approval")
    if document is None:
        raise approvals.ApprovalError(f"instance {context.instance.id} has no draft")
    session, body = context.session, document.body
    batch = approvals.batch_of(session, context.instance.id)
    letters = approvals.issue(
        session,
        context.instance.id,
        doc_no=text(body.get("doc_no")),
        approved_on=day(body.get("approved_on")) or batch.approved_on,
        notes={text(row.get("unit")): text(row.get("note")) for row in rows(body.get("letters"))},
        pattern=context.variables["profile"]["goal_approval"]["number"],
        by=context.actor,
        now=context.now,
    )
    cases.submitted(session, context.instance.id, context.now)
    cases.closed(session, context.instance.id, context.now, result="ISSUED")
    context.audit("goal_approval.issued", {"numbers": [letter.number for letter in letters]})
    register, issued_on = Register(session), context.now.astimezone(ZONE).date()
    return {
        "sent": [
            {
                "unit": register.unit_variables(letter.unit_code),
                "letter": _letter(session, letter, issued_on, text(body.get("opinion"))),
            }
            for letter in letters
        ]
    }


def _letter(session: Session, letter: GoalLetter, issued_on: date, opinion: str) -> Mapping[str, Any]:
    goals = session.execute(
        select(Project.code, Project.name, Goal.number, GoalVersion.annual_amount, GoalVersion.goal_annual)
        .join(GoalLetterItem, GoalLetterItem.project_id == Project.id)
        .join(GoalVersion, GoalVersion.id == GoalLetterItem.goal_version_id)
        .join(Goal, Goal.id == GoalVersion.goal_id)
        .where(GoalLetterItem.letter_id == letter.id)
        .order_by(Project.code)
    )
    return {
        "id": letter.id,
        "number": letter.number,
        "year": letter.approval.fiscal_year,
        "doc_no": letter.approval.doc_no,
        "issued_on": issued_on.isoformat(),
        "count": letter.goals,
        "amount": letter.amount,
        "opinion": opinion,
        "note": letter.note,
        "goals": [
            {
                "code": row.code,
                "name": row.name,
                "goal_no": row.number,
                "amount": wan_from_fen(row.annual_amount),
                "goal": row.goal_annual,
            }
            for row in goals
        ],
    }


def _unwithdraw(context: HandlerContext) -> None:
    approvals.unwithdraw(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("goal_approval.withdraw", undo=_unwithdraw)
def withdraw(context: HandlerContext) -> None:
    """Note that nothing came of the batch: its goals wait again."""
    approvals.withdraw(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


HANDLERS = (collect, issue, withdraw)
