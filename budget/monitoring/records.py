"""What happens to a project's monitoring record: submitted, returned, decided on, accepted; each with its way back.

Plain functions on a session, called by the process's handlers inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from budget.answers import number, text
from budget.money import fen_from_wan
from budget.monitoring.answers import MonitoringAnswers, known_causes
from budget.monitoring.codes import ACTIONS, LIGHTS, MonitorMode, RecordState
from budget.monitoring.progress import Rules
from budget.tables import (
    GoalVersion,
    MonitoringBook,
    MonitoringCheck,
    MonitoringIndicator,
    MonitoringRecord,
    Project,
)
from engine.plugins import Document

_latest = select(func.max(MonitoringRecord.version)).where(
    MonitoringRecord.instance_id == bindparam("instance")
)
_newest = (
    select(MonitoringRecord)
    .where(
        MonitoringRecord.instance_id == bindparam("instance"),
        MonitoringRecord.state != RecordState.WITHDRAWN,
    )
    .order_by(MonitoringRecord.version.desc())
    .limit(1)
)


class MonitoringError(Exception):
    """A record can't do what was asked; the text says which and why, in English."""


def note_check(
    session: Session,
    instance_id: int,
    project_id: int,
    agency: str,
    findings: Mapping[str, Any] | None,
    *,
    by: str,
    now: datetime,
) -> MonitoringCheck:
    """Write what a third party found on site (the form's answers), or with None that it handed in nothing.

    The newest record counts as monitored by a third party too, and the agency served the project.
    """
    drop_check(session, instance_id)
    check = MonitoringCheck(
        instance_id=instance_id, project_id=project_id, agency=agency, closed_at=now, closed_by=by
    )
    if findings is not None:
        check.checked_on = date.fromisoformat(str(findings["checked_on"])[:10])
        check.progress = number(findings["verified_progress"])
        check.consistent = findings["consistent"] == "YES"
        check.findings, check.problems = text(findings["findings"]), text(findings.get("problems"))
        newest(session, instance_id).mode = MonitorMode.THIRD_PARTY
    session.add(check)
    session.flush()
    return check


def drop_check(session: Session, instance_id: int) -> None:
    """Undo :func:`note_check`."""
    check = session.get(MonitoringCheck, instance_id)
    if check is not None:
        session.delete(check)
        newest(session, instance_id).mode = MonitorMode.SELF
        session.flush()


def submit(
    session: Session,
    project_id: int,
    instance_id: int,
    document: Document,
    *,
    period: str,
    as_of: date,
    goal_version: int | None,
    mode: MonitorMode,
    rules: Rules,
) -> MonitoringRecord:
    """Write a submitted form as the next version of the instance's record, with its rates and deviations.

    Amounts that can't be held raise :class:`budget.money.MoneyError`; the form's own check lets none through.
    """
    project = session.get_one(Project, project_id)
    answers = MonitoringAnswers.read(document.body, rules)
    latest = session.scalar(_latest, {"instance": instance_id})
    known = session.get(GoalVersion, goal_version) if goal_version is not None else None
    approved = {row.row_id or f"r{row.position}": row.id for row in known.indicators} if known else {}
    record = MonitoringRecord(
        project_id=project_id,
        fiscal_year=project.fiscal_year,
        instance_id=instance_id,
        period=period,
        as_of=as_of,
        version=(latest or 0) + 1,
        state=RecordState.SUBMITTED,
        goal_version_id=goal_version,
        document_version=document.version,
        document_sha256=document.sha256,
        budget_initial=fen_from_wan(answers.budget_initial or 0),
        budget_adjusted=fen_from_wan(answers.budget_adjusted or 0),
        executed=fen_from_wan(answers.executed or 0),
        forecast=fen_from_wan(answers.forecast or 0),
        work_progress=answers.work_progress,
        goal_progress=answers.goal_progress,
        money_planned=answers.plan,
        money_actual=answers.spent,
        money_deviation=answers.money_deviation(rules),
        goal_actual=answers.goal_actual,
        goal_deviation=answers.goal_deviation,
        deviation=answers.worst(rules),
        statement=answers.statement,
        measures=answers.measures,
        fund_issues=",".join(answers.fund_issues),
        excused=answers.excused,
        mode=mode,
        submitted_at=document.saved_at,
        submitted_by=document.author,
        indicators=[
            MonitoringIndicator(
                position=row.position + 1,
                indicator_id=approved.get(row.row_id),
                row_id=row.row_id,
                name=row.name,
                level1=row.level1,
                target=row.target,
                unit=row.unit or None,
                direction=row.direction,
                actual=row.actual,
                actual_value=row.value,
                completion=row.completion,
                planned=row.planned,
                deviation=row.deviation,
                forecast=row.forecast,
                causes=",".join(known_causes(row.causes)),
                cause_note=row.cause_note,
                likelihood=row.likelihood,
                remark=row.remark,
            )
            for row in answers.rows
        ],
        books=[
            MonitoringBook(book=book, executed=fen_from_wan(amount))
            for book, amount in answers.books.items()
            if amount is not None
        ],
    )
    session.add(record)
    session.flush()
    return record


def newest(session: Session, instance_id: int) -> MonitoringRecord:
    """Return the newest record of an instance that was not withdrawn; raises :class:`MonitoringError` without one."""
    record = session.scalar(_newest, {"instance": instance_id})
    if record is None:
        raise MonitoringError(f"nothing was reported in instance {instance_id}")
    return record


def change_state(session: Session, instance_id: int, state: RecordState) -> MonitoringRecord:
    """Set what the newest record is: returned, accepted, submitted again, withdrawn."""
    record = newest(session, instance_id)
    record.state = state
    session.flush()
    return record


def decide(session: Session, instance_id: int, verdict: Mapping[str, Any] | None) -> MonitoringRecord:
    """Write the light and the action on which D03 decided (its words), or take them back with None.

    Raises KeyError for a word that is none of the table's.
    """
    record = newest(session, instance_id)
    if verdict is None:
        record.light = record.action = None
    else:
        record.light, record.action = LIGHTS[text(verdict["light"])], ACTIONS[text(verdict["action"])]
    session.flush()
    return record


def erase(session: Session, instance_id: int) -> None:
    """Forget what was reported of a project that turned out to be secret (domain §6.4)."""
    for record in session.scalars(
        select(MonitoringRecord).where(MonitoringRecord.instance_id == instance_id)
    ):
        session.delete(record)
    session.flush()
