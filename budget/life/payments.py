"""What the treasury paid out for a project, month by month as its figures came in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.life.model import MONEY, Figure, Matter, Stage, Step, both
from budget.tables import ExecutionFigure, Project


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
