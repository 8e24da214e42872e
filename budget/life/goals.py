"""A project's goal in its life: each submitted version, when it was approved under which number, and the unit's letter."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.approvals import BatchState
from budget.cases import CaseKind
from budget.codes import VersionState
from budget.life.model import MONEY, NUMBER, Details, Figure, Matter, Stage, Step, both
from budget.tables import Goal, GoalApproval, GoalLetter, GoalLetterItem, GoalVersion, Indicator, Project

_GOAL = both("目标申报", "goal declaration")


def steps(session: Session, instances: Sequence[int]) -> Details:
    """Return the versions of the goals that instances worked on."""
    goals = session.execute(select(Goal.instance_id, Goal.id).where(Goal.instance_id.in_(instances))).all()
    return {instance: _versions(session, goal) for instance, goal in goals if instance is not None}


def without_case(session: Session, project: Project) -> Sequence[Matter]:
    """Return the goal that was approved before the county used this system: no case worked on it."""
    goal = session.scalar(select(Goal).where(Goal.project_id == project.id, Goal.instance_id.is_(None)))
    if goal is None:
        return ()
    return (Matter(Stage.GOAL, _GOAL, goal.opened_at, steps=_versions(session, goal.id)),)


def letters(session: Session, project: Project) -> Sequence[Matter]:
    """Return the letter by which the goal's approval was brought to the unit, with who signed for it."""
    query = (
        select(GoalLetter, GoalApproval)
        .join(GoalLetterItem, GoalLetterItem.letter_id == GoalLetter.id)
        .join(GoalApproval, GoalApproval.instance_id == GoalLetter.approval_id)
        .where(GoalLetterItem.project_id == project.id, GoalApproval.state == BatchState.ISSUED)
    )
    found = []
    for letter, batch in session.execute(query):
        assert batch.issued_at is not None
        figures = (
            Figure(both("批复函文号", "letter"), letter.number or ""),
            Figure(both("批复依据", "basis"), batch.doc_no),
        )
        steps = [
            Step(batch.issued_at, both("批复下达", "approval issued"), figures, batch.issued_by, tone="ok")
        ]
        if letter.received_at is not None:
            steps.append(Step(letter.received_at, both("单位签收", "received"), (), letter.received_by))
        found.append(
            Matter(
                Stage.GOAL,
                both("目标批复", "approval of the goal"),
                batch.issued_at,
                CaseKind.GOAL_LETTER,
                letter.instance_id,
                steps=steps,
            )
        )
    return found


def _versions(session: Session, goal_id: int) -> list[Step]:
    indicators = (
        select(Indicator.goal_version_id, func.count())
        .join(GoalVersion, GoalVersion.id == Indicator.goal_version_id)
        .where(GoalVersion.goal_id == goal_id)
        .group_by(Indicator.goal_version_id)
    )
    counts = {row[0]: row[1] for row in session.execute(indicators)}
    found: list[Step] = []
    query = select(GoalVersion).where(GoalVersion.goal_id == goal_id).order_by(GoalVersion.version)
    for one in session.scalars(query):
        figures = (
            Figure(both("目标资金", "goal's money"), one.annual_amount, MONEY),
            Figure(both("绩效指标（条）", "indicators"), counts.get(one.id, 0), NUMBER),
        )
        found.append(
            Step(
                one.submitted_at,
                both(f"第 {one.version} 版送审", f"version {one.version} submitted"),
                figures,
                one.submitted_by,
                one.document_sha256,
                one.goal_annual,
            )
        )
        if one.frozen_at is not None:
            revoked = one.state == VersionState.REVOKED
            found.append(
                Step(
                    one.frozen_at,
                    both("批复（后撤回）", "approved, later revoked")
                    if revoked
                    else both("批复", "approved"),
                    (Figure(both("批复文号", "number"), one.number or ""), *figures),
                    one.frozen_by,
                    one.document_sha256,
                    tone="warn" if revoked else "ok",
                )
            )
    return found
