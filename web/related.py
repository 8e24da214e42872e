"""Other cases about the same project, as a page lists them: with the budget year where the budget knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from budget.tables import Goal, Project
from engine.tasks.related import Related
from web import context, record, wording
from web.formatting import local


@dataclass(frozen=True, slots=True)
class RelatedLine:
    """A case in the list."""

    instance_id: int
    year: int
    process: str
    subject: str
    state: str
    tone: str
    amount: int | None


def lines(found: Sequence[Related]) -> list[RelatedLine]:
    """Return the lines of the list, the newest first."""
    years = _years([one.instance_id for one in found])
    return [
        RelatedLine(
            one.instance_id,
            years.get(one.instance_id, local(one.started_at).year),
            wording.said(one.process_name),
            one.subject or wording.said(one.process_name),
            *record.state_of(one.state),
            one.amount,
        )
        for one in found
    ]


def _years(instances: Sequence[int]) -> Mapping[int, int]:
    """Return the budget year that cases are about, of those whose project the budget knows."""
    if not instances:
        return {}
    query = (
        select(Goal.instance_id, Project.fiscal_year)
        .join(Project, Project.id == Goal.project_id)
        .where(Goal.instance_id.in_(instances))
    )
    with context.engine().database.read() as unit:
        return {row.instance_id: row.fiscal_year for row in unit.execute(query)}
