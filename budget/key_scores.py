"""The score of a key evaluation among a project's scores (score type KEY), and the self-evaluation that it starts from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.evaluations import EvaluationState, ScoreType, withdraw
from budget.tables import Evaluation, Project


def accepted(session: Session, project_id: int, score_type: ScoreType) -> Evaluation | None:
    """Return a project's accepted score of a type, the newest of several; None where there is none."""
    query = (
        select(Evaluation)
        .where(
            Evaluation.project_id == project_id,
            Evaluation.score_type == score_type,
            Evaluation.state == EvaluationState.ACCEPTED,
        )
        .order_by(Evaluation.accepted_at.desc(), Evaluation.id.desc())
    )
    return session.scalars(query).first()


def set_key_score(
    session: Session,
    instance_id: int,
    project_id: int,
    *,
    score: Decimal,
    grade: str,
    by: str,
    now: datetime,
) -> Evaluation:
    """Write the accepted score of a key evaluation; each time a new version."""
    project = session.get_one(Project, project_id)
    last = session.scalar(
        select(func.max(Evaluation.version)).where(
            Evaluation.instance_id == instance_id, Evaluation.score_type == ScoreType.KEY
        )
    )
    found = Evaluation(
        instance_id=instance_id,
        score_type=ScoreType.KEY,
        version=(last or 0) + 1,
        state=EvaluationState.ACCEPTED,
        project_id=project_id,
        unit=project.unit,
        fiscal_year=project.fiscal_year,
        activity_year=now.year,
        total=score,
        grade=grade,
        submitted_at=now,
        submitted_by=by,
        accepted_at=now,
    )
    session.add(found)
    session.flush()
    return found


def withdraw_key_score(session: Session, instance_id: int) -> None:
    """Undo :func:`set_key_score`: the version stays as a record, and counts no more."""
    withdraw(session, instance_id, ScoreType.KEY)
