"""项目一生一页: everything that was recorded of a project, as of any day, from the cases and the businesses' own records.

A business adds what it knows of its cases by a function ``(session, instances) → {instance: steps}`` in a module here,
named in :data:`DETAILS`; records that belong to no case come from :data:`BESIDE`. A step counts from its time on, so the
page of an earlier day is made of what was there then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.amounts import amount_on
from budget.cases import CaseKind, CaseState
from budget.life import adjustments, evaluations, goals, monitoring, payments, rectification, results
from budget.life.model import MONEY, STAGE_OF, Details, Figure, Life, Matter, Stage, Step, both, word
from budget.tables import Case, Project

__all__ = ["Figure", "Life", "Matter", "Stage", "Step", "life"]

#: What each business knows of its cases.
DETAILS: Mapping[CaseKind, Callable[[Session, Sequence[int]], Details]] = {
    CaseKind.GOAL: goals.steps,
    CaseKind.MONITORING: monitoring.steps,
    CaseKind.RECTIFICATION: rectification.steps,
    CaseKind.DISBURSEMENT: payments.requests,
    CaseKind.ADJUSTMENT: adjustments.steps,
    CaseKind.SELF_EVALUATION: evaluations.steps,
    CaseKind.KEY_EVALUATION: evaluations.steps,
    CaseKind.RESULT: results.steps,
}
#: What is recorded of a project outside any case.
BESIDE: Sequence[Callable[[Session, Project], Sequence[Matter]]] = (
    goals.without_case,
    goals.letters,
    payments.figures,
    payments.holds,
)
#: How far a lineage is followed to each side.
_MOST_YEARS = 10


def life(session: Session, project_id: int, as_of: datetime) -> Life:
    """Return a project as it stood at ``as_of``; raises :class:`sqlalchemy.exc.NoResultFound` for an unknown one."""
    project = session.get_one(Project, project_id)
    matters = [_seen(one, as_of) for one in _matters(session, project) if one.opened_at <= as_of]
    years = _years(session, project)
    after = next((id for year, id in years if year == project.fiscal_year + 1), None)
    order = list(Stage)
    matters.sort(key=lambda one: (order.index(one.stage), one.opened_at))
    return Life(
        project.id,
        project.fiscal_year,
        as_of,
        matters,
        years,
        _glance(
            amount_on(session, project, as_of),
            matters,
            session.get(Project, after) if after else None,
        ),
    )


def _matters(session: Session, project: Project) -> list[Matter]:
    cases = session.scalars(select(Case).where(Case.project_id == project.id)).all()
    details: dict[int, Sequence[Step]] = {}
    for kind, read in DETAILS.items():
        found = [one.instance_id for one in cases if one.kind == kind]
        if found:
            details.update(read(session, found))
    matters = [_matter(one, details.get(one.instance_id, ())) for one in cases]
    for beside in BESIDE:
        matters.extend(beside(session, project))
    return matters


def _matter(case: Case, steps: Sequence[Step]) -> Matter:
    kind = CaseKind[case.kind]
    own = [Step(case.opened_at, both("发起", "begun")), *steps]
    if not steps and case.submitted_at:
        own.append(Step(case.submitted_at, both("报送", "reported")))
    if case.overdue_at:
        own.append(Step(case.overdue_at, both("逾期未报", "overdue"), tone="bad"))
    if case.closed_at:
        own.append(Step(case.closed_at, both("办结", "closed"), tone="ok"))
    return Matter(
        STAGE_OF.get(kind, Stage.GOAL),
        word(kind),
        case.opened_at,
        kind,
        case.instance_id,
        case.period,
        CaseState[case.state],
        case.result,
        case.overdue_at is not None,
        case.due_at,
        sorted(own, key=lambda one: one.at),
    )


def _seen(matter: Matter, as_of: datetime) -> Matter:
    """Return a matter as it stood: the steps until then, and the state that they leave."""
    steps = [one for one in matter.steps if one.at <= as_of]
    if len(steps) == len(matter.steps):
        return matter
    said = {one.what["en"] for one in steps}
    state = matter.state
    if state is not None:
        reported = "reported" in said or any(one.sha256 for one in steps)
        state = CaseState.SUBMITTED if reported else CaseState.OPEN
    closed = "closed" in said
    return Matter(
        matter.stage,
        matter.title,
        matter.opened_at,
        matter.kind,
        matter.instance_id,
        matter.period,
        matter.state if closed else state,
        matter.result if closed else None,
        "overdue" in said,
        matter.due_at,
        steps,
    )


def _years(session: Session, project: Project) -> list[tuple[int, int]]:
    """Return the same project's years, oldest first: year and id."""
    found = [(project.fiscal_year, project.id)]
    before = project
    while before.previous_id is not None and len(found) < _MOST_YEARS:
        before = session.get_one(Project, before.previous_id)
        found.insert(0, (before.fiscal_year, before.id))
    here = project.id
    while len(found) < 2 * _MOST_YEARS:
        after = session.execute(
            select(Project.fiscal_year, Project.id)
            .where(Project.previous_id == here)
            .order_by(Project.id)
            .limit(1)
        ).first()
        if after is None:
            return found
        found.append((after.fiscal_year, after.id))
        here = after.id
    return found


def _glance(amount: int, matters: Sequence[Matter], after: Project | None) -> list[tuple[Stage, Figure]]:
    """Return the newest of each figure that one looks for first, and next year's money."""
    newest: dict[str, tuple[Stage, Figure]] = {}
    for matter in matters:
        for step in matter.steps:
            for figure in step.figures:
                if figure.kind != "text":
                    newest[figure.label["zh"]] = (matter.stage, figure)
    budget = Figure(both("年度预算", "the year's budget"), amount, MONEY)
    found = [(Stage.GOAL, budget), *newest.values()]
    if after is not None:
        found.append(
            (Stage.RESULT, Figure(both("下年预算", "next year's budget"), after.annual_amount, MONEY))
        )
    return found
