"""Where a year's projects stand in each business, which units are late, and how a figure changed in a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from budget.cases import CampaignState, CaseKind, CaseState
from budget.statistics.model import Figure, Scope, Value
from budget.tables import Campaign, Case, Project, Unit

#: The businesses of a project's year, in its order.
OF_A_PROJECT = (
    CaseKind.GOAL,
    CaseKind.MONITORING,
    CaseKind.RECTIFICATION,
    CaseKind.ADJUSTMENT,
    CaseKind.SELF_EVALUATION,
    CaseKind.KEY_EVALUATION,
    CaseKind.RESULT,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the status matrix: of how many of the year's projects a business stands where, each counted once."""

    kind: CaseKind
    states: Mapping[CaseState, int]
    none: int
    late: int


def matrix(session: Session, scope: Scope, projects: int) -> list[Row]:
    """Return where the year's projects (``projects`` of them) stand in each business; the lines of one cohort add up.

    A project with several cases of a business counts by its newest.
    """
    newest = (
        select(Case.project_id, Case.kind, func.max(Case.instance_id).label("instance"))
        .where(Case.fiscal_year == scope.year, Case.opened_at <= scope.as_of, Case.project_id.is_not(None))
        .group_by(Case.project_id, Case.kind)
        .subquery()
    )
    late = (Case.overdue_at.is_not(None)) & (Case.submitted_at.is_(None)) & (Case.closed_at.is_(None))
    query = (
        select(Case.kind, Case.state, func.count(), func.sum(case((late, 1), else_=0)))
        .join(newest, newest.c.instance == Case.instance_id)
        .join(Project, Project.id == Case.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(*scope.covers())
        .group_by(Case.kind, Case.state)
    )
    states: dict[str, dict[CaseState, int]] = {}
    overdue: dict[str, int] = {}
    for kind, state, count, behind in session.execute(query):
        states.setdefault(kind, {})[CaseState[state]] = count
        overdue[kind] = overdue.get(kind, 0) + int(behind or 0)
    found = []
    for kind in OF_A_PROJECT:
        there = states.get(kind, {})
        found.append(Row(kind, there, projects - sum(there.values()), overdue.get(kind, 0)))
    return found


@dataclass(frozen=True, slots=True)
class Late:
    """A unit that is late: with how many reports, and since when the oldest."""

    unit: str
    name: str
    count: int
    since: datetime
    kinds: Mapping[str, int] = field(default_factory=dict)


def late(session: Session, scope: Scope, limit: int = 8) -> list[Late]:
    """Return the units with the most reports that are overdue and still missing; secret ones are left out."""
    query = (
        select(
            Unit.code,
            Unit.name,
            Case.kind,
            func.count(),
            func.min(func.coalesce(Case.due_at, Case.overdue_at)),
        )
        .join(Unit, Unit.code == Case.unit)
        .outerjoin(Project, Project.id == Case.project_id)
        .where(
            Case.fiscal_year == scope.year,
            Case.overdue_at <= scope.as_of,
            Case.submitted_at.is_(None),
            Case.closed_at.is_(None),
            ~Unit.secret_flag,
            or_(Project.id.is_(None), ~Project.secret_flag),
        )
        .group_by(Unit.code, Unit.name, Case.kind)
    )
    if scope.section:
        query = query.where(func.coalesce(Project.section, Unit.section) == scope.section)
    if scope.unit:
        query = query.where(Case.unit == scope.unit)
    found: dict[str, Late] = {}
    for unit, name, kind, count, since in session.execute(query):
        one = found.get(unit, Late(unit, name, 0, since))
        found[unit] = Late(unit, name, one.count + count, min(one.since, since), {**one.kinds, kind: count})
    return sorted(found.values(), key=lambda one: (-one.count, one.since, one.unit))[:limit]


@dataclass(frozen=True, slots=True)
class Growth:
    """A figure beside the same figure of the year before (A05): ``change`` is their difference, ``rate`` its share."""

    value: Value
    before: Value

    @property
    def change(self) -> Value:
        """How much more it is than the year before; None where either is unknown."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def rate(self) -> Decimal | None:
        """The change as a share of the year before; None where that was nothing."""
        change = self.change
        return None if change is None or not self.before else Decimal(change) / Decimal(self.before)


def called_for_goals(session: Session, year: int) -> bool:
    """Whether the goals of a year were called for here: a year of which only some were taken over is no measure."""
    query = select(Campaign.id).where(
        Campaign.kind == CaseKind.GOAL,
        Campaign.fiscal_year == year,
        Campaign.state.not_in((CampaignState.PLANNED, CampaignState.CANCELLED)),
    )
    return session.scalars(query.limit(1)).first() is not None


def growth(session: Session, scope: Scope, figures: Sequence[Figure]) -> Mapping[str, Growth]:
    """Return figures beside those of the year before, which is taken as it stood in the end."""
    scope = scope.one_pass()
    before = replace(scope, year=scope.year - 1).one_pass()
    return {one.id: Growth(one.compute(session, scope), one.compute(session, before)) for one in figures}
