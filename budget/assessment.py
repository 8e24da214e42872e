"""The yearly assessment of units (S2-17, S3-18, S5-20) as the records give it, before the performance section settles it.

Plain functions on a session; none commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.accountability import points_by_unit
from budget.cases import CaseState
from budget.evaluations import EvaluationState, ScoreType
from budget.money import round_half_up
from budget.quality.score import Rules, unit_scores
from budget.tables import Case, Evaluation, Unit


@dataclass(frozen=True, slots=True)
class Proposed:
    """A unit's parts, None where there is nothing to judge by, and what they come to; 0 to 100."""

    unit: str
    quality: Decimal | None
    punctual: Decimal | None
    evaluated: Decimal | None
    points: Decimal
    score: Decimal
    grade: str


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return round_half_up(sum(values, Decimal(0)) / len(values), 2) if values else None


def _punctual(session: Session, year: int) -> Mapping[str, Decimal | None]:
    """Return by unit the share, in per cent, of the year's reports with a deadline that were in time."""
    query = select(Case.unit, Case.overdue_at).where(
        Case.fiscal_year == year,
        Case.unit.is_not(None),
        Case.due_at.is_not(None),
        Case.state.not_in((CaseState.OFFLINE, CaseState.WITHDRAWN)),
        Case.submitted_at.is_not(None) | Case.overdue_at.is_not(None),
    )
    found: dict[str, list[Decimal]] = defaultdict(list)
    for unit, overdue in session.execute(query):
        found[str(unit)].append(Decimal(0 if overdue is not None else 100))
    return {unit: _mean(values) for unit, values in found.items()}


def _evaluated(session: Session, year: int) -> Mapping[str, Decimal | None]:
    query = select(Evaluation.unit, Evaluation.total).where(
        Evaluation.activity_year == year,
        Evaluation.score_type == ScoreType.SELF,
        Evaluation.state == EvaluationState.ACCEPTED,
    )
    found: dict[str, list[Decimal]] = defaultdict(list)
    for unit, total in session.execute(query):
        found[unit].append(total)
    return {unit: _mean(values) for unit, values in found.items()}


def proposed(
    session: Session,
    year: int,
    rules: Rules,
    weights: Mapping[str, Decimal],
    grade: Callable[[Decimal], str],
) -> Sequence[Proposed]:
    """Return what the records give for each unit that takes part and has anything to be judged by; no secret one.

    ``grade`` is the county's D01. ``weights`` are those of ``quality``, ``punctual`` and ``evaluated``; a part that a unit
    lacks is left out of its
    mean. The ledger's points are taken off.
    """
    parts = {
        "quality": unit_scores(session, year, rules),
        "punctual": _punctual(session, year),
        "evaluated": _evaluated(session, year),
    }
    points = points_by_unit(session, year)
    units = session.scalars(
        select(Unit.code).where(Unit.in_campaign, ~Unit.secret_flag).order_by(Unit.code)
    ).all()
    found = []
    for unit in units:
        given = {name: value for name, values in parts.items() if (value := values.get(unit)) is not None}
        whole = sum((weights[name] for name in given), Decimal(0))
        if not whole:
            continue
        mean = sum((weights[name] * value for name, value in given.items()), Decimal(0)) / whole
        lost = points.get(unit, Decimal(0))
        score = round_half_up(max(Decimal(0), mean - lost), 2)
        found.append(
            Proposed(
                unit,
                given.get("quality"),
                given.get("punctual"),
                given.get("evaluated"),
                lost,
                score,
                grade(score),
            )
        )
    return found
