"""What happens to evaluations: prefilled from the approved goal, submitted, accepted, reviewed.

Plain functions on a session, called by the handlers inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import similarity
from budget.codes import Code, Level1, Operator
from budget.evaluation_answers import EvaluationAnswers, EvaluationRow, method_of
from budget.goals import approved_version
from budget.money import fen_from_wan
from budget.quality.table_checks import level_of_points
from budget.tables import (
    Case,
    Evaluation,
    EvaluationCheck,
    EvaluationPoint,
    GoalVersion,
    Indicator,
    Project,
)
from engine.plugins import Document, Finding

_HUNDREDTH = Decimal("0.01")
_SIGNS: Mapping[str, str] = {
    Operator.GE: "≥",
    Operator.GT: ">",
    Operator.LE: "≤",
    Operator.LT: "<",
    Operator.EQ: "=",
}
#: Levels that a weight profile may score beside the goal's own indicators, as one row each (V9).
_ADDED = {
    "DECISION": "项目立项、目标申报和预算编制规范",
    "MANAGEMENT": "资金管理和组织实施规范",
}


class ScoreType(Code):
    """Whose score it is (domain T8)."""

    SELF = ("SELF", "自评分", "self-evaluation")
    REVIEW = ("REVIEW", "复核分", "review")
    MONITOR = ("MONITOR", "监控评分", "monitoring")
    KEY = ("KEY", "重点评价分", "key evaluation")


class EvaluationState(Code):
    """What a version of an evaluation is."""

    SUBMITTED = ("SUBMITTED", "已提交", "submitted")
    WITHDRAWN = ("WITHDRAWN", "已撤回", "withdrawn")
    ACCEPTED = ("ACCEPTED", "已确认", "accepted")


class EvaluationError(Exception):
    """An evaluation can't do what was asked; the text says which and why, in English."""


