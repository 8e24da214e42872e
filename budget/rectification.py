"""What happens to a rectification: drafted, issued under a number, received, planned, reported, verified, closed.

The records' side of the process ``rectification`` (P07, form F7): plain functions on a session, called by its handlers
inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.answers import day, rows, text
from budget.codes import Code
from budget.goals import next_number
from budget.holds import Origin
from budget.tables import (
    Project,
    Rectification,
    RectificationAction,
    RectificationEscalation,
    RectificationIssue,
    RectificationVerification,
)


class Source(Code):
    """整改来源."""

    MONITOR = ("MONITOR", "运行监控", "monitoring")
    SELF_EVAL = ("SELF_EVAL", "绩效自评", "self-evaluation")
    KEY_EVAL = ("KEY_EVAL", "重点评价", "key evaluation")
    REPORT_REVIEW = ("REPORT_REVIEW", "报告评审", "review of reports")
    DISBURSE = ("DISBURSE", "拨付审核", "disbursement review")
    NPC = ("NPC", "人大监督", "people's congress")
    AUDIT = ("AUDIT", "审计（财监）", "audit")


class LinkedAction(Code):
    """联动措施: what is done with the project's money besides."""

    NONE = ("NONE", "无", "none")
    HOLD = ("HOLD", "暂缓拨付", "hold")
    STOP = ("STOP", "停止拨付", "stop")
    ADJUST = ("ADJUST", "调整预算", "adjust the budget")


class RectificationState(Code):
    """Where a rectification is."""

    DRAFTING = ("DRAFTING", "拟稿", "being drafted")
    ISSUED = ("ISSUED", "待签收", "issued")
    RECTIFYING = ("RECTIFYING", "整改中", "being put right")
    REPORTED = ("REPORTED", "待核验", "reported")
    CLOSED = ("CLOSED", "已销号", "closed")
    FAILED = ("FAILED", "整改失败", "failed")
    TRANSFERRED = ("TRANSFERRED", "已移交财监", "transferred")
    CANCELLED = ("CANCELLED", "不予下达", "not issued")
    OFFLINE = ("OFFLINE", "线下办理", "handled offline")


class Result(Code):
    """整改结果."""

    DONE = ("DONE", "已完成", "done")
    PARTIAL = ("PARTIAL", "部分完成", "partly done")
    NOT_DONE = ("NOT_DONE", "未完成", "not done")


class Verdict(Code):
    """核验结论."""

    PASS = ("PASS", "核验通过", "passed")
    RETURN = ("RETURN", "退回补正", "returned")
    FAIL = ("FAIL", "核验不通过", "failed")


class Step(Code):
    """What is done where something is late, in this order (D13, S4-20, S4-21)."""

    RECEIPT = ("RECEIPT", "逾期未签收", "not signed for")
    URGE = ("URGE", "督促", "urged")
    HOLD = ("HOLD", "缓拨", "money held")
    STOP = ("STOP", "停拨", "money stopped")
    CUT = ("CUT", "核减", "cut proposed")


#: States in which nobody works on it any more.
ENDED = frozenset(
    {
        RectificationState.CLOSED,
        RectificationState.FAILED,
        RectificationState.TRANSFERRED,
        RectificationState.CANCELLED,
        RectificationState.OFFLINE,
    }
)


class RectificationError(Exception):
    """A rectification can't do what was asked; the text says which and why, in English."""


def of_instance(session: Session, instance_id: int) -> Rectification:
    """Return the rectification of an instance; raises :class:`RectificationError` where it has none."""
    found = session.scalar(select(Rectification).where(Rectification.instance_id == instance_id))
    if found is None:
        raise RectificationError(f"instance {instance_id} has no rectification")
    return found


