"""The service tasks of a letter: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from budget import cases, letters
from budget.answers import number, text
from budget.cases import CaseKind, CaseState
from budget.letters import LetterError, LetterKind
from engine.calendar import CLOSES, ZONE, load_working_days
from engine.plugins import Document, HandlerContext, handler


def _document(context: HandlerContext, name: str) -> Document:
    document = context.document(name)
    if document is None:
        raise LetterError(f"instance {context.instance.id} has no document {name}")
    return document


def _unopen(context: HandlerContext) -> None:
    letters.cancel(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="CANCELLED", state=CaseState.WITHDRAWN
    )


@handler("letter.open", undo=_unopen)
def open_letter(context: HandlerContext) -> None:
    """Open the case of a letter."""
    variables = context.variables
    about, unit = variables["letter"], variables["unit"]
    code = None if unit is None else unit["code"]
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.LETTER,
        fiscal_year=context.now.astimezone(ZONE).year,
        now=context.now,
        unit=code,
    )
    origin = None if about["origin"] is None else int(about["origin"])
    letters.open_letter(
        context.session,
        context.instance.id,
        LetterKind(about["kind"]),
        code,
        origin,
        context.now,
        meeting=None if about.get("meeting") is None else int(about["meeting"]),
        facts=about.get("facts"),
    )


def _unwrite(context: HandlerContext) -> None:
    cases.unsubmitted(context.session, context.instance.id)


@handler("letter.drafted", undo=_unwrite)
def note_draft(context: HandlerContext) -> None:
    """Take over the draft."""
    document = _document(context, "draft")
    body = document.body
    letters.write(
        context.session,
        context.instance.id,
        title=text(body.get("title")),
        addressee=text(body.get("addressee")),
        copies_to=text(body.get("copies_to")),
        text=text(body.get("text")),
        by=document.author,
    )
    cases.submitted(context.session, context.instance.id, context.now)


def _unreturn(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("letter.returned", undo=_unreturn)
def send_back(context: HandlerContext) -> None:
    """Send it back to be drafted again."""
    cases.returned(context.session, context.instance.id)


@handler("letter.sign", irreversible=True)
def sign(context: HandlerContext) -> Mapping[str, Any]:
    """Give it its number: what was signed under a number is not taken back, but cancelled by another letter."""
    found = letters.sign(
        context.session,
        context.instance.id,
        pattern=context.variables["profile"]["letters"]["numbers"][context.variables["letter"]["kind"]],
        by=context.actor or "system",
        on=context.now.astimezone(ZONE).date(),
    )
    context.audit("letter.signed", {"number": found.number})
    return {"number": found.number}


def _unseal(context: HandlerContext) -> None:
    letters.unseal(context.session, context.instance.id)


@handler("letter.sealed", undo=_unseal)
def note_seal(context: HandlerContext) -> Mapping[str, Any]:
    """Write the use of the seal down; a letter that is sent is to be signed for in so many working days.

    Its text goes on with it: whoever signs for it reads what was issued, never the draft.
    """
    document = _document(context, "sealing")
    letters.seal(
        context.session,
        context.instance.id,
        seal=text(document.body.get("seal")),
        copies=int(number(document.body.get("copies")) or 1),
        by=document.author,
        now=context.now,
    )
    days = int(context.variables["profile"]["letters"]["receipt_days"])
    last = load_working_days(context.session).add(context.now.astimezone(ZONE).date(), days)
    due = datetime.combine(last, CLOSES, ZONE)
    cases.case_of(context.session, context.instance.id).due_at = due
    found = letters.letter_of(context.session, context.instance.id)
    return {"due": due.isoformat(), "issued": {"title": found.title, "text": found.text}}


def _unreceive(context: HandlerContext) -> None:
    letters.receive(context.session, context.instance.id, None, None)
    cases.reopened(context.session, context.instance.id)


@handler("letter.received", undo=_unreceive)
def note_receipt(context: HandlerContext) -> None:
    """Note who signed for it."""
    letters.receive(context.session, context.instance.id, context.actor, context.now)
    cases.closed(context.session, context.instance.id, context.now, result="RECEIVED")


def _unissue(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("letter.issued", undo=_unissue)
def note_issue(context: HandlerContext) -> None:
    """Close what nobody signs for: a report, minutes."""
    cases.closed(context.session, context.instance.id, context.now, result="ISSUED")


def _uncancel(context: HandlerContext) -> None:
    letters.uncancel(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("letter.cancel", undo=_uncancel)
def cancel(context: HandlerContext) -> None:
    """Note that nothing came of the draft."""
    letters.cancel(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="CANCELLED", state=CaseState.WITHDRAWN
    )


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("letter.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that nobody signed for it in time; it is in force all the same."""
    cases.overdue(context.session, context.instance.id, context.now)


HANDLERS = (
    open_letter,
    note_draft,
    send_back,
    sign,
    note_seal,
    note_receipt,
    note_issue,
    cancel,
    mark_overdue,
)
