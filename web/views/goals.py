"""目标申报: the register of the year's projects and where each one's goal is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget.codes import GoalState
from web import context, navigation, progress, register
from workflows import profiles

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


def _filters() -> register.Filters:
    """Return what the address asks for."""
    year = _argument("year")
    return register.Filters(
        year=int(year) if year.isdecimal() and len(year) == 4 else context.year(),
        text=_argument("text"),
        unit=_argument("unit"),
        section=_argument("section"),
        state=_argument("state"),
    )


def _kept() -> dict[str, str]:
    """Return the filters of the address, to be kept in links."""
    return {name: _argument(name) for name in ("year", "text", "unit", "section", "state") if _argument(name)}


@blueprint.get("/goals")
def register_page() -> Any:
    """Show the register, filtered as the address says."""
    if not navigation.has_business():
        abort(403)
    filters = _filters()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        page = register.read(session, context.actor().posts, filters, after=_argument("cursor"))
    language = context.language()
    states = [(state.value, getattr(state, language)) for state in GoalState]
    states.append((register.NOT_OPENED, gettext("未布置")))
    return render_template(
        "goals/register.html",
        filters=filters,
        kept=_kept(),
        page=page,
        states=states,
        language_code=language,
        tones=TONES,
    )


@blueprint.get("/goals/progress")
def progress_page() -> Any:
    """Show how far the units are, as text and picture for a group's chat."""
    if not navigation.has_business():
        abort(403)
    filters, posts = _filters(), context.actor().posts
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        units = progress.read(session, posts, filters)
        sections = register.sections(session, posts, filters.year)
    bulletin = progress.Bulletin(
        office=context.engine().telling_settings().sender
        or f"{context.county_name()}{profiles.of(context.engine()).value('wording.bureau')}",
        what=f"{filters.year}年度项目支出绩效目标申报",
        units=units,
        now=context.now(),
        names=_argument("names") == "1" or not _argument("asked"),
    )
    return render_template(
        "goals/progress.html", bulletin=bulletin, filters=filters, kept=_kept(), sections=sections
    )
