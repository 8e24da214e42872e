"""The service tasks of the annual report: opened, computed, written, sent back, submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget import annual, cases
from budget.cases import CaseKind, CaseState
from engine.plugins import HandlerContext, handler


def _year(context: HandlerContext) -> int:
    return int(context.variables["report"]["year"])


def _unopen(context: HandlerContext) -> None:
    annual.withdrawn(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("annual.open", undo=_unopen)
def open_report(context: HandlerContext) -> None:
    """Open the case of the year's report; it is the county's own, of no unit."""
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.ANNUAL_REPORT,
        fiscal_year=_year(context),
        now=context.now,
        campaign=context.variables["campaign"],
    )


def _uncompute(context: HandlerContext) -> None:
    annual.to_write(context.session, context.instance.id)


@handler("annual.compute", undo=_uncompute)
def compute(context: HandlerContext) -> Mapping[str, Any]:
    """Compute the figures as they stand, for the form and the files; nobody types them."""
    rules = context.variables["profile"]["statistics"]
    unit = rules.get("amount_unit", annual.WAN)
    report = annual.draw_up(
        context.session, context.instance.id, _year(context), context.now, rules["denominator"], unit
    )
    figures = annual.figures_of(report)
    return {
        "parts": [
            {"zh": zh, "en": en, "said": annual.sentence(lines, unit)}
            for zh, en, lines in annual.parts(figures)
        ],
        "as_of": context.now.isoformat(),
    }


def _unwrite(context: HandlerContext) -> None:
    annual.to_write(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("annual.written", undo=_unwrite)
def record_text(context: HandlerContext) -> None:
    """Keep the text with the figures that it was written to."""
    document = context.document("analysis")
    if document is None:
        raise annual.AnnualError(f"instance {context.instance.id} has no analysis")
    annual.written(
        context.session, context.instance.id, document.body, document.sha256, context.actor or "system"
    )
    cases.submitted(context.session, context.instance.id, context.now)


def _unreturn(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("annual.returned", undo=_unreturn)
def send_back(context: HandlerContext) -> None:
    """Note that the leader sent the report back to be written again."""
    annual.to_write(context.session, context.instance.id)
    cases.returned(context.session, context.instance.id)


def _unsubmit(context: HandlerContext) -> None:
    annual.unsigned(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("annual.submit", undo=_unsubmit)
def submit(context: HandlerContext) -> None:
    """Submit the report as the leader signed it."""
    annual.signed(context.session, context.instance.id, context.actor or "system", context.now)
    cases.closed(context.session, context.instance.id, context.now, result="SUBMITTED")
    context.audit("annual.submitted", {"year": _year(context)})


HANDLERS = (open_report, compute, record_text, send_back, submit)
