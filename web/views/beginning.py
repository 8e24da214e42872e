"""发起事项: what the person may begin about a project by hand, and for which projects."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import or_
from sqlalchemy.orm import Session

from budget import years
from budget.tables import Project, Unit
from engine.calendar import ZONE
from engine.errors import Refused
from engine.identity import Post
from web import context, given, leading
from web.errors import explained
from web.views.policies import ENTERERS
from workflows import closing, offers, profiles
from workflows.offers import Offer

blueprint = Blueprint("beginning", __name__)

#: As many projects are listed; more are found by their words.
SHOWN = 100
_LONGEST = 100


def _posts() -> tuple[Post, ...]:
    return tuple(context.actor().posts)


def _years() -> set[int]:
    """Return the budget years that are worked on: the one that runs, and the one that the pages show."""
    return {context.now().astimezone(ZONE).year, context.year()}


def _offer(process: str) -> Offer:
    """Return what is offered to the person under that name; anything else isn't there."""
    found = next((one for one in offers.allowed(_posts()) if one.process == process), None)
    if found is None:
        abort(404)
    return found


@blueprint.get("/begin")
def index() -> Any:
    """Show what the person may begin."""
    found = offers.allowed(_posts())
    if not found:
        abort(403)
    enters = any(post.role in ENTERERS for post in _posts())
    return render_template(
        "beginning/index.html", offers=found, enters_policies=enters, language_code=context.language()
    )


@blueprint.get("/begin/<process>")
def choose(process: str) -> Any:
    """Show the projects about which it can be begun, found by words of the name, the code or the unit."""
    return _shown(_offer(process))


@blueprint.post("/begin/<process>")
def begin(process: str) -> Any:
    """Begin it about the project that was chosen, and lead the person to the first step."""
    offer = _offer(process)
    chosen = request.form.get("choice") or None
    if offer.choices is not None and chosen not in {code.value for code in offer.choices}:
        return _shown(offer, gettext("请选择来源。")), 422
    try:
        wanted = given.number(request.form.get("project", ""))
    except ValueError:
        return _shown(offer, gettext("请选择一个项目。")), 422
    engine = context.engine()
    profile = profiles.of(engine)
    with engine.database.read() as unit, Session(unit.connection) as session:
        query = offers.projects(offer, _posts(), _years()).where(Project.id == wanted)
        row = session.execute(query).first()
        if row is None:
            abort(404)
        asked = offers.request(session, offer, row[0], chosen, profile)
        try:
            if offer.process in closing.processes():
                years.require_open(session, row[0].fiscal_year, row[0].unit, engine.clock.now())
        except Refused as refused:
            return _shown(offer, explained(refused)), 409
    started = engine.start(
        offer.process,
        actor=context.actor(),
        variables=asked.variables,
        request_key=leading.request_key(),
    )
    holders = engine.instance(started.instance_id, context.actor()).holders
    if holders:
        return redirect(url_for("tasks.show", item_id=holders[0].item_id), code=303)
    return redirect(url_for("instances.show", instance_id=started.instance_id), code=303)


def _shown(offer: Offer, error: str = "") -> str:
    text = request.values.get("text", "").strip()[:_LONGEST]
    query = offers.projects(offer, _posts(), _years())
    if text:
        like = f"%{text.replace('%', '')}%"
        query = query.where(or_(Project.name.like(like), Project.code.like(like), Unit.name.like(like)))
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        rows = session.execute(query.limit(SHOWN + 1)).all()
        found = [(project.id, project.code, project.name, unit.name) for project, unit in rows[:SHOWN]]
    return render_template(
        "beginning/choose.html",
        offer=offer,
        projects=found,
        more=len(rows) > SHOWN,
        shown=SHOWN,
        text=text,
        error=error,
        language_code=context.language(),
        request_key=secrets.token_urlsafe(18),
    )