def rows_of(version: GoalVersion, basis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the table of a self-evaluation as the clerk finds it: an approved indicator a row, with its points.

    ``basis`` is what the decision D11 says. Where the goal gives points they stay; otherwise each level's points
    are spread evenly over its indicators, and those of a level without indicators over the other levels.
    """
    given = {row.row_id: row.weight_score for row in version.indicators}
    if any(weight is None for weight in given.values()):
        given = _spread(version.indicators, basis)
    rows = [
        {
            "_row": row.row_id,
            "level1": row.level1,
            "level2": row.level2,
            "name": row.level3_name,
            "method": str(method_of(row)),
            "target": target_of(row),
            "target_value": row.target_value,
            "target_upper": row.target_value_max,
            "weight": given[row.row_id],
        }
        for row in version.indicators
    ]
    for level, name in _ADDED.items():
        if basis.get(level):
            rows.append(
                {
                    "_row": level.lower(),
                    "level1": level,
                    "level2": "",
                    "name": name,
                    "method": "QUAL",
                    "target": "规范",
                    "target_value": None,
                    "target_upper": None,
                    "weight": Decimal(basis[level]),
                }
            )
    return rows


def target_of(row: Indicator) -> str:
    """Return a target as it is read: ≥96.5公里."""
    unit = row.unit or ""
    if row.operator == Operator.RANGE and row.target_value_max is not None:
        return f"{row.target_text}–{row.target_value_max:f}{unit}"
    return f"{_SIGNS.get(row.operator, '')}{row.target_text}{unit}"


def _spread(indicators: Sequence[Indicator], basis: Mapping[str, Any]) -> dict[str, Decimal | None]:
    weights = {str(level): Decimal(basis.get(level) or 0) for level in Level1 if basis.get(level)}
    by_level: dict[str, list[str]] = {}
    for row in indicators:
        by_level.setdefault(level_of_points(row.level1, weights), []).append(row.row_id)
    there = {level: weights.get(level, Decimal(0)) for level in by_level}
    whole = sum(there.values(), Decimal(0))
    to_give = sum(weights.values(), Decimal(0))
    shares = _parts(to_give, list(there.values()) if whole else [Decimal(1)] * len(there))
    spread: dict[str, Decimal | None] = {}
    for ids, share in zip(by_level.values(), shares, strict=True):
        spread |= dict(zip(ids, _parts(share, [Decimal(1)] * len(ids)), strict=True))
    return spread


def _parts(total: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """Return ``total`` in parts by their shares to two places; what is left over goes to the first parts."""
    whole = sum(shares, Decimal(0))
    parts = [(total * share / whole).quantize(_HUNDREDTH, ROUND_DOWN) for share in shares]
    over = int((total - sum(parts, Decimal(0))) / _HUNDREDTH)
    for index in range(over):
        parts[index % len(parts)] += _HUNDREDTH
    return parts


def submit(
    session: Session,
    *,
    instance_id: int,
    project: Project,
    activity_year: int,
    weight_profile: str,
    document: Document,
    findings: Iterable[tuple[Finding, str | None]],
    forced: bool,
) -> Evaluation:
    """Write a submitted form (F4) as a version with the points of each row; ``findings`` with the reasons given."""
    answers = EvaluationAnswers.read(document.body)
    if answers.total is None or not answers.grade:
        raise EvaluationError(f"the self-evaluation of project {project.id} has no total")
    goal = approved_version(session, project.id)
    evaluation = Evaluation(
        instance_id=instance_id,
        score_type=ScoreType.SELF,
        version=_next(session, instance_id, ScoreType.SELF),
        state=EvaluationState.SUBMITTED,
        project_id=project.id,
        unit=project.unit,
        fiscal_year=project.fiscal_year,
        activity_year=activity_year,
        goal_version_id=goal.id if goal is not None else None,
        weight_profile=weight_profile,
        budget_initial=fen_from_wan(answers.budget_initial or 0),
        budget_full=fen_from_wan(answers.budget_full or 0),
        executed=fen_from_wan(answers.executed or 0),
        execution_points=answers.execution_points,
        total=answers.total,
        grade=answers.grade,
        goal_actual=answers.goal_actual,
        problems=answers.problems,
        improvement=answers.improvement,
        forced=forced,
        submitted_at=document.saved_at,
        submitted_by=document.author,
        points=[_point(position, row) for position, row in enumerate(answers.indicators, 1)],
        checks=[
            EvaluationCheck(
                position=position,
                code=finding.code,
                severity=finding.severity,
                field=finding.field,
                message_zh=finding.message["zh"],
                message_en=finding.message["en"],
                reason=reason,
            )
            for position, (finding, reason) in enumerate(findings, 1)
        ],
    )
    session.add(evaluation)
    session.flush()
    similarity.EVALUATIONS.keep(session, project, answers.goal_actual)
    return evaluation


def _point(position: int, row: EvaluationRow) -> EvaluationPoint:
    return EvaluationPoint(
        position=position,
        row_id=row.row_id,
        level1=row.level1,
        level2=row.level2,
        name=row.name,
        method=row.method,
        target=row.target,
        actual=row.actual,
        band=row.band or None,
        weight=row.weight or Decimal(0),
        suggested=row.suggested,
        points=row.points or Decimal(0),
        cause=row.cause,
        evidence=row.evidence,
    )


def _next(session: Session, instance_id: int, score_type: ScoreType) -> int:
    last = session.scalar(
        select(func.max(Evaluation.version)).where(
            Evaluation.instance_id == instance_id, Evaluation.score_type == score_type
        )
    )
    return (last or 0) + 1


def newest(session: Session, instance_id: int, score_type: ScoreType = ScoreType.SELF) -> Evaluation:
    """Return an instance's newest version that was not withdrawn; raises :class:`EvaluationError` without one."""
    found = session.scalar(
        select(Evaluation)
        .where(
            Evaluation.instance_id == instance_id,
            Evaluation.score_type == score_type,
            Evaluation.state != EvaluationState.WITHDRAWN,
        )
        .order_by(Evaluation.version.desc())
        .limit(1)
    )
    if found is None:
        raise EvaluationError(f"instance {instance_id} has no {score_type} score")
    return found


def withdraw(session: Session, instance_id: int, score_type: ScoreType = ScoreType.SELF) -> None:
    """Take back the newest version: it stays as a record, and counts no more."""
    taken_back = newest(session, instance_id, score_type)
    taken_back.state = EvaluationState.WITHDRAWN
    if score_type == ScoreType.SELF and taken_back.project_id is not None:
        similarity.EVALUATIONS.forget(session, taken_back.project_id)
    session.flush()


def review(
    session: Session, instance_id: int, *, score: Decimal, grade: str, note: str, by: str, now: datetime
) -> Evaluation:
    """Write the review's score (复核分) beside the self-evaluation that it reviews."""
    of = newest(session, instance_id)
    reviewed = Evaluation(
        instance_id=instance_id,
        score_type=ScoreType.REVIEW,
        version=_next(session, instance_id, ScoreType.REVIEW),
        state=EvaluationState.SUBMITTED,
        project_id=of.project_id,
        unit=of.unit,
        fiscal_year=of.fiscal_year,
        activity_year=of.activity_year,
        goal_version_id=of.goal_version_id,
        weight_profile=of.weight_profile,
        budget_initial=of.budget_initial,
        budget_full=of.budget_full,
        executed=of.executed,
        total=score,
        grade=grade,
        problems=note,
        submitted_at=now,
        submitted_by=by,
    )
    session.add(reviewed)
    session.flush()
    return reviewed


def accept(session: Session, instance_id: int, now: datetime) -> tuple[Evaluation, Evaluation | None]:
    """Accept the self-evaluation, and the review where there was one; return both."""
    own = newest(session, instance_id)
    standing = _standing(session, instance_id, EvaluationState.SUBMITTED)
    review = next((one for one in reversed(standing) if one.score_type == ScoreType.REVIEW), None)
    for one in (own, review):
        if one is not None:
            one.state, one.accepted_at = EvaluationState.ACCEPTED, now
    session.flush()
    return own, review


def unaccept(session: Session, instance_id: int) -> None:
    """Undo :func:`accept`."""
    for one in _standing(session, instance_id, EvaluationState.ACCEPTED):
        one.state, one.accepted_at = EvaluationState.SUBMITTED, None
    session.flush()


def _standing(session: Session, instance_id: int, state: EvaluationState) -> Sequence[Evaluation]:
    return session.scalars(
        select(Evaluation)
        .where(Evaluation.instance_id == instance_id, Evaluation.state == state)
        .order_by(Evaluation.version)
    ).all()


def told_before(session: Session, project: Project) -> str | None:
    """Return what the self-evaluation of the project that this one continues told of its goal; None without one."""
    query = (
        select(Evaluation.goal_actual)
        .where(
            Evaluation.project_id == project.previous_id,
            Evaluation.score_type == ScoreType.SELF,
            Evaluation.state == EvaluationState.ACCEPTED,
        )
        .order_by(Evaluation.version.desc())
        .limit(1)
    )
    return session.scalar(query)


def rectifications(session: Session, project_id: int) -> int:
    """Return how often the project, or the same project of the year before, had to be rectified."""
    project = session.get_one(Project, project_id)
    same = [one for one in (project.id, project.previous_id) if one is not None]
    query = select(func.count()).where(Case.project_id.in_(same), Case.kind == "RECTIFICATION")
    return session.scalar(query) or 0
