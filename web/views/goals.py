"""目标申报: the register of the year's projects and where each one's goal is, and the bulletin of the units' progress."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import and_
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.tables import Case
from web import context, navigation, progress
from web.registers.goal import REGISTER
from web.registers.reading import Filters, choices
from web.views import registers

blueprint = Blueprint("goals", __name__)


@blueprint.get("/goals")
def register_page() -> Any:
    """Show the register, filtered as the address says."""
    if not navigation.has_business():
        abort(403)
    return registers.page(REGISTER)


@blueprint.get("/goals/progress")
def progress_page() -> Any:
    """Show how far the units are, as text and picture for a group's chat."""
    if not navigation.has_business():
        abort(403)
    filters, actor = Filters.read(request.args, context.year()), context.actor()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        of_the_year = and_(Case.kind == CaseKind.GOAL, Case.fiscal_year == filters.year)
        units = progress.read(session, actor.posts, of_the_year, filters.unit, filters.section)
        sections = choices(session, REGISTER, actor, filters.year, "section")
    bulletin = progress.Bulletin(
        office=progress.office(),
        what=f"{filters.year}年度项目支出绩效目标申报",
        units=units,
        now=context.now(),
        names=request.args.get("names") == "1" or not request.args.get("asked"),
    )
    kept = filters.kept(context.year())
    return render_template(
        "goals/progress.html", bulletin=bulletin, filters=filters, kept=kept, sections=sections
    )
