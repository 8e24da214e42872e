"""A project's money in its life: what was spent month by month, requests for payment, and what kept money back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.disbursements import Decision
from budget.holds import HoldKind
from budget.life.model import MONEY, Details, Figure, Matter, Stage, Step, both
from budget.tables import Disbursement, DisbursementReview, ExecutionFigure, Hold, Project


def figures(session: Session, project: Project) -> Sequence[Matter]:
    """Return the execution figures of all budgets together, each from the moment at which it was registered."""
    query = select(ExecutionFigure).where(
        ExecutionFigure.project_id == project.id, ExecutionFigure.book == ""
    )
    rows = session.scalars(query.order_by(ExecutionFigure.imported_at, ExecutionFigure.month)).all()
    if not rows:
        return ()
    steps = [
        Step(
            one.imported_at,
            both(f"截至 {one.month} 月末", f"by the end of month {one.month}"),
            (Figure(both("累计支出", "spent so far"), one.amount, MONEY),),
            one.imported_by,
            note=one.note,
        )
        for one in rows
    ]
    return (Matter(Stage.MONEY, both("支出登记", "spending"), rows[0].imported_at, steps=steps),)


def requests(session: Session, instances: Sequence[int]) -> Details:
    """Return what was decided on requests for payment, and what was paid."""
    found: dict[int, list[Step]] = defaultdict(list)
    for one in session.scalars(
        select(DisbursementReview).where(DisbursementReview.instance_id.in_(instances))
    ):
        decision = Decision[one.decision]
        found[one.instance_id].append(
            Step(
                one.at,
                both(f"绩效审核：{decision.zh}", f"reviewed: {decision.en}"),
                note=one.reason,
                tone="" if decision == Decision.APPROVE else "warn",
            )
        )
    for paid in session.scalars(select(Disbursement).where(Disbursement.instance_id.in_(instances))):
        figures = (
            Figure(both("拨付", "paid"), paid.amount, MONEY),
            Figure(both("凭证号", "voucher"), paid.voucher),
        )
        found[paid.instance_id].append(
            Step(paid.registered_at, both("拨付", "paid"), figures, paid.registered_by, tone="ok")
        )
    return found


def holds(session: Session, project: Project) -> Sequence[Matter]:
    """Return what kept the project's money back, and when it was released."""
    found = []
    for one in session.scalars(select(Hold).where(Hold.project_id == project.id).order_by(Hold.since)):
        kind = HoldKind[one.kind]
        steps = [Step(one.since, both(kind.zh, kind.en), note=one.reason, tone="bad")]
        if one.released_at is not None:
            steps.append(
                Step(one.released_at, both("恢复拨付", "released"), note=one.released_reason or "", tone="ok")
            )
        found.append(Matter(Stage.MONEY, both(kind.zh, kind.en), one.since, steps=steps))
    return found
