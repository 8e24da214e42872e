"""目标申报: the register of the year's projects and where each one's goal is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget.codes import GoalState
from web import context, navigation, register

blueprint = Blueprint("goals", __name__)

_LONGEST = 100
TONES = {
    GoalState.APPROVED: "ok",
    GoalState.RETURNED: "warn",
    GoalState.REJECTED: "bad",
    GoalState.SUBMITTED: "brand-tag",
}


def _argument(name: str) -> str:
    return request.args.get(name, "").strip()[:_LONGEST]


@blueprint.get("/goals")
def register_page() -> Any:
    """Show the register, filtered as the address says."""
    if not navigation.has_business():
        abort(403)
    year = _argument("year")
    filters = register.Filters(
        year=int(year) if year.isdigit() else context.year(),
        text=_argument("text"),
        unit=_argument("unit"),
        section=_argument("section"),
        state=_argument("state"),
    )
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        page = register.read(session, context.actor().posts, filters, after=_argument("cursor"))
    language = context.language()
    states = [(state.value, getattr(state, language)) for state in GoalState]
    states.append((register.NOT_OPENED, gettext("未布置")))
    kept = {name: _argument(name) for name in ("year", "text", "unit", "section", "state") if _argument(name)}
    return render_template(
        "goals/register.html",
        filters=filters,
        kept=kept,
        page=page,
        states=states,
        language_code=language,
        tones=TONES,
    )
