"""What happens to a project's goal: opened, submitted, returned, frozen under a number, rejected.

These are the records' side of the process ``goal_declaration``: plain functions on a session, called by its
handlers inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from budget import similarity
from budget.answers import GoalAnswers, IndicatorRow
from budget.codes import FundBook, GoalState, VersionState
from budget.money import fen_from_wan
from budget.quality import reason_for
from budget.quality.thresholds import Thresholds
from budget.tables import (
    Counter,
    ExpenseItem,
    FundSource,
    Goal,
    GoalVersion,
    Indicator,
    Milestone,
    Project,
    QualityResult,
)
from engine.plugins import Document, Finding

#: The pattern of an approved goal's number where a profile gives none: year and running number, 2027-001.
NUMBER_PATTERN = "{fiscal_year}-{number:03d}"

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


_goal = select(Goal).where(Goal.project_id == bindparam("project"))
_latest = select(func.max(GoalVersion.version)).where(GoalVersion.goal_id == bindparam("goal"))
_newest = (
    select(GoalVersion)
    .join(Goal)
    .where(Goal.project_id == bindparam("project"), GoalVersion.state != VersionState.WITHDRAWN)
    .order_by(GoalVersion.version.desc())
    .limit(1)
)
_approved = (
    select(GoalVersion)
    .join(Goal)
    .where(Goal.project_id == bindparam("project"), GoalVersion.state == VersionState.FROZEN)
    .order_by(GoalVersion.version.desc())
    .limit(1)
)
_counters = Counter.__table__.c
#: A series begins with 1; each further number is one more.
_COUNT = {
    kind.__name__.rpartition(".")[2]: kind.insert(Counter.__table__)
    .values(name=bindparam("name"), last=1)
    .on_conflict_do_update(index_elements=[_counters.name], set_={"last": _counters.last + 1})
    .returning(_counters.last)
    for kind in (sqlite, postgresql)
}


class GoalError(Exception):
    """A goal can't do what was asked in the state it is in; the text says which goal and why, in English."""


def goal_of(session: Session, project_id: int) -> Goal:
    """Return the project's goal; raises :class:`GoalError` where there is none."""
    goal = session.scalar(_goal, {"project": project_id})
    if goal is None:
        raise GoalError(f"project {project_id} has no goal")
    return goal


def open_goal(session: Session, project_id: int, instance_id: int | None, now: datetime) -> Goal:
    """Begin a project's goal, or begin it again after it was withdrawn or rejected.

    ``instance_id`` is None for a goal that was approved before the county used this system. Raises
    :class:`GoalError` for an unknown project, and where another instance works on it.
    """
    if session.get(Project, project_id) is None:
        raise GoalError(f"there is no project {project_id}")
    goal = session.scalar(_goal, {"project": project_id})
    if goal is None:
        goal = Goal(project_id=project_id, instance_id=instance_id, opened_at=now)
        session.add(goal)
    elif goal.state not in (GoalState.WITHDRAWN, GoalState.REJECTED):
        raise GoalError(f"the goal of project {project_id} is worked on by instance {goal.instance_id}")
    goal.instance_id = instance_id
    goal.state = GoalState.DRAFTING
    goal.round = 1
    goal.grade = None
    goal.changed_at = now
    session.flush()
    return goal


def change_state(session: Session, project_id: int, state: GoalState, now: datetime) -> Goal:
    """Set where the goal is: rejected, handled offline, withdrawn, submitted."""
    goal = goal_of(session, project_id)
    goal.state = state
    goal.changed_at = now
    session.flush()
    return goal


def return_goal(session: Session, project_id: int, now: datetime) -> int:
    """Send the goal back to its unit and return the number of the round that begins."""
    goal = change_state(session, project_id, GoalState.RETURNED, now)
    goal.round += 1
    session.flush()
    return goal.round


def mark_overdue(session: Session, project_id: int, now: datetime) -> None:
    """Note that the deadline passed before the goal was submitted; nothing is submitted for the unit."""
    goal = goal_of(session, project_id)
    if goal.overdue_at is None:
        goal.overdue_at = now
        session.flush()


def handle_offline(session: Session, project_id: int, now: datetime) -> None:
    """Keep of a secret goal only that it was handled offline: its versions are erased (domain §6.4)."""
    goal = change_state(session, project_id, GoalState.OFFLINE, now)
    goal.versions.clear()
    similarity.GOALS.forget(session, project_id)
    session.flush()


def submit(
    session: Session,
    project_id: int,
    document: Document,
    findings: Sequence[Finding],
    thresholds: Thresholds,
    now: datetime,
) -> GoalVersion:
    """Write a submitted form as a version of the goal with its typed rows and what the checks found.

    ``findings`` are those of the same document. Amounts that can't be held raise
    :class:`budget.money.MoneyError`; the form's own check lets none through.
    """
    goal = change_state(session, project_id, GoalState.SUBMITTED, now)
    return _write(session, goal, document, findings, thresholds)


def adjust(
    session: Session,
    project_id: int,
    *,
    document: Document,
    findings: Sequence[Finding],
    thresholds: Thresholds,
    by: str,
    now: datetime,
) -> GoalVersion:
    """Freeze an adjusted goal as the next version under the same number (88号 §28, S4-05); the one before stays.

    ``document`` holds the whole goal form with what was adjusted. Raises :class:`GoalError` where no goal is approved.
    """
    goal = goal_of(session, project_id)
    if goal.state != GoalState.APPROVED:
        raise GoalError(f"the goal of project {project_id} is not approved")
    version = _write(session, goal, document, findings, thresholds)
    version.state = VersionState.FROZEN
    version.number = goal.number
    version.frozen_at = now
    version.frozen_by = by
    version.snapshot = _encode(document.body).decode()
    goal.changed_at = now
    session.flush()
    return version


