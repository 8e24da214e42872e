"""年度结转: the preview and the carrying over of a budget year, corrections of a closed one, and the year of the session."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import years
from budget.tables import Unit
from engine.calendar import ZONE
from engine.errors import BihuanError
from web import campaigns, context, given
from web.errors import explained
from web.formatting import local
from web.views.auth import local_address

blueprint = Blueprint("years", __name__)

_LONGEST = 500


@blueprint.get("/years")
def page() -> Any:
    """Show what carrying a year over would do, and the years that were."""
    if not campaigns.sees_all():
        abort(403)
    year = _year(request.args.get("year", ""))
    with context.engine().database.read() as unit, Session(unit.connection) as rows:
        preview = years.preview(rows, year)
        units = [
            (one.code, one.name) for one in rows.execute(select(Unit.code, Unit.name).order_by(Unit.code))
        ]
        return render_template(
            "years/page.html",
            preview=preview,
            named=years.NAMED,
            units=units,
            unit_names=dict(units),
            closed=years.closed(rows),
            corrections=years.corrections(rows, year),
            keeps=campaigns.keeps(),
            ripe=years.ripe(year, local(context.now()).date()),
            english=context.language() == "en",
            now=context.now(),
        )


@blueprint.post("/years")
def carry() -> Any:
    """Carry the year over as the preview showed it; the county works on the next one from then on."""
    if not campaigns.keeps():
        abort(403)
    year, engine = _year(request.form.get("year", "")), context.engine()
    try:
        with engine.database.write() as unit, unit.savepoint() as rows:
            count = years.carry(
                rows,
                year,
                seal=request.form.get("seal", ""),
                by=context.actor().principal,
                now=context.now(),
                today=local(context.now()).date(),
                note=request.form.get("note", "").strip(),
            )
    except BihuanError as error:
        flash(explained(error), "error")
    else:
        engine.set_setting("year", year + 1, actor=context.actor().principal)
        session.pop(context.YEAR, None)
        flash(gettext("已结转：%(count)s 个项目转入 %(year)s 年度。", count=count, year=year + 1), "ok")
    return redirect(url_for("years.page", year=year), code=303)


@blueprint.post("/years/<int:year>/corrections")
def correct(year: int) -> Any:
    """Open a closed year for a unit's corrections until the end of a day."""
    if not campaigns.keeps():
        abort(403)
    try:
        until = datetime.combine(given.day(request.form.get("until", "")), time(18), ZONE)
    except ValueError:
        until = None
    try:
        with context.engine().database.write() as unit, unit.savepoint() as rows:
            years.correct(
                rows,
                year,
                request.form.get("unit", ""),
                reason=request.form.get("reason", "")[:_LONGEST],
                until=until,
                by=context.actor().principal,
                now=context.now(),
            )
    except BihuanError as error:
        flash(explained(error), "error")
    return redirect(url_for("years.page", year=year), code=303)


@blueprint.post("/year")
def switch() -> Any:
    """Look at another budget year from now on, until the session ends or another is chosen."""
    chosen = request.form.get("year", "")
    if chosen not in {str(year) for year in context.years()}:
        abort(404)
    session[context.YEAR] = int(chosen)
    back = (local_address(request.form.get("back")) or url_for("workbench.show")).partition("?")[0]
    return redirect(back, code=303)


def _year(text: str) -> int:
    if not text:
        return context.county_year()
    if not (text.isdecimal() and len(text) == 4):
        abort(404)
    return int(text)