def open_rectification(
    session: Session,
    instance_id: int,
    project_id: int,
    source: str,
    now: datetime,
    *,
    origin: Origin | None = None,
    linked_action: str | None = None,
) -> Rectification:
    """Begin a rectification of a project; raises KeyError for a source or a linked action that isn't one."""
    found = session.scalar(select(Rectification).where(Rectification.instance_id == instance_id))
    if found is None:
        found = Rectification(instance_id=instance_id, project_id=project_id)
        session.add(found)
    found.source = Source[source]
    if origin is not None:
        found.origin_kind, found.origin_instance = origin.kind, origin.instance
        found.origin_period = origin.period
    found.linked_action = LinkedAction[linked_action or "NONE"]
    found.state = RectificationState.DRAFTING
    found.opened_at = now
    session.flush()
    return found


def issue(
    session: Session,
    instance_id: int,
    notice: Mapping[str, Any],
    *,
    pattern: str,
    days: int,
    by: str,
    now: datetime,
    zone: tzinfo,
) -> Rectification:
    """Issue the notice: the year's next number, its issues numbered, and the deadline.

    ``notice`` is the form F7; where it names no deadline that is ``days`` calendar days later, at 18:00.
    """
    found = of_instance(session, instance_id)
    project = session.get_one(Project, found.project_id)
    found.number = pattern.format(
        fiscal_year=project.fiscal_year,
        number=next_number(session, f"rectification-{project.fiscal_year}"),
        section=project.section,
        unit=project.unit,
    )
    found.requirement = text(notice.get("requirement"))
    found.linked_action = LinkedAction[notice.get("linked_action") or "NONE"]
    found.issues = [
        RectificationIssue(
            no=number,
            description=text(row.get("desc")),
            category=text(row.get("category")),
            severity=text(row.get("severity")),
            evidence=text(row.get("evidence")),
        )
        for number, row in enumerate(rows(notice.get("issues")), 1)
    ]
    found.issued_at, found.issued_by = now, by
    last = day(notice.get("due_at")) or now.astimezone(zone).date() + timedelta(days=days)
    found.due_at = datetime.combine(last, time(18), tzinfo=zone)
    found.state = RectificationState.ISSUED
    session.flush()
    return found


def unissue(session: Session, instance_id: int) -> None:
    """Undo :func:`issue`; the number is not given out again."""
    found = of_instance(session, instance_id)
    found.number = found.issued_at = found.issued_by = found.due_at = None
    found.issues = []
    found.state = RectificationState.DRAFTING
    session.flush()


def receive(session: Session, instance_id: int, by: str | None, now: datetime | None) -> None:
    """Note who signed the notice for receipt; None takes it back."""
    found = of_instance(session, instance_id)
    found.received_by, found.received_at = by, now
    found.state = RectificationState.ISSUED if now is None else RectificationState.RECTIFYING
    session.flush()


def plan(session: Session, instance_id: int, form: Mapping[str, Any], now: datetime | None) -> None:
    """Write the plan (整改方案): one or more actions for each issue; None for ``now`` takes it back."""
    found = of_instance(session, instance_id)
    found.planned_at = now
    _write_actions(found, form if now is not None else {})
    session.flush()


def report(session: Session, instance_id: int, form: Mapping[str, Any], now: datetime) -> Rectification:
    """Write the report (整改报告): each action's result with its evidence, and the result of the whole."""
    found = of_instance(session, instance_id)
    _write_actions(found, form)
    found.result = Result[form.get("result") or overall(form)]
    found.reported_at = now
    found.state = RectificationState.REPORTED
    session.flush()
    return found


def unreport(session: Session, instance_id: int) -> None:
    """Undo :func:`report`: the unit works on it again."""
    found = of_instance(session, instance_id)
    found.result = found.reported_at = None
    found.state = RectificationState.RECTIFYING
    session.flush()


def overall(form: Mapping[str, Any]) -> str:
    """Return the result of the whole from those of the actions: DONE where all are, NOT_DONE where none is begun."""
    results = {row.get("result") for row in rows(form.get("actions"))}
    if results == {Result.DONE.value}:
        return Result.DONE
    return Result.NOT_DONE if results <= {Result.NOT_DONE.value, None, ""} else Result.PARTIAL