def _write(
    session: Session, goal: Goal, document: Document, findings: Sequence[Finding], thresholds: Thresholds
) -> GoalVersion:
    answers = GoalAnswers.read(document.body)
    latest = session.scalar(_latest, {"goal": goal.id})
    version = GoalVersion(
        goal_id=goal.id,
        version=(latest or 0) + 1,
        round=goal.round,
        state=VersionState.SUBMITTED,
        document_version=document.version,
        document_sha256=document.sha256,
        goal_annual=answers.goal_annual,
        goal_longterm=answers.goal_longterm or None,
        total_amount=fen_from_wan(answers.total_amount or 0),
        annual_amount=fen_from_wan(answers.annual_amount or 0),
        submitted_at=document.saved_at,
        submitted_by=document.author,
        indicators=[_indicator(position, row) for position, row in enumerate(answers.indicators, 1)],
        funds=_funds(answers),
        expenses=[
            ExpenseItem(
                position=position, name=row.name, amount=fen_from_wan(row.amount or 0), basis=row.basis
            )
            for position, row in enumerate(answers.expenses, 1)
        ],
        milestones=[
            Milestone(position=position, content=row.content, start_date=row.start, end_date=row.end)
            for position, row in enumerate(answers.milestones, 1)
        ],
        quality=[
            QualityResult(
                position=position,
                code=finding.code,
                severity=finding.severity,
                field=finding.field,
                message_zh=finding.message["zh"],
                message_en=finding.message["en"],
                reason=reason_for(finding, answers, thresholds),
            )
            for position, finding in enumerate(findings, 1)
        ],
    )
    session.add(version)
    session.flush()
    similarity.GOALS.keep(session, goal.project, answers.goal_annual)
    return version


def _funds(answers: GoalAnswers) -> list[FundSource]:
    amounts: Mapping[FundBook, Decimal | None] = answers.funds
    return [FundSource(book=book, amount=fen_from_wan(amount)) for book, amount in amounts.items() if amount]


def _indicator(position: int, row: IndicatorRow) -> Indicator:
    return Indicator(
        position=position,
        row_id=row.row_id,
        level1=row.level1,
        level2=row.level2,
        level3_name=row.name,
        nature=row.nature,
        operator=row.operator,
        target_value=row.value if row.is_quantitative else None,
        target_value_max=row.value_max,
        target_text=row.target,
        unit=row.unit or None,
        direction=row.direction,
        longterm_target=row.longterm or None,
        weight_score=row.weight,
        formula=row.formula or None,
        standard_source=row.standard_source or None,
        standard_note=row.standard_note or None,
        evidence_required=row.evidence or None,
        last_year_actual=row.last_year_actual,
        library_id=row.library_id or None,
    )


def newest(session: Session, project_id: int) -> GoalVersion:
    """Return the newest version that was not withdrawn; raises :class:`GoalError` where there is none."""
    version = session.scalar(_newest, {"project": project_id})
    if version is None:
        raise GoalError(f"no goal of project {project_id} was submitted")
    return version


def approved_version(session: Session, project_id: int | None) -> GoalVersion | None:
    """Return the newest approved version of a project's goal, None where it has none."""
    return session.scalar(_approved, {"project": project_id})


def withdraw_submission(session: Session, project_id: int, now: datetime) -> None:
    """Take back the newest submitted version: it stays as a record, and counts no more."""
    newest(session, project_id).state = VersionState.WITHDRAWN
    change_state(session, project_id, GoalState.DRAFTING, now)


def freeze(
    session: Session,
    project_id: int,
    *,
    document: Document,
    grade: str,
    pattern: str,
    by: str,
    now: datetime,
) -> GoalVersion:
    """Approve the newest submitted version: it gets the year's next number and a snapshot, and stays so.

    ``document`` must be the one that the version was read from. Raises :class:`GoalError` where it is not, or
    where the goal is approved already.
    """
    goal = goal_of(session, project_id)
    version = newest(session, project_id)
    if goal.state == GoalState.APPROVED:
        raise GoalError(f"the goal of project {project_id} is approved already as {goal.number}")
    if version.document_sha256 != document.sha256:
        raise GoalError(f"the submitted version of project {project_id} is not the document to be approved")
    year = goal.project.fiscal_year
    number = pattern.format(
        fiscal_year=year,
        number=next_number(session, f"goal-{year}"),
        section=goal.project.section,
        unit=goal.project.unit,
    )
    version.state = VersionState.FROZEN
    version.number = goal.number = number
    version.frozen_at = now
    version.frozen_by = by
    version.snapshot = _encode(document.body).decode()
    goal.state = GoalState.APPROVED
    goal.grade = grade
    goal.changed_at = now
    session.flush()
    return version


def thaw(session: Session, project_id: int, now: datetime) -> None:
    """Undo an approval: the version keeps its number as revoked, and the number is not given out again."""
    goal = goal_of(session, project_id)
    version = newest(session, project_id)
    if goal.state != GoalState.APPROVED or version.state != VersionState.FROZEN:
        raise GoalError(f"the goal of project {project_id} is not approved")
    version.state = VersionState.REVOKED
    goal.state = GoalState.SUBMITTED
    goal.number = goal.grade = None
    goal.changed_at = now
    session.flush()


def snapshot(version: GoalVersion) -> Mapping[str, Any]:
    """Return the form as it was approved; empty where the version was not."""
    body: Mapping[str, Any] = _decode(version.snapshot) if version.snapshot else {}
    return body


def next_number(session: Session, series: str) -> int:
    """Return the next number of a series, without gaps as long as the transactions commit."""
    number: int = session.execute(_COUNT[session.get_bind().dialect.name], {"name": series}).scalar_one()
    return number
