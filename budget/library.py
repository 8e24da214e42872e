"""The county's indicator library (P20): which indicators others may take over, what they refer to, how often they are used.

Plain functions on a session; none commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from budget import similarity
from budget.answers import rows, text
from budget.codes import Code, Level1, Level2, Operator, ProjectType
from budget.quality.words import normal
from budget.tables import Goal, GoalVersion, Indicator, LibraryIndicator, Project, Sample, Unit

#: So many indicators are listed at once, and so many are offered while a goal is filled in.
LISTED, OFFERED = 500, 30


class LibraryState(Code):
    """The states of domain P20; a draft is a row of the process, not yet of the library."""

    PUBLISHED = ("PUBLISHED", "已发布", "published")
    RETIRED = ("RETIRED", "已停用", "retired")


class Standard(Code):
    """衔接的标准 (S4-28)."""

    PUBLIC_SERVICE = ("PUBLIC_SERVICE", "公共服务标准", "standard of public service")
    EXPENSE = ("EXPENSE", "项目支出标准", "standard of expense")
    INDUSTRY = ("INDUSTRY", "行业标准", "standard of the trade")
    PLAN = ("PLAN", "规划计划", "plan")
    HISTORY = ("HISTORY", "历史数据", "history")
    OTHER = ("OTHER", "其他", "other")


def given(answers: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows of the form that name an indicator."""
    return [row for row in rows(answers.get("indicators")) if text(row.get("name"))]


def publish(
    session: Session,
    indicators: Sequence[Mapping[str, Any]],
    *,
    instance_id: int | None,
    source: str,
    now: datetime,
) -> list[LibraryIndicator]:
    """Publish rows of the form; one of the same type and name becomes the next version of the one that is there."""
    found = []
    for row in indicators:
        plain, type = normal(text(row["name"]))[:60], ProjectType[row["type"]]
        query = select(LibraryIndicator).where(
            LibraryIndicator.type == type,
            LibraryIndicator.plain == plain,
            LibraryIndicator.state == LibraryState.PUBLISHED,
        )
        before = session.scalars(query).first()
        if before is not None:
            before.state, before.retired_at = LibraryState.RETIRED, now
            before.retired_for = "新版本发布"
        one = LibraryIndicator(
            type=type,
            level1=Level1[row["level1"]],
            level2=Level2[row["level2"]],
            name=text(row["name"]),
            plain=plain,
            operator=Operator[row["operator"]],
            target=text(row.get("target")),
            unit=text(row.get("unit")),
            formula=text(row.get("formula")),
            standard_kind=Standard[row["standard_kind"]] if row.get("standard_kind") else "",
            standard=text(row.get("standard")),
            source=source[:200],
            state=LibraryState.PUBLISHED,
            version=before.version + 1 if before is not None else 1,
            instance_id=instance_id,
            published_at=now,
        )
        session.add(one)
        found.append(one)
    session.flush()
    return found


def unpublish(session: Session, instance_id: int) -> None:
    """Undo :func:`publish` of an instance: what it replaced is in use again."""
    query = select(LibraryIndicator).where(LibraryIndicator.instance_id == instance_id)
    for one in session.scalars(query).all():
        session.execute(
            update(LibraryIndicator)
            .where(
                LibraryIndicator.type == one.type,
                LibraryIndicator.plain == one.plain,
                LibraryIndicator.version == one.version - 1,
                LibraryIndicator.retired_at == one.published_at,
            )
            .values(state=LibraryState.PUBLISHED, retired_at=None, retired_for=None)
        )
        session.delete(one)
    session.flush()


def retire(session: Session, indicator_id: int, *, by: str, reason: str, now: datetime) -> bool:
    """Take an indicator out of use; False where it isn't in use."""
    one = session.get(LibraryIndicator, indicator_id)
    if one is None or one.state != LibraryState.PUBLISHED:
        return False
    one.state, one.retired_at, one.retired_by = LibraryState.RETIRED, now, by
    one.retired_for = reason[:300]
    session.flush()
    return True


def listed(
    session: Session, *, type: str = "", level1: str = "", words: str = "", retired: bool = False
) -> list[LibraryIndicator]:
    """Return indicators in the order of type and level, narrowed; those in use, or the retired ones."""
    query = select(LibraryIndicator).where(
        LibraryIndicator.state == (LibraryState.RETIRED if retired else LibraryState.PUBLISHED)
    )
    if type:
        query = query.where(LibraryIndicator.type == type)
    if level1:
        query = query.where(LibraryIndicator.level1 == level1)
    if words:
        columns = (LibraryIndicator.name, LibraryIndicator.standard, LibraryIndicator.formula)
        query = query.where(or_(*(column.contains(words, autoescape=True) for column in columns)))
    query = query.order_by(
        LibraryIndicator.type, LibraryIndicator.level1, LibraryIndicator.level2, LibraryIndicator.id
    )
    return list(session.scalars(query.limit(LISTED)))


def offered(session: Session, type: str, words: str, sought: str = "") -> list[LibraryIndicator]:
    """Return at most :data:`OFFERED` indicators in use for a type of project, while its goal is being filled in.

    Those in which ``sought`` stands; without it those whose names have most in common with ``words``, and then the others.
    """
    found = listed(session, type=type, words=sought)
    pieces = set(similarity.pieces(normal(words)))
    near = {one.id: len(pieces & set(similarity.pieces(one.plain))) for one in found}
    return sorted(found, key=lambda one: -near[one.id])[:OFFERED]


def uses(session: Session, indicators: Sequence[LibraryIndicator]) -> Mapping[int, int]:
    """Return in how many goals (their newest versions) each indicator stands under its name."""
    names = {one.name for one in indicators}
    newest = select(func.max(GoalVersion.id)).group_by(GoalVersion.goal_id)
    query = (
        select(Indicator.level3_name, func.count(func.distinct(Indicator.goal_version_id)))
        .where(Indicator.level3_name.in_(names), Indicator.goal_version_id.in_(newest))
        .group_by(Indicator.level3_name)
    )
    counted = {row[0]: int(row[1]) for row in session.execute(query)}
    return {one.id: counted.get(one.name, 0) for one in indicators}


def of_sample(session: Session, project_id: int) -> tuple[list[dict[str, Any]], str]:
    """Return the indicators of a sample goal as rows of the form, without what names its unit, and the project's name.

    Raises KeyError where the project is no sample, or secret.
    """
    query = (
        select(GoalVersion, Project, Unit)
        .join(Sample, Sample.goal_version_id == GoalVersion.id)
        .join(Goal, Goal.project_id == Sample.project_id)
        .join(Project, Project.id == Sample.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(Sample.project_id == project_id, ~Project.secret_flag, ~Unit.secret_flag)
    )
    row = session.execute(query).first()
    if row is None:
        raise KeyError(project_id)
    version, project, unit = row
    taken = [
        {
            "type": project.type,
            "level1": one.level1,
            "level2": one.level2,
            "name": one.level3_name.replace(unit.name, "本单位"),
            "operator": one.operator if one.operator != "RANGE" else "GE",
            "target": one.target_text,
            "unit": one.unit or "",
        }
        for one in version.indicators
    ]
    return taken, project.name


def names_units(session: Session, indicators: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Return the rows, from 0, that name a budget unit, each with its name: they are to be written in general terms."""
    names = session.scalars(select(Unit.name)).all()
    return [
        (index, name)
        for index, row in enumerate(indicators)
        for name in names
        if any(name in text(row.get(field)) for field in ("name", "formula", "target"))
    ]
