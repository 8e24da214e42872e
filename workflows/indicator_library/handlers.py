"""The service tasks of the indicator library: each writes into the budget's records, and can undo it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from budget import cases, library
from budget.answers import text
from budget.cases import CaseKind, CaseState
from engine.calendar import ZONE
from engine.plugins import HandlerContext, handler


def _rows(context: HandlerContext) -> list[Mapping[str, Any]]:
    document = context.document("indicators")
    return [] if document is None else library.given(document.body)


def _unopen(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("library.open", undo=_unopen)
def open_case(context: HandlerContext) -> None:
    """Open the case; it is of no unit."""
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.LIBRARY,
        fiscal_year=context.now.astimezone(ZONE).year,
        now=context.now,
    )


def _unsubmit(context: HandlerContext) -> None:
    cases.unsubmitted(context.session, context.instance.id)


@handler("library.submitted", undo=_unsubmit)
def submit(context: HandlerContext) -> Mapping[str, Any]:
    """Note that the rows were sent in."""
    cases.submitted(context.session, context.instance.id, context.now)
    return {"count": len(_rows(context))}


def _unreturn(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("library.returned", undo=_unreturn)
def send_back(context: HandlerContext) -> None:
    """Note that they were sent back."""
    cases.returned(context.session, context.instance.id)


def _reopen(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("library.drop", undo=_reopen)
def drop(context: HandlerContext) -> None:
    """Note that nothing comes into the library."""
    cases.closed(context.session, context.instance.id, context.now, result="DROPPED")


def _unpublish(context: HandlerContext) -> None:
    library.unpublish(context.session, context.instance.id)
    _reopen(context)


def left_out(answers: Mapping[str, Any]) -> set[int]:
    """Return the numbers of the rows, from 1, that the final form leaves out."""
    return {int(one) for one in re.findall(r"\d{1,3}", text(answers.get("left_out")))}


@handler("library.publish", undo=_unpublish)
def publish(context: HandlerContext) -> Mapping[str, Any]:
    """Publish the rows but those that the final form leaves out."""
    final = context.document("final")
    without = left_out(final.body) if final is not None else set()
    kept = [row for no, row in enumerate(_rows(context), 1) if no not in without]
    source = text(context.variables.get("source"))
    library.publish(context.session, kept, instance_id=context.instance.id, source=source, now=context.now)
    cases.closed(context.session, context.instance.id, context.now, result="PUBLISHED")
    return {"count": len(kept)}


HANDLERS = (open_case, submit, send_back, drop, publish)
