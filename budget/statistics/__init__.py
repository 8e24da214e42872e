"""The figures of a county's year: each is computed from the records when it is asked for, and none is ever typed.

A figure belongs to a business and has an id like ``goal.projects``; the modules of this package define them a business
each and :data:`FIGURES` lists them all. A figure is about a budget year (``fiscal_year``) and is told in the year in which
the work was done (``activity_year``): in 2020 a county evaluates the projects of 2019.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from budget.statistics import (
    accountability,
    books,
    disbursements,
    evaluations,
    ex_ante,
    goals,
    key_evaluations,
    monitoring,
    oversight,
    poverty,
    publications,
    punctuality,
    rectifications,
    report_reviews,
    results,
    spending,
    unit_goals,
    units,
)
from budget.statistics.model import Figure, Scope, Value, shown

#: All figures in the order of an annual report.
FIGURES: tuple[Figure, ...] = (
    *units.FIGURES,
    *books.FIGURES,
    *ex_ante.FIGURES,
    *goals.FIGURES,
    *unit_goals.FIGURES,
    *spending.FIGURES,
    *monitoring.FIGURES,
    *poverty.FIGURES,
    *rectifications.FIGURES,
    *disbursements.FIGURES,
    *evaluations.FIGURES,
    *report_reviews.FIGURES,
    *key_evaluations.FIGURES,
    *results.FIGURES,
    *publications.FIGURES,
    *punctuality.FIGURES,
    *accountability.FIGURES,
    *oversight.FIGURES,
)


def compute(session: Session, scope: Scope, ids: Collection[str] | None = None) -> Mapping[str, Value]:
    """Return the figures named by ``ids``, all without it; raises KeyError for one that isn't there."""
    known = {figure.id: figure for figure in FIGURES}
    wanted = known if ids is None else {id: known[id] for id in ids}
    reading = scope.one_pass()
    return {id: figure.compute(session, reading) for id, figure in wanted.items()}


__all__ = ["FIGURES", "Figure", "Scope", "Value", "compute", "shown"]
