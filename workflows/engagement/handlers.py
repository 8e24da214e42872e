"""The service tasks of a third party's engagement: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from budget import cases, draws, engagements
from budget.agencies import agencies
from budget.answers import day, number, text
from budget.cases import CaseKind, CaseState
from budget.engagements import Criterion, EngagementState
from budget.quality.engagement_checks import urn_of
from engine.calendar import ZONE
from engine.identity import names
from engine.plugins import HandlerContext, handler

#: The credit that keeps an agency out.
POOR = "差"


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["engagement"]
    return rules


def _today(context: HandlerContext) -> date:
    return context.now.astimezone(ZONE).date()


def _body(context: HandlerContext, name: str) -> Mapping[str, Any]:
    document = context.document(name)
    if document is None:
        raise engagements.EngagementError(f"instance {context.instance.id} has no document {name}")
    return document.body


def _until(context: HandlerContext, credit: str | None) -> date | None:
    """Return until when a credit keeps the agency out, None where it doesn't."""
    if credit != POOR:
        return None
    today, months = _today(context), int(_rules(context)["restricted_months"])
    years, month = divmod(today.month - 1 + months, 12)
    year, month = today.year + years, month + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _unopen(context: HandlerContext) -> None:
    engagements.drop(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("engagement.open", undo=_unopen)
def open_engagement(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the engagement; return the agencies that may bid, and the project as its first object."""
    project = context.variables["project"]
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.ENGAGEMENT,
        fiscal_year=int(project["year"]),
        now=context.now,
        project_id=int(project["id"]),
    )
    engagements.open_engagement(context.session, context.instance.id, int(project["year"]), context.now)
    return {
        "agencies": [
            {"value": one.value, "label": one.label} for one in agencies(context.session, _today(context))
        ],
        "objects": [{"code": project["code"], "name": project["name"]}],
    }


def _unend(context: HandlerContext) -> None:
    engagements.unend(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


def _end(context: HandlerContext, state: EngagementState, credit: str | None) -> None:
    until = _until(context, credit)
    engagements.end(
        context.session, context.instance.id, state, credit=credit, restricted_until=until, now=context.now
    )
    cases.closed(context.session, context.instance.id, context.now, result=state.value)
    context.audit("engagement.ended", {"state": state.value, "credit": credit})


@handler("engagement.cancel", undo=_unend)
def cancel(context: HandlerContext) -> None:
    """Note that nobody is engaged."""
    _end(context, EngagementState.CANCELLED, None)


@handler("engagement.draw", irreversible=True)
def draw_lot(context: HandlerContext) -> Mapping[str, Any]:
    """Draw agencies from the book and write the draw down; who was drawn stands in the procurement's table of bids.

    What was drawn is never taken back, else one could draw until the right one comes. The moment is part of the seed, so
    that nobody can choose a seed for what it gives.
    """
    body, session = _body(context, "draw"), context.session
    demand, year = _body(context, "demand"), int(context.variables["project"]["year"])
    found = urn_of(
        session,
        body,
        demand,
        year,
        _today(context),
        int(context.variables["profile"]["key_evaluation"]["conflict_years"]),
    )
    made = draws.draw(
        session,
        "agency",
        int(body["draw_number"]),
        found=found,
        purpose=text(demand["title"]),
        units=engagements.concerned_units(session, engagements.projects_of(session, year, demand)),
        field=text(body.get("draw_field")),
        seed=f"{text(body['seed'])}@{context.now.isoformat()}",
        by=context.actor,
        now=context.now,
        instance_id=context.instance.id,
    )
    codes = [str(found.kept[id].values["code"]) for id, _ in made.drawn]
    context.audit("engagement.drawn", {"seed": made.seed, "drawn": codes})
    return {
        "drawn": {"agencies": codes, "zh": "、".join(name for _, name in made.drawn), "seed": made.seed},
        "bids": [{"bidder": code} for code in codes],
    }


@handler("engagement.conflicts")
def check_conflicts(context: HandlerContext) -> Mapping[str, Any]:
    """Say what speaks against the winner: advice, relations of its people, poor credit (domain §3.4, §6.5)."""
    session, agency = context.session, str(_body(context, "award")["winner"])
    year = int(context.variables["project"]["year"])
    found = engagements.conflicts_of(
        session,
        [agency],
        engagements.projects_of(session, year, _body(context, "demand")),
        _today(context),
        int(context.variables["profile"]["key_evaluation"]["conflict_years"]),
    )[agency]
    called = names(session, [f"user:{one}" for one in found.related])
    people = "、".join(called.values())
    until = found.restricted_until
    zh = [
        *([f"近年为{'、'.join(found.advised)}做过咨询"] if found.advised else ()),
        *([f"{people}与项目单位有任职或利害关系"] if people else ()),
        *([f"{until:%Y-%m-%d}以前限制接单"] if until else ()),
        *(["机构库登记三年内有重大违法"] if found.barred else ()),
    ]
    en = [
        *([f"advised on {', '.join(found.advised)}"] if found.advised else ()),
        *([f"people with an interest: {people}"] if people else ()),
        *([f"takes no work until {until:%Y-%m-%d}"] if until else ()),
        *(["grave violations within three years, says the book"] if found.barred else ()),
    ]
    context.audit("engagement.checked", {"agency": agency, "found": zh})
    return {
        "agency": agency,
        "facts": {
            "advised": bool(found.advised),
            "related": bool(found.related),
            "restricted": until is not None,
            "barred": found.barred,
            "zh": "；".join(zh),
            "en": "; ".join(en),
        },
    }


@handler("engagement.conflicted")
def note_conflict(context: HandlerContext) -> None:
    """Note that the winner must stay out."""
    context.audit(
        "engagement.conflicted", {"agency": context.variables["agency"], "why": context.variables["verdict"]}
    )


def _unsign(context: HandlerContext) -> None:
    engagements.unsign(context.session, context.instance.id)
    cases.case_of(context.session, context.instance.id).due_at = None


@handler("engagement.contract", undo=_unsign)
def record_contract(context: HandlerContext) -> Mapping[str, Any]:
    """Write the contract; the agency is engaged for the projects from now on."""
    found = engagements.sign(
        context.session,
        context.instance.id,
        demand=_body(context, "demand"),
        award=_body(context, "award"),
        contract=_body(context, "contract"),
    )
    assert found.due_on is not None
    due = datetime.combine(found.due_on, time(18), ZONE)
    cases.case_of(context.session, context.instance.id).due_at = due
    return {"due": due.isoformat(), "number": found.contract_no}


def _unlate(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("engagement.late", undo=_unlate)
def note_late(context: HandlerContext) -> None:
    """Note that the contract's day passed before the work was delivered."""
    cases.overdue(context.session, context.instance.id, context.now)


def _undeliver(context: HandlerContext) -> None:
    engagements.deliver(context.session, context.instance.id, None)
    cases.unsubmitted(context.session, context.instance.id)


@handler("engagement.delivered", undo=_undeliver)
def record_delivery(context: HandlerContext) -> Mapping[str, Any]:
    """Note the day of the delivery; say how late it is, what that costs, and which evaluations are final."""
    found = engagements.deliver(context.session, context.instance.id, _today(context))
    cases.submitted(context.session, context.instance.id, context.now)
    late, final = engagements.days_late(found), engagements.finished(context.session, found)
    deducted = Decimal(_rules(context)["late_per_day"]) * late
    weights = _rules(context)["weights"]
    return {
        "work": {
            "late": late,
            "deducted": deducted,
            "zh": f"委托对象{len(found.objects)}个，其中已由该机构定稿的重点评价{final}个；"
            + (f"逾期{late}日，扣{deducted:f}分。" if late else "按期交付。"),
            "en": f"{len(found.objects)} projects, {final} key evaluations final; {late} days late.",
        },
        "criteria": [
            {"criterion": one.value, "name": one.zh, "points": Decimal(weights[one.value])}
            for one in Criterion
        ],
    }


def _unsettle(context: HandlerContext) -> None:
    engagements.unsettle(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("engagement.settle", undo=_unsettle)
def record_settlement(context: HandlerContext) -> None:
    """Write the performance, the credit and the payment; a poor credit keeps the agency out for the county's time."""
    credit = str(context.variables["credit"])
    found = engagements.settle(
        context.session,
        context.instance.id,
        performance=_body(context, "performance"),
        credit=credit,
        paid=number(_body(context, "settlement")["paid"]) or Decimal(0),
        restricted_until=_until(context, credit),
        now=context.now,
    )
    if not found.paid:
        cases.closed(context.session, context.instance.id, context.now, result="SETTLED")
    context.audit("engagement.settled", {"agency": found.agency, "score": str(found.score), "credit": credit})


def _unreceive(context: HandlerContext) -> None:
    engagements.received(context.session, context.instance.id, None, None)


@handler("engagement.received", undo=_unreceive)
def note_receipt(context: HandlerContext) -> None:
    """Note who of the treasury section signed for the notice of payment."""
    engagements.received(context.session, context.instance.id, context.actor, context.now)


def _unpay(context: HandlerContext) -> None:
    engagements.pay(context.session, context.instance.id, by=None, paid_on=None, voucher_no=None)
    cases.reopened(context.session, context.instance.id)


@handler("engagement.paid", undo=_unpay)
def note_payment(context: HandlerContext) -> None:
    """Note what the treasury section reports: the day and the voucher of the payment."""
    body = _body(context, "payment")
    engagements.pay(
        context.session,
        context.instance.id,
        by=context.actor,
        paid_on=day(body["paid_on"]),
        voucher_no=text(body["voucher_no"]),
    )
    cases.closed(context.session, context.instance.id, context.now, result="SETTLED")


@handler("engagement.failed")
def note_failure(context: HandlerContext) -> None:
    """Note that the agency cannot perform its contract."""
    context.audit("engagement.failed", {"agency": context.variables["agency"]})


@handler("engagement.terminate", undo=_unend)
def terminate(context: HandlerContext) -> None:
    """Note that the engagement ends without its work; an agency that failed is kept out."""
    signed = engagements.of_instance(context.session, context.instance.id).signed_on is not None
    _end(context, EngagementState.TERMINATED, POOR if signed else None)


HANDLERS = (
    open_engagement,
    cancel,
    draw_lot,
    check_conflicts,
    note_conflict,
    record_contract,
    note_late,
    record_delivery,
    record_settlement,
    note_receipt,
    note_payment,
    note_failure,
    terminate,
)
