"""Gathers what the records know about a goal that is being filled in, for the checks that look beyond the form."""

from __future__ import annotations

from decimal import Decimal
from statistics import median

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from budget import similarity
from budget.answers import GoalAnswers, number
from budget.codes import Level2, VersionState
from budget.money import wan_from_fen
from budget.quality.known_checks import Copied, Known, LastYear, NearestSample
from budget.quality.words import normal
from budget.samples import nearest
from budget.tables import (
    Evaluation,
    EvaluationPoint,
    ExAnte,
    Goal,
    GoalVersion,
    Indicator,
    Project,
    Unit,
)

#: Among how many approved goals, the newest, those of a type are looked for whose costs are compared.
COSTS_OF = 600


_version = (
    select(GoalVersion)
    .join(Goal)
    .where(
        Goal.project_id == bindparam("project"),
        GoalVersion.state.in_((VersionState.SUBMITTED, VersionState.FROZEN)),
    )
    .order_by(GoalVersion.version.desc())
    .limit(1)
)
_open = (
    select(Project.name, Unit.name.label("unit"))
    .join(Unit, Unit.code == Project.unit)
    .where(Project.id == bindparam("project"), ~Project.secret_flag, ~Unit.secret_flag)
)
_points = (
    select(EvaluationPoint.name, EvaluationPoint.actual)
    .join(Evaluation, Evaluation.id == EvaluationPoint.evaluation_id)
    .where(Evaluation.project_id == bindparam("project"))
    .order_by(Evaluation.id, EvaluationPoint.position)
)
_amounts = select(Project.annual_amount).where(
    Project.unit == bindparam("unit"),
    Project.fiscal_year < bindparam("year"),
    Project.annual_amount > 0,
)
_approved = (
    select(GoalVersion.id, GoalVersion.goal_id, GoalVersion.annual_amount)
    .where(GoalVersion.state == VersionState.FROZEN)
    .order_by(GoalVersion.id.desc())
    .limit(COSTS_OF)
    .subquery()
)
_quantities = (
    select(Indicator.level3_name, Indicator.unit, Indicator.target_value, _approved.c.annual_amount)
    .join(_approved, _approved.c.id == Indicator.goal_version_id)
    .join(Goal, Goal.id == _approved.c.goal_id)
    .join(Project, Project.id == Goal.project_id)
    .where(
        Project.type == bindparam("type"),
        Project.id != bindparam("besides"),
        Indicator.level2 == Level2.QUANTITY,
        Indicator.unit.in_(bindparam("units", expanding=True)),
        Indicator.target_value.is_not(None),
    )
    .order_by(_approved.c.id.desc(), Indicator.position)
)
_exante = (
    select(ExAnte.passed)
    .where(ExAnte.project_id == bindparam("project"))
    .order_by(ExAnte.concluded_on.desc(), ExAnte.id.desc())
    .limit(1)
)


def known_of(session: Session, project_id: int, goal: GoalAnswers) -> Known:
    """Return what the records know about a project's goal with these answers."""
    project = session.get_one(Project, project_id)
    sample = nearest(session, project, goal.goal_annual)
    return Known(
        attr=project.attr,
        level=project.level,
        has_parent=project.parent_id is not None,
        last_year=_last_year(session, project),
        parent=_names(session, project.parent_id),
        copied=_copied(session, project, goal.goal_annual),
        usual_amount=_usual_amount(session, project),
        costs=_costs(session, project, goal),
        sample=None if sample is None else NearestSample(sample.name, sample.likeness, sample.indicators),
        exante_passed=_exante_passed(session, project.id),
    )


def _newest(session: Session, project_id: int | None) -> GoalVersion | None:
    return session.scalar(_version, {"project": project_id})


def _names(session: Session, project_id: int | None) -> frozenset[str] | None:
    version = None if project_id is None else _newest(session, project_id)
    return None if version is None else frozenset(normal(row.level3_name) for row in version.indicators)


def _last_year(session: Session, project: Project) -> dict[str, LastYear]:
    """Return last year's targets and what the self-evaluation says was reached, by the indicators' normal names."""
    version = None if project.previous_id is None else _newest(session, project.previous_id)
    if version is None:
        return {}
    reached = actuals(session, project.previous_id)
    return {
        normal(row.level3_name): LastYear(row.target_value, reached.get(normal(row.level3_name)))
        for row in version.indicators
    }


def actuals(session: Session, project_id: int | None) -> dict[str, Decimal]:
    """Return what a project's newest self-evaluation reached, by the indicators' normal names; numbers only."""
    found = {}
    for name, actual in session.execute(_points, {"project": project_id}):
        value = number(actual)
        if value is not None:
            found[normal(name)] = value
    return found


def told_elsewhere(session: Session, project_id: int, text: str) -> Copied | None:
    """Return the self-evaluation of another unit that a text is most like; None for a text like no other."""
    project = session.get_one(Project, project_id)
    return _copied(session, project, text, similarity.EVALUATIONS)


def _copied(
    session: Session, project: Project, text: str, index: similarity.Index = similarity.GOALS
) -> Copied | None:
    for alike in index.find(session, text, besides=project.id):
        if alike.unit != project.unit or alike.fiscal_year < project.fiscal_year:
            other = session.execute(_open, {"project": alike.project_id}).first()
            if other is not None:
                return Copied(other.unit, other.name, alike.fiscal_year, alike.likeness)
    return None


def _usual_amount(session: Session, project: Project) -> Decimal | None:
    """Return the median of the unit's projects of earlier years, in 万元; None for too few."""
    amounts = session.scalars(_amounts, {"unit": project.unit, "year": project.fiscal_year}).all()
    return wan_from_fen(int(median(amounts))) if len(amounts) >= 3 else None


def _costs(
    session: Session, project: Project, goal: GoalAnswers
) -> dict[tuple[str, str], tuple[Decimal, int]]:
    """Return what a unit of the goal's quantities costs in approved goals of the type."""
    wanted = {
        (normal(row.name), row.unit)
        for row in goal.indicators
        if row.level2 == Level2.QUANTITY and row.value and row.unit
    }
    if not wanted:
        return {}
    found: dict[tuple[str, str], list[Decimal]] = {}
    units = sorted({unit for _, unit in wanted})
    asked = {"type": project.type, "besides": project.id, "units": units}
    for name, unit, target, amount in session.execute(_quantities, asked):
        key = (normal(name), unit)
        if key in wanted and target is not None and target > 0:
            found.setdefault(key, []).append(wan_from_fen(amount) / target)
    return {key: (median(costs), len(costs)) for key, costs in found.items()}


def _exante_passed(session: Session, project_id: int) -> bool:
    """Whether the newest ex-ante result that is recorded says that the project passed."""
    return bool(session.scalar(_exante, {"project": project_id}))
