"""A unit's quality of declaring goals (编报质量分, S2-17): points lost for what was late, came back, or was warned of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind, CaseState
from budget.money import round_half_up
from budget.tables import Case, Goal, GoalVersion, Project, QualityResult, Unit


@dataclass(frozen=True, slots=True)
class Rules:
    """Points that a goal loses of its 100 (profile ``quality_score``): for a late report, for each return, and for each
    warning of its first version."""

    late: Decimal
    returned: Decimal
    warned: Decimal

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Rules:
        """Read a profile's group; raises KeyError and ArithmeticError."""
        return cls(Decimal(given["late"]), Decimal(given["returned"]), Decimal(given["warned"]))


@dataclass(frozen=True, slots=True)
class GoalQuality:
    """What happened to one goal: whether it was late, how often it came back, how many warnings its first version had."""

    late: bool
    returns: int
    warnings: int

    def points(self, rules: Rules) -> Decimal:
        """Return 100 less what it loses, at least 0."""
        lost = rules.late * self.late + rules.returned * self.returns + rules.warned * self.warnings
        return max(Decimal(0), 100 - lost)


def score(goals: Iterable[GoalQuality], rules: Rules) -> Decimal | None:
    """Return the mean of a unit's goals' points with two places; None without goals."""
    points = [goal.points(rules) for goal in goals]
    return round_half_up(sum(points, Decimal(0)) / len(points), 2) if points else None


def unit_scores(
    session: Session, fiscal_year: int, rules: Rules, unit: str | None = None
) -> dict[str, Decimal]:
    """Return each unit's score for a budget year's goals, by the unit's code; of one ``unit`` alone where it is given.

    Counted are goals that were reported or are late already; a secret unit or project has no score (domain §6.4).
    """
    warnings = _first_warnings(session, fiscal_year, unit)
    query = (
        select(Case.unit, Case.project_id, Case.overdue_at, Case.returns, Case.submitted_at)
        .join(Project, Project.id == Case.project_id)
        .join(Unit, Unit.code == Case.unit)
        .where(Case.kind == CaseKind.GOAL, Case.fiscal_year == fiscal_year)
        .where(Case.state.not_in((CaseState.OFFLINE, CaseState.WITHDRAWN)))
        .where(Case.submitted_at.is_not(None) | Case.overdue_at.is_not(None))
        .where(Unit.secret_flag.is_(False), Project.secret_flag.is_(False))
    )
    if unit is not None:
        query = query.where(Case.unit == unit)
    found: dict[str, list[GoalQuality]] = defaultdict(list)
    for row in session.execute(query):
        quality = GoalQuality(row.overdue_at is not None, row.returns, warnings.get(row.project_id, 0))
        found[row.unit].append(quality)
    return {unit: value for unit in sorted(found) if (value := score(found[unit], rules)) is not None}


def _first_warnings(session: Session, fiscal_year: int, unit: str | None) -> dict[int, int]:
    """Return how many warnings the first version of each project's goal had."""
    query = (
        select(Goal.project_id, func.count().label("warnings"))
        .join(GoalVersion, GoalVersion.goal_id == Goal.id)
        .join(QualityResult, QualityResult.goal_version_id == GoalVersion.id)
        .join(Project, Project.id == Goal.project_id)
        .where(
            Project.fiscal_year == fiscal_year, GoalVersion.version == 1, QualityResult.severity == "warning"
        )
        .group_by(Goal.project_id)
    )
    if unit is not None:
        query = query.where(Project.unit == unit)
    return {row.project_id: row.warnings for row in session.execute(query)}
