"""A project's rectifications in its life: the notice, its receipt, the report, each verification, each escalation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.life.model import NUMBER, Details, Figure, Step, both
from budget.rectification import Step as Escalated
from budget.rectification import Verdict
from budget.tables import Rectification


def steps(session: Session, instances: Sequence[int]) -> Details:
    """Return what happened to the rectifications of instances."""
    query = select(Rectification).where(Rectification.instance_id.in_(instances))
    return {one.instance_id: list(_steps(one)) for one in session.scalars(query)}


def _steps(one: Rectification) -> Iterator[Step]:
    if one.issued_at is not None:
        figures = (
            Figure(both("整改编号", "number"), one.number or ""),
            Figure(both("问题（条）", "problems"), len(one.issues), NUMBER),
        )
        yield Step(
            one.issued_at, both("下达整改通知", "notice issued"), figures, one.issued_by, note=one.requirement
        )
    if one.received_at is not None:
        yield Step(one.received_at, both("签收", "signed for"), by=one.received_by)
    if one.reported_at is not None:
        yield Step(one.reported_at, both("报送整改结果", "reported"))
    for verification in one.verifications:
        verdict = Verdict[verification.verdict]
        yield Step(
            verification.verified_at,
            both(verdict.zh, verdict.en),
            by=verification.verified_by,
            note=verification.note,
            tone="ok" if verdict == Verdict.PASS else "warn",
        )
    for escalation in one.escalations:
        step = Escalated[escalation.step]
        yield Step(escalation.at, both(step.zh, step.en), tone="bad")
