"""The register of goals: a year's projects with their goal's state, for those who may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from budget.codes import GoalState, VersionState
from budget.tables import Goal, GoalVersion, Indicator, Project, Section, Unit

#: Roles that see every unit's projects; others see those of their own unit or section.
SEE_ALL = frozenset({"budget_staff", "budget_chief", "perf_staff", "perf_chief", "bureau_leader"})
UNIT_ROLES = frozenset({"unit_clerk", "unit_head"})
SECTION_ROLES = frozenset({"section_staff", "section_chief"})
#: The filter's name for projects whose goal was not opened.
NOT_OPENED = "NONE"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the register; the empty string narrows nothing."""

    year: int
    text: str = ""
    unit: str = ""
    section: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A project with its goal; name and amounts of a secret one are not shown (domain §6.4)."""

    code: str
    name: str
    unit: str
    section: str
    amount: int | None
    state: GoalState | None
    round: int
    number: str | None
    grade: str | None
    instance_id: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all lines that match; ``secret`` of them are counted but not added."""

    projects: int
    amount: int
    secret: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the register; ``next_cursor`` is the last project's code when more follow."""

    lines: Sequence[Line]
    next_cursor: str | None
    totals: Totals
    units: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, str]]


def scope_of(posts: Sequence[Any]) -> ColumnElement[bool] | None:
    """Return the condition on projects that the posts may see, None when they may see all."""
    if any(post.role in SEE_ALL for post in posts):
        return None
    units = [post.org for post in posts if post.role in UNIT_ROLES]
    sections = [post.org for post in posts if post.role in SECTION_ROLES]
    return or_(Project.unit.in_(units), Unit.parent.in_(units), Project.section.in_(sections))


def _secret() -> ColumnElement[bool]:
    return or_(Project.secret_flag, Unit.secret_flag)


def _narrowed(statement: Select[Any], filters: Filters, scope: ColumnElement[bool] | None) -> Select[Any]:
    statement = statement.where(Project.fiscal_year == filters.year)
    if scope is not None:
        statement = statement.where(scope)
    if filters.unit:
        statement = statement.where(Project.unit == filters.unit)
    if filters.section:
        statement = statement.where(Project.section == filters.section)
    if filters.state == NOT_OPENED:
        statement = statement.where(Goal.id.is_(None))
    elif filters.state:
        statement = statement.where(Goal.state == filters.state)
    if filters.text:
        pattern = "%" + filters.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        visible_name = Project.name.like(pattern, escape="\\") & ~_secret()
        statement = statement.where(
            or_(visible_name, Project.code.like(pattern, escape="\\"), Unit.name.like(pattern, escape="\\"))
        )
    return statement


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Project)
        .join(Unit, Unit.code == Project.unit)
        .join(Section, Section.code == Project.section)
        .outerjoin(Goal, Goal.project_id == Project.id)
    )


def read(session: Session, posts: Sequence[Any], filters: Filters, after: str = "", limit: int = 50) -> Page:
    """Return the register's page after the project code ``after``, with the totals of all that match."""
    scope = scope_of(posts)
    secret = _secret()
    lines = session.execute(
        _narrowed(_joined(Project, Unit.name, Section.name, Goal, secret), filters, scope)
        .where(Project.code > after)
        .order_by(Project.code)
        .limit(limit + 1)
    ).all()
    visible = Filters(filters.year)
    units = session.execute(
        _narrowed(_joined(Unit.code, Unit.name), visible, scope).distinct().order_by(Unit.code)
    )
    return Page(
        lines=[_line(*row, own={post.org for post in posts}) for row in lines[:limit]],
        next_cursor=lines[limit - 1][0].code if len(lines) > limit else None,
        totals=totals(session, posts, filters),
        units=[(code, name) for code, name in units],
        sections=sections(session, posts, filters.year),
    )


def sections(session: Session, posts: Sequence[Any], year: int) -> list[tuple[str, str]]:
    """Return the sections of the projects that the posts may see in a year: code and name."""
    query = _narrowed(_joined(Section.code, Section.name), Filters(year), scope_of(posts))
    return [(code, name) for code, name in session.execute(query.distinct().order_by(Section.code))]


def totals(session: Session, posts: Sequence[Any], filters: Filters) -> Totals:
    """Return the totals of all that match, in one statement."""
    sums = session.execute(
        _narrowed(
            _joined(Goal.state, _secret(), func.count(), func.coalesce(func.sum(Project.annual_amount), 0)),
            filters,
            scope_of(posts),
        ).group_by(Goal.state, _secret())
    ).all()
    states: dict[str, int] = {}
    for state, _, count, _ in sums:
        states[state or NOT_OPENED] = states.get(state or NOT_OPENED, 0) + count
    return Totals(
        projects=sum(count for _, _, count, _ in sums),
        amount=sum(amount for _, is_secret, _, amount in sums if not is_secret),
        secret=sum(count for _, is_secret, count, _ in sums if is_secret),
        states=states,
    )


def _line(
    project: Project, unit: str, section: str, goal: Goal | None, secret: bool, *, own: Collection[str]
) -> Line:
    """Return a project's line; its instance is led to once the unit has submitted, and always for the unit itself."""
    submitted = goal is not None and goal.state != GoalState.DRAFTING and not secret
    leads = submitted or project.unit in own
    return Line(
        code=project.code,
        name="涉密项目" if secret else project.name,
        unit=unit,
        section=section,
        amount=None if secret else project.annual_amount,
        state=GoalState(goal.state) if goal else None,
        round=goal.round if goal else 0,
        number=goal.number if goal else None,
        grade=goal.grade if goal and not secret else None,
        instance_id=goal.instance_id if goal and leads else None,
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A submitted version of a goal; ``number`` is given when it is approved."""

    version: int
    round: int
    state: VersionState
    number: str | None
    amount: int
    indicators: int
    submitted_at: datetime
    frozen_at: datetime | None


def versions(session: Session, instance_id: int) -> list[Version]:
    """Return the versions of the goal that an instance works on, the newest first."""
    counted = (
        select(func.count())
        .where(Indicator.goal_version_id == GoalVersion.id)
        .correlate(GoalVersion)
        .scalar_subquery()
    )
    rows = session.execute(
        select(GoalVersion, counted)
        .join(Goal, Goal.id == GoalVersion.goal_id)
        .where(Goal.instance_id == instance_id)
        .order_by(GoalVersion.version.desc())
    )
    return [
        Version(
            version=one.version,
            round=one.round,
            state=VersionState(one.state),
            number=one.number,
            amount=one.annual_amount,
            indicators=count,
            submitted_at=one.submitted_at,
            frozen_at=one.frozen_at,
        )
        for one, count in rows
    ]
