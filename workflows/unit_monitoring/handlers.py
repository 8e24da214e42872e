"""The service tasks of a unit's overall monitoring: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from budget import cases
from budget.cases import CaseKind, CaseState
from budget.monitoring import unit_records
from budget.monitoring.codes import Light, MonitoringResult, RecordState, checkpoint_name
from budget.monitoring.progress import Rules, percent
from budget.monitoring.records import MonitoringError
from engine.calendar import ZONE
from engine.plugins import HandlerContext, handler


def _unopen(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("unit_monitoring.open", undo=_unopen)
def open_report(context: HandlerContext) -> Mapping[str, Any]:
    """Open the case; the form begins with what the unit's projects add up to."""
    variables = context.variables
    campaign: Mapping[str, Any] | None = variables["campaign"]
    unit = variables["unit"]
    given = (campaign or {}).get("as_of")
    as_of = date.fromisoformat(given) if given else context.now.astimezone(ZONE).date()
    year = int((campaign or {}).get("year") or as_of.year)
    period = str((campaign or {}).get("period") or f"{as_of.month:02d}")
    case = cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.UNIT_MONITORING,
        fiscal_year=year,
        now=context.now,
        unit=unit["code"],
        campaign=campaign,
        due=datetime.fromisoformat(variables["deadline"]),
    )
    case.period = period
    begun = (
        {}
        if unit["secret"]
        else unit_records.unit_baseline(context.session, unit["code"], year, as_of, Rules.read(variables))
    )
    return {
        "round": 1,
        "checkpoint": {
            "period": period,
            "year": year,
            "as_of": as_of.isoformat(),
            "title": f"{checkpoint_name(period)}整体监控",
        },
        "baseline": begun,
    }


def _withdraw(context: HandlerContext) -> None:
    unit_records.change_state(context.session, context.instance.id, RecordState.WITHDRAWN)
    cases.unsubmitted(context.session, context.instance.id)


@handler("unit_monitoring.submitted", undo=_withdraw)
def record_report(context: HandlerContext) -> Mapping[str, Any]:
    """Write the form as a record with its deviation; return what D03 decides on."""
    document = context.document("unit_monitoring")
    if document is None:
        raise MonitoringError(f"instance {context.instance.id} has no overall monitoring form")
    variables, checkpoint = context.variables, context.variables["checkpoint"]
    record = unit_records.submit(
        context.session,
        context.instance.id,
        variables["unit"]["code"],
        document,
        year=int(checkpoint["year"]),
        period=checkpoint["period"],
        as_of=date.fromisoformat(checkpoint["as_of"]),
        baseline=variables["baseline"],
        rules=Rules.read(variables),
    )
    cases.submitted(context.session, context.instance.id, context.now, context.findings)
    return {
        "deviation": record.deviation,
        "deviation_percent": percent(record.deviation),
        "likelihood": document.body.get("likelihood"),
    }


def _unjudge(context: HandlerContext) -> None:
    unit_records.decide(context.session, context.instance.id, None)


@handler("unit_monitoring.judged", undo=_unjudge)
def note_light(context: HandlerContext) -> None:
    """Write the light on which D03 decided."""
    unit_records.decide(context.session, context.instance.id, context.variables["verdict"])


def _take_back_return(context: HandlerContext) -> None:
    unit_records.change_state(context.session, context.instance.id, RecordState.SUBMITTED)
    cases.unreturned(context.session, context.instance.id)


@handler("unit_monitoring.returned", undo=_take_back_return)
def return_report(context: HandlerContext) -> Mapping[str, Any]:
    """Send the report back to its unit."""
    unit_records.change_state(context.session, context.instance.id, RecordState.RETURNED)
    cases.returned(context.session, context.instance.id)
    return {"round": int(context.variables["round"]) + 1}


def _unclose(context: HandlerContext) -> None:
    unit_records.change_state(context.session, context.instance.id, RecordState.SUBMITTED)
    cases.reopened(context.session, context.instance.id)


@handler("unit_monitoring.closed", undo=_unclose)
def close_report(context: HandlerContext) -> None:
    """Accept the record; red means that the unit puts right itself what it named, looked at again at the next checkpoint."""
    record = unit_records.change_state(context.session, context.instance.id, RecordState.ACCEPTED)
    red = record.light == Light.RED
    cases.closed(
        context.session,
        context.instance.id,
        context.now,
        result=MonitoringResult.RECTIFYING if red else MonitoringResult.NORMAL,
        note="由单位按纠偏措施整改，下一节点复核" if red else None,
    )


@handler("unit_monitoring.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that the monitoring was handled offline."""
    unit_records.erase(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("unit_monitoring.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is submitted for the unit."""
    cases.overdue(context.session, context.instance.id, context.now)


def _reopen(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("unit_monitoring.missing", undo=_reopen)
def mark_missing(context: HandlerContext) -> None:
    """Close the case of a unit that did not report until the end of the campaign."""
    cases.overdue(context.session, context.instance.id, context.now)
    cases.closed(
        context.session,
        context.instance.id,
        context.now,
        result=MonitoringResult.NOT_REPORTED,
        note="逾期未报",
    )


HANDLERS = (
    open_report,
    record_report,
    note_light,
    return_report,
    close_report,
    register_offline,
    mark_overdue,
    mark_missing,
)
