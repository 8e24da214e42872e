"""What helps to fill in a goal: last year's goal and its results, samples, the library, and taking their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import library, samples
from budget.answers import rows, text
from budget.codes import Direction, Nature, Operator, VersionState
from budget.goals import snapshot
from budget.known import actuals
from budget.library import Standard
from budget.quality.words import normal
from budget.tables import Goal, GoalVersion, Indicator, LibraryIndicator, Project, Unit

#: So long the form's fields are at most that the library fills.
_LONGEST_FORMULA, _LONGEST_NOTE = 300, 200
#: The texts of last year's form that 复制上年 brings; amounts, dates and reasons are this year's own.
TEXTS = (
    *("unit_function", "overview", "basis_legal", "basis_necessity", "basis_feasibility", "safeguards"),
    *("goal_longterm", "goal_annual"),
)


@dataclass(frozen=True, slots=True)
class OfferedRow:
    """An indicator that may be taken over: ``key`` names it; ``actual`` is what was reached, where that is known."""

    key: str
    indicator: Indicator
    actual: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An approved goal whose indicators may be taken: last year's own, or a sample with its likeness, 0 to 1."""

    project: str
    unit: str
    fiscal_year: int
    goal: str
    number: str | None
    rows: Sequence[OfferedRow]
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """An indicator of the county's library that may be taken over, and in how many goals it stands."""

    key: str
    indicator: LibraryIndicator
    uses: int


@dataclass(frozen=True, slots=True)
class Reference:
    """What a clerk may look at while filling a goal in."""

    last_year: Source | None
    samples: Sequence[Source]
    library: Sequence[LibraryRow]


#: What the goal's form calls the standards that the library knows; the others are 其他 with their names in the note.
_SOURCES: Mapping[str, str] = {
    Standard.INDUSTRY: "INDUSTRY",
    Standard.PLAN: "PLAN",
    Standard.HISTORY: "HISTORY",
}
_DIRECTIONS: Mapping[str, Direction] = {
    Operator.GE: Direction.POSITIVE,
    Operator.GT: Direction.POSITIVE,
    Operator.LE: Direction.NEGATIVE,
    Operator.LT: Direction.NEGATIVE,
}


def reference(session: Session, project_id: int, words: str, sought: str = "") -> Reference:
    """Return last year's goal of a project, the samples that are most like ``words`` (the goal's text and name), and the
    library's indicators of the project's type: those in which ``sought`` stands, or those nearest to ``words``.
    """
    project = session.get_one(Project, project_id)
    before = _last_version(session, project)
    found = []
    for one in samples.alike(session, project, words):
        version = session.get_one(GoalVersion, one.goal_version_id)
        found.append(
            Source(
                one.name,
                one.unit,
                one.fiscal_year,
                version.goal_annual,
                version.number,
                _offered(version, {}),
                one.likeness,
            )
        )
    offered = library.offered(session, project.type, words, sought)
    used = library.uses(session, offered)
    return Reference(
        None if before is None else _own(session, project, before),
        found,
        [LibraryRow(f"l{one.id}", one, used[one.id]) for one in offered],
    )


def last_year_form(session: Session, project_id: int) -> Mapping[str, Any]:
    """Return what 复制上年 brings: last year's texts and indicators with what was reached; empty where there is none."""
    project = session.get_one(Project, project_id)
    before = _last_version(session, project)
    if before is None:
        return {}
    body = snapshot(before)
    reached = actuals(session, project.previous_id)
    found: dict[str, Any] = {name: body[name] for name in TEXTS if body.get(name)}
    found["indicators"] = [
        dict(row) | _reached(reached, text(row.get("level3_name"))) for row in rows(body.get("indicators"))
    ]
    return found


