"""Key evaluations as records: opened, assigned, planned, drafted, final; the process's handlers call these.

The functions work on a session inside the command's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from budget.cases import case_of
from budget.key_codes import Evaluator, KeyState, Reply, ServiceKind
from budget.ledger import LedgerEvent, enter, settle
from budget.tables import (
    AgencyService,
    KeyEvaluation,
    KeyIndicator,
    KeyIssue,
    KeySurvey,
    LedgerEntry,
    Project,
    WorkingPaper,
)
from engine.calendar import ZONE


class KeyEvaluationError(Exception):
    """A key evaluation can't do what was asked; the text says which and why, in English."""


def open_evaluation(
    session: Session, instance_id: int, project_id: int, fiscal_year: int, now: datetime
) -> KeyEvaluation:
    """Begin a key evaluation of a project; one that was begun by the instance before begins again."""
    drop(session, instance_id)
    found = KeyEvaluation(
        instance_id=instance_id,
        project_id=project_id,
        fiscal_year=fiscal_year,
        state=KeyState.PREPARING,
        opened_at=now,
    )
    session.add(found)
    session.flush()
    return found


def evaluation_of(session: Session, instance_id: int) -> KeyEvaluation:
    """Return the evaluation of an instance; raises :class:`KeyEvaluationError` where it has none."""
    found = session.get(KeyEvaluation, instance_id)
    if found is None:
        raise KeyEvaluationError(f"instance {instance_id} has no key evaluation")
    return found


def drop(session: Session, instance_id: int) -> None:
    """Remove an evaluation with all that hangs on it, where there is one."""
    found = session.get(KeyEvaluation, instance_id)
    if found is not None:
        session.delete(found)
        session.flush()


def assign(
    session: Session,
    instance_id: int,
    *,
    evaluator: Evaluator,
    agency: str | None,
    leader: str,
    due_at: datetime,
) -> KeyEvaluation:
    """Note who evaluates, and by when the draft is due."""
    found = evaluation_of(session, instance_id)
    found.evaluator, found.agency, found.leader = evaluator, agency, leader
    found.due_at = due_at
    session.flush()
    return found


def set_plan(session: Session, instance_id: int, plan: Mapping[str, Any]) -> None:
    """Write the methods and the indicator system of an approved plan (form ``key_plan``)."""
    found = evaluation_of(session, instance_id)
    found.methods = ",".join(plan["methods"])
    found.state = KeyState.PLANNED
    found.indicators = [
        KeyIndicator(
            position=number,
            level1=row["level1"],
            level2=row["level2"],
            level3=row["level3"],
            points=Decimal(row["points"]),
        )
        for number, row in enumerate(plan["indicators"])
    ]
    session.flush()


def unset_plan(session: Session, instance_id: int) -> None:
    """Undo :func:`set_plan`."""
    found = evaluation_of(session, instance_id)
    found.methods, found.indicators = "", []
    found.state = KeyState.PREPARING
    session.flush()


def set_papers(session: Session, instance_id: int, papers: Mapping[str, Any]) -> None:
    """Write the register of working papers and of the questionnaires (form ``key_papers``)."""
    found = evaluation_of(session, instance_id)
    found.papers = [
        WorkingPaper(
            position=number,
            type=row["type"],
            held_on=date.fromisoformat(row["held_on"]),
            subject=row["subject"],
            content=row["content"],
            evidence=row.get("evidence") or "",
        )
        for number, row in enumerate(papers.get("papers") or ())
    ]
    if found.survey is not None:
        found.survey = None
        session.flush()
    if papers.get("surveyed") is True:
        served = papers.get("served")
        found.survey = KeySurvey(
            issued=int(papers["issued"]),
            returned=int(papers["returned"]),
            valid=int(papers["valid"]),
            served=None if served is None else int(served),
            satisfaction=Decimal(papers["satisfaction"]),
            method=papers["survey_method"],
        )
    session.flush()


def unset_papers(session: Session, instance_id: int) -> None:
    """Undo :func:`set_papers`."""
    set_papers(session, instance_id, {})


