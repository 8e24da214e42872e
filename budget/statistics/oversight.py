"""What the people's congress looked at (P19): inspections by year, questions, opinions and what was answered (S5-23)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.oversight import OversightKind, OversightState
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Oversight, Project, Unit
from engine.calendar import ZONE

_HELD = (OversightState.HELD, OversightState.RECORDED)
#: A report looks back on so many years before its own (S5: 2020 to 2022).
BACK = 3
_YEARS = ("前一年", "前两年", "前三年")
_YEARS_EN = ("the year before", "two years before", "three years before")


@read_once
def _held(session: Session, scope: Scope) -> Sequence[Oversight]:
    """Return what was held in the year by then; nothing about secret projects."""
    last = scope.ends.astimezone(ZONE).date()
    query = (
        select(Oversight)
        .join(Project, Project.id == Oversight.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Oversight.state.in_(_HELD),
            Oversight.held_on >= last.replace(month=1, day=1),
            Oversight.held_on <= last,
            *scope.covers(),
        )
    )
    return session.scalars(query).all()


def _of(kind: OversightKind) -> Callable[[Session, Scope], int]:
    """Return how to count the projects that a kind of oversight was about."""
    return lambda session, scope: len({one.project_id for one in _held(session, scope) if one.kind == kind})


def opinions(session: Session, scope: Scope) -> int:
    """Count the opinions of the congress."""
    return sum(len(one.opinions) for one in _held(session, scope))


def to_rectify(session: Session, scope: Scope) -> int:
    """Count the opinions that had to be put right."""
    return sum(opinion.rectify for one in _held(session, scope) for opinion in one.opinions)


def answered(session: Session, scope: Scope) -> int:
    """Count the opinions that were answered."""
    return sum(opinion.answer is not None for one in _held(session, scope) for opinion in one.opinions)


def _earlier(back: int) -> Figure:
    inspected = _of(OversightKind.INSPECTION)
    return Figure(
        f"npc.inspected.{back}",
        f"{_YEARS[back - 1]}人大视察的项目",
        f"Projects inspected {_YEARS_EN[back - 1]}",
        "个",
        lambda session, scope: inspected(session, replace(scope, year=scope.year - back, memo=None)),
        -back,
    )


FIGURES = (
    Figure("npc.inspected", "人大视察的项目", "Projects inspected", "个", _of(OversightKind.INSPECTION)),
    *(_earlier(back) for back in range(1, BACK + 1)),
    Figure("npc.questioned", "人大质询的项目", "Projects questioned", "个", _of(OversightKind.QUESTIONS)),
    Figure("npc.heard", "人大专题听取汇报的项目", "Projects reported on", "个", _of(OversightKind.HEARING)),
    Figure("npc.opinions", "人大意见", "Opinions of the congress", "条", opinions),
    Figure("npc.rectify", "其中：要求整改", "of them to be put right", "条", to_rectify),
    Figure("npc.answered", "其中：已答复", "of them answered", "条", answered),
)
