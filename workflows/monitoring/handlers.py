"""The service tasks of monitoring: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from budget import cases
from budget.agencies import agency_options
from budget.cases import CaseKind, CaseState
from budget.codes import Code
from budget.money import fen_from_wan
from budget.monitoring import records
from budget.monitoring.answers import MonitoringAnswers, MonitoringRow
from budget.monitoring.baseline import baseline
from budget.monitoring.codes import (
    Cause,
    FundIssue,
    Likelihood,
    MonitoringResult,
    MonitorMode,
    RecordState,
    checkpoint_name,
)
from budget.monitoring.progress import Rules, percent
from budget.plugin import thresholds_of
from budget.quality.monitoring_checks import check_monitoring
from budget.tables import MonitoringRecord, Project
from engine.calendar import ZONE
from engine.plugins import Document, Finding, HandlerContext, handler
from workflows import due_reminders

#: What a rectification is told to do with the money, by how the monitoring ended (form F7).
_LINKED: Mapping[str, str] = {MonitoringResult.HELD: "HOLD", MonitoringResult.STOPPED: "STOP"}


def _document(context: HandlerContext) -> Document:
    document = context.document("monitoring")
    if document is None:
        raise records.MonitoringError(f"instance {context.instance.id} has no monitoring form")
    return document


def _unopen(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("monitoring.open", undo=_unopen)
def open_report(context: HandlerContext) -> Mapping[str, Any]:
    """Open the case; the form begins with the approved goal, the treasury's figures and the last report."""
    variables = context.variables
    campaign: Mapping[str, Any] | None = variables["campaign"]
    project = context.session.get_one(Project, int(variables["project"]["id"]))
    given = (campaign or {}).get("as_of")
    as_of = date.fromisoformat(given) if given else context.now.astimezone(ZONE).date()
    period = str((campaign or {}).get("period") or f"{as_of.month:02d}")
    case = cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.MONITORING,
        fiscal_year=project.fiscal_year,
        now=context.now,
        unit=project.unit,
        project_id=project.id,
        campaign=campaign,
        due=datetime.fromisoformat(variables["deadline"]),
    )
    case.period = period
    return {
        "round": 1,
        "checkpoint": {
            "period": period,
            "as_of": as_of.isoformat(),
            "title": f"{checkpoint_name(period)}监控",
        },
        "origin": {"kind": "MONITORING", "instance": context.instance.id, "period": period},
        **_begun(context, project, as_of),
    }


def _begun(context: HandlerContext, project: Project, as_of: date) -> Mapping[str, Any]:
    """Return what the form begins with; of a secret project nothing is written down (domain §6.4)."""
    if context.variables["project"]["secret"]:
        return {"baseline": {}, "indicators": []}
    return baseline(context.session, project, as_of, Rules.read(context.variables))


def _withdraw(context: HandlerContext) -> None:
    records.change_state(context.session, context.instance.id, RecordState.WITHDRAWN)
    cases.unsubmitted(context.session, context.instance.id)


@handler("monitoring.submitted", undo=_withdraw)
def record_report(context: HandlerContext) -> Mapping[str, Any]:
    """Write the form as typed rows with rates and deviations; return what D03 decides on, and what the checks found."""
    variables, document = context.variables, _document(context)
    rules = Rules.read(variables)
    approved = variables["baseline"]["goal_version"]
    record = records.submit(
        context.session,
        int(variables["project"]["id"]),
        context.instance.id,
        document,
        period=variables["checkpoint"]["period"],
        as_of=date.fromisoformat(variables["checkpoint"]["as_of"]),
        goal_version=None if approved is None else int(approved),
        mode=MonitorMode.SELF,
        rules=rules,
    )
    answers = MonitoringAnswers.read(document.body, rules)
    findings = check_monitoring(document.body, variables, thresholds_of(variables), context.now)
    cases.submitted(context.session, context.instance.id, context.now, findings)
    return {
        "deviation": record.deviation,
        "deviation_percent": percent(record.deviation),
        "money_percent": percent(record.money_deviation),
        "goal_percent": percent(record.goal_deviation),
        "likelihood": answers.likelihood,
        "misused": answers.misused,
        "excused": answers.excused,
        "deviations": _deviations(answers, rules),
        "dq_results": [_told(finding) for finding in findings],
        **_third_party(context),
    }


