"""绩效看板: the year's figures, each leading to the rows that it is made of."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.statistics import spending
from budget.tables import Section
from web import context, dashboard, navigation
from web.registers.reading import Filters

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/dashboard")
def show() -> Any:
    """Show the dashboard of the year and section in the address."""
    filters, posts = Filters.read(request.args, context.year()), context.actor().posts
    of = (
        dashboard.scope_of(posts, filters.year, filters.section, context.now())
        if navigation.has_business()
        else None
    )
    if of is None:
        abort(403)
    whole = any(post.role in dashboard.COUNTY for post in posts)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = spending.by_project(session, of)
        checkpoints = dashboard.checkpoints(session, of)
        asked = request.args.get("checkpoint", "")
        checkpoint = asked if asked in checkpoints else ""
        names = (
            session.execute(select(Section.code, Section.name).order_by(Section.code)).all() if whole else []
        )
        return render_template(
            "dashboard/page.html",
            of=of,
            years=[context.year() + offset for offset in range(-3, 2)],
            names=[(row.code, row.name) for row in names],
            cards=dashboard.cards(session, of, found),
            scatter=dashboard.scatter(dashboard.points(session, of, checkpoint)),
            checkpoints=checkpoints,
            checkpoint=checkpoint,
            matrix=dashboard.matrix(session, of, len(found)),
            late=dashboard.late(session, of),
            sections=dashboard.sections(found, of),
        )
