"""The service tasks of accountability: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget import accountability, cases, ledger
from budget.accountability import TALKS, AccountabilityState, Measure
from budget.answers import day
from budget.cases import CaseKind, CaseState
from budget.ledger import LedgerEvent
from budget.projects import Register
from engine.plugins import HandlerContext, handler
from workflows import profiles

#: Of the register of who reads a decision besides its case: discipline inspection and the leading group (domain §6.3).
READERS = ("org:DISCIPLINE", "org:LEADING")


def _begin(context: HandlerContext, unit: str, entries: list[int]) -> Mapping[str, Any]:
    record = accountability.begin(context.session, context.instance.id, unit, entries, context.now)
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.ACCOUNTABILITY,
        fiscal_year=record.fiscal_year,
        now=context.now,
        unit=unit,
    )
    weighed = accountability.weigh(context.session, record, context.now)
    return {
        "unit": Register(context.session).unit_variables(unit),
        "profile": profiles.completed(context.session, context.variables["profile"], "accountability"),
        "entries": entries,
        "summary": weighed.event.zh,
        "event": weighed.event.value,
        "count": weighed.count,
        "late_days": weighed.late_days,
        "items": list(weighed.items),
    }


def _unopen(context: HandlerContext) -> None:
    accountability.unbegin(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("accountability.open", undo=_unopen)
def open_case(context: HandlerContext) -> Mapping[str, Any]:
    """Begin with the entries that were ticked."""
    variables = context.variables
    return _begin(context, variables["unit"]["code"], [int(one) for one in variables["entries"]])


@handler("accountability.failed", undo=_unopen)
def open_failed(context: HandlerContext) -> Mapping[str, Any]:
    """Enter a failed rectification into the ledger and begin with that entry."""
    variables = context.variables
    origin = cases.case_of(context.session, int(variables["origin"]["instance"]))
    entry = ledger.enter(
        context.session,
        origin,
        LedgerEvent.RECTIFICATION,
        f"“{variables['project']['name']}”整改（{variables['rect_no']}）失败或不到位",
        since=origin.opened_at,
        now=context.now,
    )
    return _begin(context, entry.unit, [entry.id])


@handler("accountability.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline."""
    accountability.change_state(context.session, context.instance.id, AccountabilityState.OFFLINE)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _back(context: HandlerContext) -> None:
    accountability.change_state(context.session, context.instance.id, AccountabilityState.DRAFTING)
    cases.reopened(context.session, context.instance.id)


def _end(context: HandlerContext, state: AccountabilityState) -> None:
    accountability.change_state(context.session, context.instance.id, state)
    cases.closed(context.session, context.instance.id, context.now, result=state.value)


@handler("accountability.waive", undo=_back)
def waive(context: HandlerContext) -> None:
    """Note that nothing follows; the entries stay in the ledger without points."""
    _end(context, AccountabilityState.WAIVED)


@handler("accountability.revoke", undo=_back)
def revoke(context: HandlerContext) -> None:
    """Note that the unit's appeal was granted."""
    _end(context, AccountabilityState.REVOKED)


def _unsettle(context: HandlerContext) -> None:
    record = accountability.of_instance(context.session, context.instance.id)
    record.measure = record.points = None
    record.appealed = False


@handler("accountability.settle", undo=_unsettle)
def settle(context: HandlerContext) -> Mapping[str, Any]:
    """Settle what is to be signed: what the reconsideration changed, else what was drafted."""
    appealed = context.variables["heard"] == "申辩"
    changed = appealed and context.variables.get("answered") == "部分采纳"
    document = context.document("answer" if changed else "notice")
    if document is None:
        raise accountability.AccountabilityError(f"instance {context.instance.id} has no measure")
    measure, points = accountability.measure_of(document.body)
    accountability.settle(context.session, context.instance.id, measure, points, appealed=appealed)
    return {"measure": measure.value, "points": points, "talked": measure in TALKS}


def _unissue(context: HandlerContext) -> None:
    accountability.unissue(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("accountability.issue", undo=_unissue)
def issue(context: HandlerContext) -> Mapping[str, Any]:
    """Issue it under the year's next number; who reads the ledger reads the decision."""
    pattern = context.variables["profile"]["accountability"]["number"]
    found = accountability.issue(
        context.session, context.instance.id, pattern=pattern, by=context.actor, now=context.now
    )
    cases.submitted(context.session, context.instance.id, context.now)
    if Measure[str(found.measure)] is not Measure.RECORD:
        context.entrust(["notice", "answer"], READERS)
    context.audit("accountability.issued", {"number": found.number, "points": str(found.points)})
    return {"number": found.number}


def _unclose(context: HandlerContext) -> None:
    record = accountability.change_state(context.session, context.instance.id, AccountabilityState.ISSUED)
    record.received_at = record.talked_on = None
    cases.reopened(context.session, context.instance.id)


@handler("accountability.close", undo=_unclose)
def close(context: HandlerContext) -> None:
    """Note that the unit signed for it, and when it was talked to."""
    record = accountability.of_instance(context.session, context.instance.id)
    talk = context.document("talk")
    record.talked_on = day(talk.body.get("held_on")) if talk is not None else None
    record.received_at = context.now
    _end(context, AccountabilityState.RECORDED)


HANDLERS = (
    open_case,
    open_failed,
    register_offline,
    waive,
    revoke,
    settle,
    issue,
    close,
)
