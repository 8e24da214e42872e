"""What follows from evaluations: the facts that D04 decides by, the proposed money, the decision, next year's figures.

The records' side of the process ``result_application`` (P14): plain functions on a session, called by its handlers inside
the command's transaction. None commits. Amounts are integers of 分.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind, CaseState
from budget.evaluations import EvaluationState, ScoreType
from budget.key_scores import accepted
from budget.money import round_half_up
from budget.quality.score import Rules, unit_scores
from budget.rectification import RectificationState
from budget.result_codes import Action, Rectified, ResultState
from budget.tables import (
    BudgetControl,
    Case,
    Evaluation,
    KeyEvaluation,
    Project,
    Rectification,
    ResultApplication,
    Unit,
)

#: Rectifications that count neither as open nor as failed.
_VOID = (RectificationState.CANCELLED, RectificationState.OFFLINE)


class ResultError(Exception):
    """The application of a result can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a project's year: whose score counts, how its rectification stands, and what speaks against it.

    ``refused`` is that the unit did not evaluate itself at all, or refused to cooperate to the end (S4-20); ``quality`` is
    the unit's score for its declarations of the year (S2-17), ``unspent`` the money in 分 that the accepted self-evaluation
    left over; both None where they are not known.
    """

    score_type: str | None
    score: Decimal | None
    grade: str | None
    rectified: Rectified
    refused: bool
    ineffective: bool
    unspent: int | None
    quality: Decimal | None


def facts(session: Session, project_id: int, rules: Rules) -> Facts:
    """Return what is known of a project's year; the key evaluation counts before the unit's own.

    ``rules`` are those of the unit's quality score.
    """
    project = session.get_one(Project, project_id)
    own = accepted(session, project_id, ScoreType.SELF)
    counting = accepted(session, project_id, ScoreType.KEY) or own
    key = session.scalars(
        select(KeyEvaluation)
        .where(KeyEvaluation.project_id == project_id, KeyEvaluation.score.is_not(None))
        .order_by(KeyEvaluation.finalized_at.desc())
    ).first()
    unspent = None
    if own is not None and own.budget_full is not None and own.executed is not None:
        unspent = max(0, own.budget_full - own.executed)
    return Facts(
        score_type=counting.score_type if counting is not None else None,
        score=counting.total if counting is not None else None,
        grade=counting.grade if counting is not None else None,
        rectified=_rectified(session, project_id),
        refused=counting is None or (key is not None and key.refused),
        ineffective=key is not None and key.ineffective,
        unspent=unspent,
        quality=unit_scores(session, project.fiscal_year, rules, project.unit).get(project.unit),
    )


def _rectified(session: Session, project_id: int) -> Rectified:
    query = select(Rectification.state).where(
        Rectification.project_id == project_id, Rectification.state.not_in(_VOID)
    )
    states = set(session.scalars(query))
    if states & {RectificationState.FAILED, RectificationState.TRANSFERRED}:
        return Rectified.FAILED
    if states - {RectificationState.CLOSED}:
        return Rectified.OPEN
    return Rectified.CLOSED if states else Rectified.NONE


def cohort(session: Session, fiscal_year: int) -> Sequence[tuple[Project, Unit]]:
    """Return a year's projects that were evaluated or should have evaluated themselves and did not, without decided ones.

    Secret projects and units stay out: nothing about them is decided here.
    """
    evaluated = select(Evaluation.project_id).where(
        Evaluation.fiscal_year == fiscal_year,
        Evaluation.state == EvaluationState.ACCEPTED,
        Evaluation.score_type.in_((ScoreType.SELF, ScoreType.KEY)),
        Evaluation.project_id.is_not(None),
    )
    missing = select(Case.project_id).where(
        Case.kind == CaseKind.SELF_EVALUATION,
        Case.fiscal_year == fiscal_year,
        Case.overdue_at.is_not(None),
        Case.submitted_at.is_(None),
        Case.project_id.is_not(None),
    )
    decided = select(Case.project_id).where(
        Case.kind == CaseKind.RESULT,
        Case.fiscal_year == fiscal_year,
        Case.state != CaseState.WITHDRAWN,
        Case.project_id.is_not(None),
    )
    query = (
        select(Project, Unit)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == fiscal_year,
            ~Project.secret_flag,
            ~Unit.secret_flag,
            or_(Project.id.in_(evaluated), Project.id.in_(missing)),
            Project.id.not_in(decided),
        )
        .order_by(Project.unit, Project.id)
    )
    return [(project, unit) for project, unit in session.execute(query)]


def proposed_delta(action: Action, base: int, cut_share: Decimal, unspent: int | None) -> int:
    """Return by how much next year's money changes: a cut by the share in percent, nothing left where it is cancelled.

    Reclaimed is what was left over, or the share of a cut where that is not known; never more than there is.
    """
    cut = -int(round_half_up(Decimal(base) * cut_share / 100, 0))
    if action in (Action.CANCEL, Action.REFUSE):
        return -base
    if action is Action.CUT:
        return cut
    if action is Action.RECLAIM:
        return cut if unspent is None else -min(base, unspent)
    return 0


def open_result(
    session: Session, instance_id: int, project_id: int, known: Facts, now: datetime
) -> ResultApplication:
    """Begin the application of a project's result; one that the instance began before begins again.

    The money is reckoned from what the same project has in the year in which that is decided.
    """
    drop(session, instance_id)
    project = session.get_one(Project, project_id)
    found = ResultApplication(
        instance_id=instance_id,
        project_id=project_id,
        fiscal_year=project.fiscal_year,
        score_type=known.score_type,
        score=known.score,
        grade=known.grade,
        rectified=known.rectified,
        quality=known.quality,
        base_amount=_in_year(session, project, now.year).annual_amount,
        state=ResultState.OPEN,
        opened_at=now,
    )
    session.add(found)
    session.flush()
    return found


def _in_year(session: Session, project: Project, year: int) -> Project:
    """Return the project as it is continued up to a year: itself, where nothing continues it."""
    while True:
        query = select(Project).where(Project.previous_id == project.id, Project.fiscal_year <= year)
        later = session.scalars(query.order_by(Project.id)).first()
        if later is None:
            return project
        project = later


def result_of(session: Session, instance_id: int) -> ResultApplication:
    """Return the application of an instance; raises :class:`ResultError` where it has none."""
    found = session.get(ResultApplication, instance_id)
    if found is None:
        raise ResultError(f"instance {instance_id} applies no result")
    return found


def drop(session: Session, instance_id: int) -> None:
    """Remove what an instance began, where it did."""
    found = session.get(ResultApplication, instance_id)
    if found is not None:
        session.delete(found)
        session.flush()


def propose(session: Session, instance_id: int, action: Action | None, delta: int | None) -> None:
    """Note what D04 proposes; None takes it back."""
    found = result_of(session, instance_id)
    found.proposed_action, found.proposed_delta = action, delta
    session.flush()


def decide(session: Session, instance_id: int, action: Action | None, delta: int | None, reason: str) -> None:
    """Note what was decided and that the unit is told; None takes it back."""
    found = result_of(session, instance_id)
    found.action, found.delta, found.reason = action, delta, reason or None
    found.state = ResultState.NOTIFIED if action is not None else ResultState.OPEN
    session.flush()


def close(
    session: Session, instance_id: int, state: ResultState, now: datetime | None, **values: Any
) -> None:
    """Note how it ended (``now`` None: not yet), with further columns."""
    found = result_of(session, instance_id)
    found.state, found.closed_at = state, now
    for name, value in values.items():
        setattr(found, name, value)
    session.flush()


def set_control(session: Session, instance_id: int, now: datetime) -> BudgetControl:
    """Write next year's control figure out of what was decided: the year after the one in which it is decided.

    What is evaluated in a year is mostly the year before; its result counts for the budget that is made then.
    """
    result = result_of(session, instance_id)
    if result.delta is None:
        raise ResultError(f"instance {instance_id} has decided nothing")
    year = max(result.fiscal_year, now.year) + 1
    found = session.scalar(
        select(BudgetControl).where(
            BudgetControl.fiscal_year == year, BudgetControl.project_id == result.project_id
        )
    )
    if found is None:
        found = BudgetControl(fiscal_year=year, project_id=result.project_id)
        session.add(found)
    found.base_amount, found.delta = result.base_amount, result.delta
    found.amount = result.base_amount + result.delta
    found.instance_id, found.applied_at = instance_id, now
    session.flush()
    return found


def unset_control(session: Session, instance_id: int) -> None:
    """Undo :func:`set_control`."""
    session.execute(delete(BudgetControl).where(BudgetControl.instance_id == instance_id))
    session.flush()
