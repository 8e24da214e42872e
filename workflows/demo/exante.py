"""The demo county's results of ex-ante evaluations (P04): its large new projects passed theirs before they were declared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from budget.codes import ProjectAttr
from budget.money import fen_from_wan
from budget.tables import ExAnte, Project, Unit

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy.orm import Session

    from budget.quality.thresholds import Thresholds

#: The lowest and the highest score, in hundredths; 85 points pass (S5-06).
_SCORES = (8500, 9650)


def add_results(session: Session, fiscal_year: int, thresholds: Thresholds, random: Random) -> None:
    """Write a passed result for each new project of a year that a county asks it for; without such a rule for large ones."""
    query = select(Project).join(Unit, Unit.code == Project.unit).order_by(Project.id)
    query = query.where(Project.fiscal_year == fiscal_year, Project.attr == ProjectAttr.NEW)
    if thresholds.exante_scope != "ALL":
        query = query.where(Project.annual_amount >= fen_from_wan(thresholds.exante_from))
    query = query.where(~Project.secret_flag, ~Unit.secret_flag)
    for number, project in enumerate(session.scalars(query), 1):
        session.add(
            ExAnte(
                project_id=project.id,
                number=f"事评{fiscal_year}-{number:03d}",
                passed=True,
                score=Decimal(random.randint(*_SCORES)) / 100,
                concluded_on=date(fiscal_year - 1, 8, 31),
            )
        )
    session.flush()
