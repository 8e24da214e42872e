"""A year that was carried over is read-only: what is about it is refused, unless it is open for corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from budget import years
from budget.campaigns import Plan
from engine.calendar import ZONE
from engine.messages import sentence
from engine.plugins import AnswersRequest, Finding
from workflows.campaigns import kinds

#: The processes of what is about a year while it lasts and that no campaign calls for.
_OTHERS = frozenset({"joint_review", "budget_adjustment", "disbursement"})


@cache
def processes() -> frozenset[str]:
    """Return the processes of what is about a year while it lasts (:data:`budget.years.OF_THE_YEAR`)."""
    return _OTHERS | {one.process for kind, one in kinds().items() if kind in years.OF_THE_YEAR}


def check(request: AnswersRequest) -> Sequence[Finding]:
    """Return that a form is about a closed year; nothing for what looks back on one."""
    if request.session is None or request.process not in processes():
        return ()
    project, unit = _mapping(request, "project"), _mapping(request, "unit")
    year = project.get("year") or _mapping(request, "campaign").get("year")
    if year is None or int(year) > request.now.astimezone(ZONE).year:
        return ()
    code = project.get("unit") or unit.get("code")
    if not years.read_only(request.session, int(year), code, request.now):
        return ()
    return (_closed(int(year)),)


def of_plan(session: Session, plan: Plan, now: datetime) -> Sequence[Finding]:
    """Return that a campaign calls for something about a closed year."""
    if plan.kind not in years.OF_THE_YEAR or not years.read_only(session, plan.fiscal_year, None, now):
        return ()
    return (_closed(plan.fiscal_year, "fiscal_year"),)


def _closed(year: int, field: str | None = None) -> Finding:
    said = {language: sentence("year.closed", {"year": year}, language) for language in ("zh", "en")}
    return Finding("error", "year.closed", said, field=field)


def _mapping(request: AnswersRequest, name: str) -> Mapping[str, Any]:
    found = request.variables.get(name)
    return found if isinstance(found, Mapping) else {}