def verify(
    session: Session, instance_id: int, verdict: Verdict, note: str, by: str, now: datetime
) -> RectificationVerification:
    """Note what the section found; a return sends the report back to the unit."""
    found = of_instance(session, instance_id)
    row = RectificationVerification(
        round=len(found.verifications) + 1, verdict=verdict, note=note, verified_by=by, verified_at=now
    )
    found.verifications.append(row)
    if verdict == Verdict.RETURN:
        found.state = RectificationState.RECTIFYING
    session.flush()
    return row


def unverify(session: Session, instance_id: int) -> None:
    """Undo the last :func:`verify`."""
    found = of_instance(session, instance_id)
    if found.verifications:
        found.verifications.pop()
    found.state = RectificationState.REPORTED
    session.flush()


def extend(session: Session, instance_id: int, days: int) -> datetime:
    """Put the deadline off by ``days`` and return the new one; a negative number undoes it."""
    found = of_instance(session, instance_id)
    if found.due_at is None:
        raise RectificationError(f"rectification {found.id} has no deadline")
    found.due_at += timedelta(days=days)
    found.extensions += 1 if days > 0 else -1
    found.extension_days += days
    found.state = RectificationState.RECTIFYING if days > 0 else RectificationState.REPORTED
    session.flush()
    return found.due_at


def escalate(
    session: Session, instance_id: int, step: Step, now: datetime, *, taken: bool = True
) -> RectificationEscalation | None:
    """Note a step because something is late; None where it was noted before."""
    found = of_instance(session, instance_id)
    if any(row.step == step for row in found.escalations):
        return None
    row = RectificationEscalation(step=step, days=days_late(found, now), at=now, taken=taken)
    found.escalations.append(row)
    session.flush()
    return row


def unescalate(session: Session, instance_id: int, step: Step) -> None:
    """Undo :func:`escalate`."""
    found = of_instance(session, instance_id)
    found.escalations = [row for row in found.escalations if row.step != step]
    session.flush()


def take_stop(session: Session, instance_id: int, *, taken: bool) -> None:
    """Note whether the leader agreed to the stop that was proposed."""
    for row in of_instance(session, instance_id).escalations:
        if row.step == Step.STOP:
            row.taken = taken
    session.flush()


def days_late(found: Rectification, now: datetime) -> int:
    """Return the whole days since the deadline, 0 before it and on its day."""
    return 0 if found.due_at is None else max(0, (now - found.due_at).days)


def close(session: Session, instance_id: int, state: RectificationState, now: datetime | None) -> None:
    """End it as closed, failed, transferred …; None for ``now`` opens it again in that state."""
    found = of_instance(session, instance_id)
    found.state, found.closed_at = state, now
    session.flush()


def overdue_of(session: Session, project_id: int, now: datetime) -> Sequence[Rectification]:
    """Return the project's rectifications whose deadline passed and that are not closed (D06 row 4).

    A failed one counts: it stays overdue until another one of the project is closed after it.
    """
    query = select(Rectification).where(
        Rectification.project_id == project_id,
        Rectification.due_at < now,
        Rectification.state.not_in([*ENDED - {RectificationState.FAILED}, RectificationState.REPORTED]),
    )
    closed = session.scalar(
        select(func.max(Rectification.closed_at)).where(
            Rectification.project_id == project_id, Rectification.state == RectificationState.CLOSED
        )
    )
    return [
        row
        for row in session.scalars(query)
        if row.state != RectificationState.FAILED
        or closed is None
        or (row.closed_at and row.closed_at > closed)
    ]


def newest_of(session: Session, project_id: int) -> Rectification | None:
    """Return the project's newest issued rectification."""
    return session.scalar(
        select(Rectification)
        .where(Rectification.project_id == project_id, Rectification.issued_at.is_not(None))
        .order_by(Rectification.issued_at.desc())
        .limit(1)
    )


def _write_actions(found: Rectification, form: Mapping[str, Any]) -> None:
    found.actions = [
        RectificationAction(
            position=position,
            issue_no=int(row.get("issue_no") or 0),
            action=text(row.get("action")),
            owner=text(row.get("owner")),
            finish_date=day(row.get("finish_date")),
            result=text(row.get("result")) or None,
            evidence=text(row.get("evidence")),
        )
        for position, row in enumerate(rows(form.get("actions")), 1)
    ]