def _third_party(context: HandlerContext) -> Mapping[str, Any]:
    """Return whether a third party checks the first report on site, and which may: none that advised on the project."""
    rules, project = context.variables["profile"]["monitoring"], context.variables["project"]
    wanted = rules.get("third_party") is True and int(context.variables["round"]) == 1
    if not wanted or int(project["amount"]) < fen_from_wan(Decimal(rules["third_party_from"])):
        return {"third_party": False, "agencies": []}
    today = context.now.astimezone(ZONE).date()
    years = int(rules["third_party_years"])
    return {
        "third_party": True,
        "agencies": agency_options(context.session, int(project["id"]), today, years),
    }


def _uncheck(context: HandlerContext) -> None:
    records.drop_check(context.session, context.instance.id)


@handler("monitoring.onsite", undo=_uncheck)
def note_check(context: HandlerContext) -> None:
    """Write what the third party found on site; nothing where it was too late."""
    commission, onsite = context.document("commission"), context.document("onsite")
    assert commission is not None
    records.note_check(
        context.session,
        context.instance.id,
        int(context.variables["project"]["id"]),
        str(commission.body["agency"]),
        onsite.body if onsite is not None else None,
        by=context.actor,
        now=context.now,
    )


def _told(finding: Finding) -> Mapping[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "field": finding.field,
        "message": finding.message["zh"],
        "message_en": finding.message["en"],
    }


def _deviations(answers: MonitoringAnswers, rules: Rules) -> Sequence[Mapping[str, Any]]:
    """Return what is beyond the county's limit or can't be reached: of the money, and by indicator."""
    found: list[Mapping[str, Any]] = []
    money = answers.money_deviation(rules)
    if money > rules.limit:
        found.append({"what": "MONEY", "name": "预算执行", "deviation": percent(money)})
    found.extend(
        {"what": "GOAL", "name": row.name, "deviation": percent(row.deviation), "likelihood": row.likelihood}
        for row in answers.rows
        if _is_issue(row, rules)
    )
    return found


def _is_issue(row: MonitoringRow, rules: Rules) -> bool:
    beyond = row.deviation is not None and row.deviation > rules.limit
    return beyond or row.likelihood == Likelihood.IMPOSSIBLE


def _unjudge(context: HandlerContext) -> None:
    records.decide(context.session, context.instance.id, None)


@handler("monitoring.judged", undo=_unjudge)
def note_light(context: HandlerContext) -> None:
    """Write the light on which D03 decided."""
    records.decide(context.session, context.instance.id, context.variables["verdict"])


def _take_back_return(context: HandlerContext) -> None:
    records.change_state(context.session, context.instance.id, RecordState.SUBMITTED)
    cases.unreturned(context.session, context.instance.id)


@handler("monitoring.returned", undo=_take_back_return)
def return_report(context: HandlerContext) -> Mapping[str, Any]:
    """Send the report back to its unit."""
    records.change_state(context.session, context.instance.id, RecordState.RETURNED)
    cases.returned(context.session, context.instance.id)
    return {"round": int(context.variables["round"]) + 1}


@handler("monitoring.hold")
def order_hold(context: HandlerContext) -> Mapping[str, Any]:
    """Word the reason for which the money is held; the message carries it."""
    record = records.newest(context.session, context.instance.id)
    title = context.variables["checkpoint"]["title"]
    if context.variables["misused"]:
        why = "填报有挪用资金线索"
    elif context.variables["likelihood"] == Likelihood.IMPOSSIBLE:
        why = "绩效目标完全不可能完成"
    else:
        why = f"偏离度{percent(record.deviation)}%，属重大偏差"
    return {"hold_reason": f"{title}：{why}"}


