"""The service tasks of the selection: the approved list is written, and each project on it is ordered to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from budget import cases, key_candidates
from budget.cases import CaseKind, CaseState
from budget.projects import Register
from budget.tables import Project
from engine.plugins import HandlerContext, handler

#: What is said of a project for D08; the form's marks.
MARKS = ("complex", "concerned", "research", "ready")


def _unopen(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("key_selection.open", undo=_unopen)
def open_selection(context: HandlerContext) -> None:
    """Begin the year's selection."""
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.KEY_SELECTION,
        fiscal_year=int(context.variables["year"]),
        now=context.now,
    )


def _unapprove(context: HandlerContext) -> None:
    key_candidates.revoke(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("key_selection.approve", undo=_unapprove)
def approve(context: HandlerContext) -> Mapping[str, Any]:
    """Write the approved list; return for each project what its evaluation starts with."""
    document = context.document("selection")
    listed = document.body["choices"] if document is not None else ()
    session, year = context.session, int(context.variables["year"])
    codes = [row["code"] for row in listed]
    query = select(Project).where(Project.fiscal_year == year, Project.code.in_(codes))
    projects = {project.code: project for project in session.scalars(query)}
    rows = [dict(row) | {"project_id": projects[row["code"]].id} for row in listed]
    key_candidates.approve(session, context.instance.id, year, rows, context.now)
    cases.submitted(session, context.instance.id, context.now)
    cases.closed(session, context.instance.id, context.now, result="APPROVED")
    register = Register(session)
    return {
        "orders": [
            {
                "project": register.variables(projects[row["code"]]),
                "choice": {mark: row.get(mark) is True for mark in MARKS},
            }
            for row in rows
        ]
    }


def _unwithdraw(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("key_selection.withdraw", undo=_unwithdraw)
def withdraw(context: HandlerContext) -> None:
    """Note that nothing came of the selection."""
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


HANDLERS = (open_selection, approve, withdraw)
