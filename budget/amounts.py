"""A project's budget of its year by version: at its start, and as it stood at any moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import BudgetAmount, Project


def amount_on(session: Session, project: Project, moment: datetime) -> int:
    """Return a project's budget of its year as it stood at a moment, in 分."""
    found = session.scalar(
        select(BudgetAmount.amount)
        .where(
            BudgetAmount.project_id == project.id,
            BudgetAmount.revoked_at.is_(None),
            BudgetAmount.since <= moment,
        )
        .order_by(BudgetAmount.version.desc())
        .limit(1)
    )
    return initial_amount(session, project) if found is None else found


def initial_amount(session: Session, project: Project) -> int:
    """Return a project's budget at the start of its year (年初预算数), in 分."""
    found = session.scalar(
        select(BudgetAmount.amount).where(BudgetAmount.project_id == project.id, BudgetAmount.version == 0)
    )
    return project.annual_amount if found is None else found