def _unclose(context: HandlerContext) -> None:
    records.change_state(context.session, context.instance.id, RecordState.SUBMITTED)
    cases.reopened(context.session, context.instance.id)


@handler("monitoring.closed", undo=_unclose)
def close_report(context: HandlerContext) -> Mapping[str, Any]:
    """Accept the record and close the case with its ``result``; of a deviation tell what must be put right."""
    result = MonitoringResult[context.variables["result"]]
    record = records.change_state(context.session, context.instance.id, RecordState.ACCEPTED)
    note = context.variables["note"]
    cases.closed(context.session, context.instance.id, context.now, result=result, note=note)
    return {"linked_action": _LINKED.get(result, "NONE"), "issues": _issues(record, context)}


def _issues(record: MonitoringRecord, context: HandlerContext) -> Sequence[Mapping[str, Any]]:
    """Return the issues of a deviating record as a notice of rectification lists them (form F7)."""
    rules = Rules.read(context.variables)
    title = context.variables["checkpoint"]["title"]
    found: list[Mapping[str, Any]] = []

    def add(category: str, severity: str, desc: str) -> None:
        found.append({"category": category, "severity": severity, "desc": desc, "evidence": title})

    for issue in filter(None, record.fund_issues.split(",")):
        severity = "MAJOR" if issue == FundIssue.MISUSE else "MINOR"
        add("FUND", severity, f"资金问题线索：{FundIssue[issue].zh}")
    if record.money_deviation > rules.limit:
        severity = "MAJOR" if record.money_deviation > rules.major else "SERIOUS"
        spent, planned = percent(record.money_actual), percent(record.money_planned)
        behind = percent(record.money_deviation)
        add("FUND", severity, f"预算执行率{spent}%，计划进度{planned}%，偏离{behind}%")
    for row in record.indicators:
        impossible = row.likelihood == Likelihood.IMPOSSIBLE
        beyond = row.deviation is not None and row.deviation > rules.limit
        if not impossible and not beyond:
            continue
        major = impossible or (row.deviation is not None and row.deviation > rules.major)
        parts = [f"“{row.name}”目标{row.target}{row.unit or ''}，截至完成{row.actual or '—'}"]
        if row.deviation is not None:
            parts.append(f"偏离{percent(row.deviation)}%")
        if impossible:
            parts.append("全年完全不可能完成")
        causes = "、".join(_label(Cause, code) for code in row.causes.split(",") if code)
        if causes:
            parts.append(f"原因：{causes}，{row.cause_note}")
        add("GOAL", "MAJOR" if major else "SERIOUS", "，".join(parts))
    return found


def _label(codes: type[Code], code: str) -> str:
    return codes[code].zh


@handler("monitoring.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that the monitoring was handled offline; what was reported before is erased."""
    records.erase(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("monitoring.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is submitted for the unit."""
    cases.overdue(context.session, context.instance.id, context.now)


def _reopen(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("monitoring.missing", undo=_reopen)
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


@handler("monitoring.remind")
def remind_unit(context: HandlerContext) -> None:
    """Remind the unit of the day, and note it in the history."""
    first = context.variables["round"] == 1
    called = first and context.variables["campaign"] is not None
    step = "填报监控表" if first else "补正监控表"
    due_reminders.remind(context, step, ["unit_clerk"], called=called)
    context.audit(
        "monitoring.reminded", {"due": context.variables["due"], "round": context.variables["round"]}
    )


HANDLERS = (
    open_report,
    record_report,
    note_light,
    return_report,
    note_check,
    order_hold,
    close_report,
    register_offline,
    mark_overdue,
    mark_missing,
    remind_unit,
)
