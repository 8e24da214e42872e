"""What happens to a case: opened, reported, returned, overdue, closed; each business's handlers call these.

The functions work on a session inside the command's transaction; none commits. A campaign's counts (应报, 已报, 退回, 逾期,
未报) are counts of its cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from budget import ledger
from budget.codes import Code
from budget.tables import Case
from engine.plugins import Finding


class CaseKind(Code):
    """Which business a case is; the processes of domain §7."""

    CAMPAIGN = ("CAMPAIGN", "年度活动", "campaign")
    EX_ANTE_EVALUATION = ("EX_ANTE_EVALUATION", "事前评估", "ex-ante evaluation")
    GOAL = ("GOAL", "目标申报", "goal declaration")
    UNIT_GOAL = ("UNIT_GOAL", "部门整体目标", "overall goal")
    JOINT_REVIEW = ("JOINT_REVIEW", "联合审查", "joint review")
    APPROVAL = ("APPROVAL", "目标批复", "approval of goals")
    GOAL_LETTER = ("GOAL_LETTER", "批复签收", "receipt of an approval")
    MONITORING = ("MONITORING", "运行监控", "monitoring")
    UNIT_MONITORING = ("UNIT_MONITORING", "部门整体监控", "overall monitoring")
    RECTIFICATION = ("RECTIFICATION", "问题整改", "rectification")
    ADJUSTMENT = ("ADJUSTMENT", "预算调整", "budget adjustment")
    DISBURSEMENT = ("DISBURSEMENT", "资金审核", "disbursement review")
    SELF_EVALUATION = ("SELF_EVALUATION", "绩效自评", "self-evaluation")
    REPORT_REVIEW = ("REPORT_REVIEW", "报告评审", "review of reports")
    ENGAGEMENT = ("ENGAGEMENT", "第三方委托", "engagement of a third party")
    UNIT_SELF_EVALUATION = ("UNIT_SELF_EVALUATION", "部门整体自评", "overall self-evaluation")
    KEY_SELECTION = ("KEY_SELECTION", "重点评价选题", "selection for key evaluation")
    KEY_EVALUATION = ("KEY_EVALUATION", "重点评价", "key evaluation")
    RESULT = ("RESULT", "结果应用", "application of results")
    ACCOUNTABILITY = ("ACCOUNTABILITY", "责任追究", "accountability")
    OVERSIGHT = ("OVERSIGHT", "人大监督", "oversight by the people's congress")
    LIBRARY = ("LIBRARY", "指标入库", "indicators for the library")
    LETTER = ("LETTER", "公文", "letter")
    PUBLICATION = ("PUBLICATION", "信息公开", "publication")
    ANNUAL_REPORT = ("ANNUAL_REPORT", "年度报告", "annual report")


class CaseState(Code):
    """How far the one who must report has come."""

    OPEN = ("OPEN", "未报", "not reported")
    SUBMITTED = ("SUBMITTED", "已报", "reported")
    RETURNED = ("RETURNED", "退回", "returned")
    CLOSED = ("CLOSED", "办结", "closed")
    OFFLINE = ("OFFLINE", "线下办理", "handled offline")
    WITHDRAWN = ("WITHDRAWN", "已撤销", "withdrawn")


class CampaignState(Code):
    """Where a campaign is."""

    PLANNED = ("PLANNED", "待启动", "planned")
    OPENING = ("OPENING", "正在派发", "being sent out")
    OPEN = ("OPEN", "进行中", "open")
    CLOSED = ("CLOSED", "已结束", "closed")
    CANCELLED = ("CANCELLED", "已取消", "cancelled")


class CaseError(Exception):
    """A case can't do what was asked; the text says which and why, in English."""


def open_case(
    session: Session,
    instance_id: int,
    kind: CaseKind,
    *,
    fiscal_year: int,
    now: datetime,
    unit: str | None = None,
    project_id: int | None = None,
    campaign: Mapping[str, Any] | None = None,
    due: datetime | None = None,
) -> Case:
    """Write the case of an instance; ``campaign`` is the variable of that name, None where nobody called for it.

    Where the instance has one already it begins again, as after a step back to the first.
    """
    case = session.get(Case, instance_id)
    if case is None:
        case = Case(instance_id=instance_id, kind=kind, fiscal_year=fiscal_year, opened_at=now)
        session.add(case)
    case.unit = unit
    case.project_id = project_id
    if campaign is not None:
        case.campaign_id = int(campaign["id"])
        case.period = str(campaign.get("period") or "")
    case.state = CaseState.OPEN
    case.due_at = due
    case.submitted_at = case.resubmitted_at = case.overdue_at = case.closed_at = None
    case.returns = case.warnings = 0
    case.result = case.note = None
    session.flush()
    return case


def case_of(session: Session, instance_id: int) -> Case:
    """Return the case of an instance; raises :class:`CaseError` where it has none."""
    case = session.get(Case, instance_id)
    if case is None:
        raise CaseError(f"instance {instance_id} has no case")
    return case


def submitted(
    session: Session, instance_id: int, now: datetime, findings: Iterable[Finding] | None = None
) -> Case:
    """Note that the one who must report did, and how many warnings the first report had among ``findings``."""
    case = case_of(session, instance_id)
    if case.submitted_at is None:
        case.warnings = sum(finding.severity == "warning" for finding in findings or ())
    case.submitted_at = case.submitted_at or now
    case.resubmitted_at = now
    if case.overdue_at is not None:
        ledger.settle(session, instance_id, ledger.LedgerEvent.NOT_REPORTED, now)
    return _to(session, case, CaseState.SUBMITTED)


def unsubmitted(session: Session, instance_id: int) -> Case:
    """Undo :func:`submitted`: what was reported is taken back."""
    case = case_of(session, instance_id)
    if not case.returns:
        case.submitted_at = None
    case.resubmitted_at = case.submitted_at
    return _to(session, case, CaseState.RETURNED if case.returns else CaseState.OPEN)


def returned(session: Session, instance_id: int) -> Case:
    """Note that it was sent back to the one who must report."""
    case = case_of(session, instance_id)
    case.returns += 1
    return _to(session, case, CaseState.RETURNED)


def unreturned(session: Session, instance_id: int) -> Case:
    """Undo :func:`returned`."""
    case = case_of(session, instance_id)
    case.returns = max(0, case.returns - 1)
    return _to(session, case, CaseState.SUBMITTED)


def overdue(session: Session, instance_id: int, now: datetime) -> Case:
    """Note that the deadline passed before the report; nothing is submitted for anybody."""
    case = case_of(session, instance_id)
    case.overdue_at = case.overdue_at or now
    session.flush()
    return case


def closed(
    session: Session,
    instance_id: int,
    now: datetime,
    *,
    result: str,
    state: CaseState = CaseState.CLOSED,
    note: str | None = None,
) -> Case:
    """Note how the process ended: ``result`` in its own words (APPROVED, HELD, …)."""
    case = case_of(session, instance_id)
    case.result, case.note, case.closed_at = result, note, now
    return _to(session, case, state)


def reopened(session: Session, instance_id: int) -> Case:
    """Undo :func:`closed`."""
    case = case_of(session, instance_id)
    case.result = case.note = case.closed_at = None
    return _to(session, case, CaseState.SUBMITTED if case.submitted_at else CaseState.OPEN)


def _to(session: Session, case: Case, state: CaseState) -> Case:
    case.state = state
    session.flush()
    return case
