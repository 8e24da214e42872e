"""Sample goals (精品样本): which approved goals others may learn from, and which of them are like a goal's text."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from operator import eq

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.orm import Session

from budget import similarity
from budget.quality.words import normal
from budget.tables import GoalText, GoalVersion, Project, Sample, Unit

#: How many samples of a type are looked at, the newest ones, and of how many the likeness is worked out.
LOOKED_AT, COMPARED = 500, 20


_of_type = (
    select(Sample.project_id, GoalText.signature)
    .join(Project, Project.id == Sample.project_id)
    .join(Unit, Unit.code == Project.unit)
    .join(GoalText, GoalText.project_id == Sample.project_id)
    .where(Sample.type == bindparam("type"), Sample.project_id != bindparam("besides"))
    .where(Project.secret_flag.is_(False), Unit.secret_flag.is_(False))
    .order_by(Sample.chosen_at.desc(), Sample.project_id.desc())
    .limit(LOOKED_AT)
)
_told = (
    select(
        Sample.project_id,
        Sample.goal_version_id,
        Sample.indicators,
        Project.name,
        Unit.name.label("unit"),
        Project.fiscal_year,
        GoalText.text,
    )
    .join(Project, Project.id == Sample.project_id)
    .join(Unit, Unit.code == Project.unit)
    .join(GoalText, GoalText.project_id == Sample.project_id)
    .where(Sample.project_id.in_(bindparam("projects", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class SampleGoal:
    """A sample with its likeness to what was asked, 0 to 1."""

    project_id: int
    goal_version_id: int
    name: str
    unit: str
    fiscal_year: int
    indicators: int
    likeness: float


def recommend(session: Session, version: GoalVersion, *, by: str, now: datetime) -> Sample:
    """Make an approved goal a sample; ``by`` is JOINT or SECTION."""
    session.execute(delete(Sample).where(Sample.project_id == version.goal.project_id))
    sample = Sample(
        project_id=version.goal.project_id,
        goal_version_id=version.id,
        type=version.goal.project.type,
        indicators=len(version.indicators),
        recommended_by=by,
        chosen_at=now,
    )
    session.add(sample)
    session.flush()
    return sample


def withdraw(session: Session, project_id: int) -> None:
    """Undo :func:`recommend`."""
    session.execute(delete(Sample).where(Sample.project_id == project_id))


def alike(session: Session, project: Project, text: str, limit: int = 5) -> list[SampleGoal]:
    """Return the samples of a project's type that are most like a text, the most alike first; secret ones are none."""
    rows = session.execute(_of_type, {"type": project.type, "besides": project.id}).all()
    if not rows:
        return []
    plain = normal(text)[: similarity.LONGEST]
    mine = similarity.pieces(plain)
    places = similarity.signature(mine)
    near = sorted(rows, key=lambda row: -_shared(places, row.signature))[:COMPARED]
    counted = Counter(mine)
    found = [
        SampleGoal(
            row.project_id,
            row.goal_version_id,
            row.name,
            row.unit,
            row.fiscal_year,
            row.indicators,
            similarity.likeness(counted, Counter(similarity.pieces(row.text))),
        )
        for row in session.execute(_told, {"projects": [row.project_id for row in near]})
    ]
    return sorted(found, key=lambda one: (-one.likeness, -one.project_id))[:limit]


def listed(
    session: Session, *, type: str = "", words: str = "", limit: int = LOOKED_AT
) -> list[tuple[GoalVersion, Project, Unit, Sample]]:
    """Return the county's samples, the newest first, of one type and with some words where they are given.

    The words are sought in the project's name, its unit's and the goal; secret ones are none.
    """
    query = (
        select(GoalVersion, Project, Unit, Sample)
        .join(Sample, Sample.goal_version_id == GoalVersion.id)
        .join(Project, Project.id == Sample.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(Project.secret_flag.is_(False), Unit.secret_flag.is_(False))
        .order_by(Sample.chosen_at.desc(), Sample.project_id.desc())
        .limit(limit)
    )
    if type:
        query = query.where(Sample.type == type)
    if words:
        query = query.where(
            or_(
                *(
                    column.contains(words, autoescape=True)
                    for column in (Project.name, Unit.name, GoalVersion.goal_annual)
                )
            )
        )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def nearest(session: Session, project: Project, text: str) -> SampleGoal | None:
    """Return the sample of a project's type that is most like a text, None where the type has none."""
    found = alike(session, project, text, 1)
    return found[0] if found else None


def _shared(places: array[int], stored: bytes) -> int:
    other = array("I")
    other.frombytes(stored)
    return sum(map(eq, places, other))