def take_rows(
    session: Session,
    project_id: int,
    answers: Mapping[str, Any],
    keys: Collection[str],
    *,
    offered: Reference,
) -> dict[str, Any]:
    """Return a form's answers with the rows named by ``keys`` added, of those that were ``offered``.

    A row whose name the form has already is left out. Targets are taken from the project's own last year only: another
    project's figures say nothing about this one. A row of the library brings the standard that it refers to (S4-28).
    """
    reached = actuals(session, session.get_one(Project, project_id).previous_id)
    given = [dict(row) for row in rows(answers.get("indicators"))]
    known = {normal(text(row.get("level3_name"))) for row in given}
    sources = ([offered.last_year] if offered.last_year else []) + list(offered.samples)
    for source in sources:
        for one in source.rows:
            name = normal(one.indicator.level3_name)
            if one.key in keys and name not in known:
                known.add(name)
                given.append(_row(one, own=source.likeness is None, source=source, reached=reached))
    for entry in offered.library:
        name = normal(entry.indicator.name)
        if entry.key in keys and name not in known:
            known.add(name)
            given.append(_library_row(entry))
    kept = [row for row in given if text(row.get("level3_name")) or text(row.get("target_value"))]
    return dict(answers) | {"indicators": kept}


def _last_version(session: Session, project: Project) -> GoalVersion | None:
    if project.previous_id is None:
        return None
    return session.scalar(
        select(GoalVersion)
        .join(Goal)
        .where(Goal.project_id == project.previous_id, GoalVersion.state == VersionState.FROZEN)
        .order_by(GoalVersion.version.desc())
        .limit(1)
    )


def _own(session: Session, project: Project, version: GoalVersion) -> Source:
    previous = session.get_one(Project, project.previous_id)
    unit = session.get_one(Unit, previous.unit)
    return Source(
        previous.name,
        unit.name,
        previous.fiscal_year,
        version.goal_annual,
        version.number,
        _offered(version, actuals(session, previous.id)),
    )


def _offered(version: GoalVersion, reached: Mapping[str, Decimal]) -> list[OfferedRow]:
    return [
        OfferedRow(f"{version.id}-{row.position}", row, reached.get(normal(row.level3_name)))
        for row in version.indicators
    ]


def _reached(reached: Mapping[str, Decimal], name: str) -> dict[str, Any]:
    actual = reached.get(normal(name))
    return {} if actual is None else {"last_year_actual": actual}


def _row(one: OfferedRow, *, own: bool, source: Source, reached: Mapping[str, Decimal]) -> dict[str, Any]:
    indicator = one.indicator
    row: dict[str, Any] = {
        "_row": f"t{one.key}",
        "level1": indicator.level1,
        "level2": indicator.level2,
        "level3_name": indicator.level3_name,
        "nature": indicator.nature,
        "operator": indicator.operator,
        "unit": indicator.unit or "",
        "direction": indicator.direction,
        "formula": indicator.formula or "",
        "evidence_required": indicator.evidence_required or "",
    }
    if own:
        row |= {"target_value": indicator.target_text} | _reached(reached, indicator.level3_name)
    else:
        row["library_id"] = source.number or ""
    return row


def _library_row(entry: LibraryRow) -> dict[str, Any]:
    one = entry.indicator
    row: dict[str, Any] = {
        "_row": entry.key,
        "level1": one.level1,
        "level2": one.level2,
        "level3_name": one.name,
        "nature": Nature.QUAL if one.operator == Operator.QUAL else Nature.QUANT,
        "operator": one.operator,
        "unit": one.unit,
        "direction": _DIRECTIONS.get(one.operator, Direction.NEUTRAL),
        "formula": one.formula[:_LONGEST_FORMULA],
        "library_id": f"L{one.id}",
    }
    if one.standard_kind:
        said = "：".join(filter(None, (Standard[one.standard_kind].zh, one.standard)))
        row |= {
            "standard_source": _SOURCES.get(one.standard_kind, "OTHER"),
            "standard_note": said[:_LONGEST_NOTE],
        }
    return row


def beside(offered: Iterable[OfferedRow], answers: Mapping[str, Any]) -> list[tuple[OfferedRow, str]]:
    """Return last year's rows, each with this year's target of the same name; empty text where the form has none."""
    mine = {
        normal(text(row.get("level3_name"))): text(row.get("target_value"))
        for row in rows(answers.get("indicators"))
    }
    return [(one, mine.get(normal(one.indicator.level3_name), "")) for one in offered]
