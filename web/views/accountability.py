"""责任追究: the ledger's entries from which nothing has followed yet, by unit; the performance section begins from them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget.accountability import points_by_unit, waiting
from budget.ledger import LedgerEvent
from budget.projects import Register
from web import context, leading, once
from workflows import profiles
from workflows.accountability.starting import BEGINNERS, GROUPS, PROCESS, READERS

blueprint = Blueprint("accountability", __name__)


def _holds(roles: frozenset[str]) -> bool:
    return any(post.role in roles for post in context.actor().posts)


@blueprint.get("/accountability")
def page() -> Any:
    """Show the year's entries that wait, with each unit's points so far."""
    if not _holds(READERS):
        abort(403)
    return _shown()


@blueprint.post("/accountability")
def begin() -> Any:
    """Begin with the ticked entries of one unit, and lead to the draft."""
    if not _holds(BEGINNERS):
        abort(403)
    if (before := once.answered()) is not None:
        return redirect(url_for("instances.show", instance_id=before["instance_id"]), 303)
    engine, ticked = context.engine(), {one for one in request.form.getlist("entry") if one.isdecimal()}
    with engine.database.read() as unit, Session(unit.connection) as session:
        found = [row for row in waiting(session, context.year()) if str(row[0].id) in ticked]
        units = {office.code for _, office, _ in found}
        about = Register(session).unit_variables(next(iter(units))) if len(units) == 1 else None
    if about is None:
        return _shown(gettext("请勾选同一个单位的条目，至少一条。")), 422
    started = engine.start(
        PROCESS,
        actor=context.actor(),
        variables={
            "unit": about,
            "entries": sorted(entry.id for entry, _, _ in found),
            "profile": profiles.of(engine).variables(*GROUPS),
        },
        request_key=leading.request_key(),
    )
    flash(gettext("已发起，请在待办里拟责任追究意见。"), "ok")
    return redirect(url_for("instances.show", instance_id=started.instance_id), 303)


def _shown(error: str = "") -> str:
    language, year = context.language(), context.year()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        rows = waiting(session, year)
        points = points_by_unit(session, year)
        groups = [
            (group[0][1], points.get(code), group)
            for code, found in groupby(rows, key=lambda row: row[1].code)
            for group in (list(found),)
        ]
        return render_template(
            "accountability/page.html",
            groups=groups,
            year=year,
            event=lambda code: getattr(LedgerEvent[code], language),
            may_begin=_holds(BEGINNERS),
            error=error,
        )
