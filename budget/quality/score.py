"""The quality of what a unit reports (编报质量分, S2-17): points lost for what was late, came back, or was warned of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind, CaseState
from budget.money import round_half_up
from budget.tables import Case, Project, Unit


@dataclass(frozen=True, slots=True)
class Rules:
    """Points that a report loses of its 100 (profile ``quality_score``): for being late, for each return, and for each
    warning when it was first handed in."""

    late: Decimal
    returned: Decimal
    warned: Decimal

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Rules:
        """Read a profile's group; raises KeyError and ArithmeticError."""
        return cls(Decimal(given["late"]), Decimal(given["returned"]), Decimal(given["warned"]))


#: What units report, with forms that are checked.
REPORTS = (
    CaseKind.GOAL,
    CaseKind.UNIT_GOAL,
    CaseKind.MONITORING,
    CaseKind.UNIT_MONITORING,
    CaseKind.ADJUSTMENT,
    CaseKind.SELF_EVALUATION,
)


@dataclass(frozen=True, slots=True)
class Quality:
    """What happened to one report: whether it was late, how often it came back, how many warnings it had at first."""

    late: bool
    returns: int
    warnings: int

    def points(self, rules: Rules) -> Decimal:
        """Return 100 less what it loses, at least 0."""
        lost = rules.late * self.late + rules.returned * self.returns + rules.warned * self.warnings
        return max(Decimal(0), 100 - lost)


def score(reports: Iterable[Quality], rules: Rules) -> Decimal | None:
    """Return the mean of the points of a unit's reports with two places; None without any."""
    points = [report.points(rules) for report in reports]
    return round_half_up(sum(points, Decimal(0)) / len(points), 2) if points else None


def unit_scores(
    session: Session, fiscal_year: int, rules: Rules, unit: str | None = None
) -> dict[str, Decimal]:
    """Return each unit's score for what it reported about a budget year, by the unit's code; of one ``unit`` alone where it
    is given.

    Counted is what was reported or is late already; a secret unit or project has no score (domain §6.4).
    """
    query = (
        select(Case.unit, Case.overdue_at, Case.returns, Case.warnings)
        .join(Unit, Unit.code == Case.unit)
        .outerjoin(Project, Project.id == Case.project_id)
        .where(Case.kind.in_(REPORTS), Case.fiscal_year == fiscal_year)
        .where(Case.state.not_in((CaseState.OFFLINE, CaseState.WITHDRAWN)))
        .where(Case.submitted_at.is_not(None) | Case.overdue_at.is_not(None))
        .where(~Unit.secret_flag, ~func.coalesce(Project.secret_flag, false()))
    )
    if unit is not None:
        query = query.where(Case.unit == unit)
    found: dict[str, list[Quality]] = defaultdict(list)
    for row in session.execute(query):
        found[row.unit].append(Quality(row.overdue_at is not None, row.returns, row.warnings))
    return {unit: value for unit in sorted(found) if (value := score(found[unit], rules)) is not None}