def set_scores(session: Session, instance_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the score of each indicator; the rows stand in the order of the plan."""
    for indicator, row in zip(evaluation_of(session, instance_id).indicators, rows, strict=True):
        indicator.score = Decimal(row["score"])
        indicator.missing = row.get("missing") is True
        indicator.basis = row.get("basis") or ""
    session.flush()


def unset_scores(session: Session, instance_id: int) -> None:
    """Undo :func:`set_scores`."""
    for indicator in evaluation_of(session, instance_id).indicators:
        indicator.score, indicator.missing, indicator.basis = None, False, ""
    session.flush()


def refuse(
    session: Session,
    instance_id: int,
    *,
    happened_on: date,
    facts: str,
    persists: bool,
    now: datetime,
) -> LedgerEntry:
    """Enter into the ledger that the unit did not cooperate (S1-17); it is settled unless it ``persists``."""
    evaluation_of(session, instance_id).refused = persists
    since = datetime.combine(happened_on, time(), ZONE)
    what = f"重点评价中单位不配合：{facts}"
    entry = enter(session, case_of(session, instance_id), LedgerEvent.REFUSED, what, since=since, now=now)
    if not persists:
        settle(session, instance_id, LedgerEvent.REFUSED, now)
    return entry


def unrefuse(session: Session, instance_id: int, happened_on: date) -> None:
    """Undo :func:`refuse` of that day."""
    evaluation_of(session, instance_id).refused = False
    session.execute(
        delete(LedgerEntry).where(
            LedgerEntry.instance_id == instance_id,
            LedgerEntry.event == LedgerEvent.REFUSED,
            LedgerEntry.since == datetime.combine(happened_on, time(), ZONE),
        )
    )
    session.flush()


def finalize(
    session: Session,
    instance_id: int,
    *,
    score: Decimal,
    grade: str,
    issues: Sequence[Mapping[str, Any]],
    ineffective: bool,
    loose_over: Decimal,
    now: datetime,
) -> KeyEvaluation:
    """Write the final score, grade and problems; a self-evaluation more than ``loose_over`` points higher is 偏松.

    The third party's work counts as a service for the project from now on.
    """
    found = evaluation_of(session, instance_id)
    found.score, found.grade, found.finalized_at = score, grade, now
    found.ineffective = ineffective
    found.loose = found.self_score is not None and found.self_score - score > loose_over
    found.state = KeyState.FINALIZED
    found.issues = [
        KeyIssue(position=number, content=row["content"], suggestion=row.get("suggestion") or "")
        for number, row in enumerate(issues)
    ]
    if found.agency is not None:
        record_service(
            session,
            found.agency,
            found.project_id,
            ServiceKind.EVALUATE,
            now.date(),
            f"instance {instance_id}",
        )
    session.flush()
    return found


def unfinalize(session: Session, instance_id: int) -> KeyEvaluation:
    """Undo :func:`finalize`."""
    found = evaluation_of(session, instance_id)
    found.score = found.grade = found.finalized_at = None
    found.loose, found.ineffective, found.issues = False, False, []
    found.state = KeyState.DRAFTED
    session.execute(delete(AgencyService).where(AgencyService.note == f"instance {instance_id}"))
    session.flush()
    return found


def abort(session: Session, instance_id: int) -> None:
    """Note that the evaluation ends without a result."""
    evaluation_of(session, instance_id).state = KeyState.ABORTED
    session.flush()


def replied(session: Session, instance_id: int, reply: Reply | None) -> None:
    """Note what the unit said to the draft report; None takes it back."""
    evaluation_of(session, instance_id).reply = reply
    session.flush()


def record_service(
    session: Session, agency: str, project_id: int, kind: ServiceKind, served_on: date, note: str = ""
) -> AgencyService:
    """Note that a third party did something for a project."""
    service = AgencyService(agency=agency, project_id=project_id, kind=kind, served_on=served_on, note=note)
    session.add(service)
    session.flush()
    return service


def services(session: Session, most: int) -> Sequence[AgencyService]:
    """Return what third parties did, the newest ``most`` records."""
    query = (
        select(AgencyService).order_by(AgencyService.served_on.desc(), AgencyService.id.desc()).limit(most)
    )
    return session.scalars(query).all()


def conflicts(
    session: Session, project_id: int, today: date, years: int
) -> Mapping[str, Sequence[AgencyService]]:
    """Return the third parties that advised on a project, or on the same project of other years, in the last ``years``.

    Who advised may not evaluate (domain §3.4, §6.5). The services of each stand newest first.
    """
    line = _years_of(session, project_id)
    since = today.replace(year=today.year - years, day=min(today.day, 28))
    query = (
        select(AgencyService)
        .where(
            AgencyService.project_id.in_(line),
            AgencyService.kind == ServiceKind.CONSULT,
            AgencyService.served_on >= since,
        )
        .order_by(AgencyService.served_on.desc(), AgencyService.id)
    )
    found: dict[str, list[AgencyService]] = {}
    for service in session.scalars(query):
        found.setdefault(service.agency, []).append(service)
    return found


def _years_of(session: Session, project_id: int) -> set[int]:
    """Return the project's rows of all years: what it continues, and what continues it."""
    found: set[int] = set()
    wanted = {project_id}
    while wanted:
        found |= wanted
        query = select(Project.id, Project.previous_id).where(
            or_(Project.id.in_(wanted), Project.previous_id.in_(wanted))
        )
        near = {one for row in session.execute(query) for one in row if one is not None}
        wanted = near - found
    return found
