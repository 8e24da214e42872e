"""专家回避关系: the performance section notes which expert is related to which unit, and when that ended (domain §6.5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.agencies import pool
from budget.reviews import RelationKind, end_relation, relate
from budget.tables import ExpertRelation, Unit
from engine.identity import names
from web import context, given
from web.formatting import local
from workflows.key_selection.starting import CHOOSERS, READERS

blueprint = Blueprint("relations", __name__)

_NOTE = 300


@blueprint.get("/expert-relations")
def page() -> Any:
    """Show the relations that still go on, and a form for a new one."""
    if not any(post.role in READERS for post in context.actor().posts):
        abort(403)
    return _shown()


@blueprint.post("/expert-relations")
def add() -> Any:
    """Note a relation; from its first day on the expert is left out of the unit's reviews."""
    if not _may_change():
        abort(403)
    form = {name: request.form.get(name, "").strip() for name in ("person", "unit", "kind", "since", "note")}
    try:
        since = given.day(form["since"]) if form["since"] else None
    except ValueError:
        return _shown(form, gettext("起始日期填得不对，请重新填写或留空。")), 422
    if form["kind"] not in RelationKind.__members__:
        abort(400)
    with context.engine().database.write() as unit, unit.savepoint() as session:
        experts = dict(pool(session, local(context.now()).date()))
        office = session.get(Unit, form["unit"])
        if form["person"] in experts and office is not None:
            kind, note = RelationKind[form["kind"]], form["note"][:_NOTE]
            relate(session, form["person"], office.code, kind, since=since, note=note)
    if form["person"] not in experts:
        return _shown(form, gettext("请选择专家。")), 422
    if office is None:
        return _shown(form, gettext("请选择预算单位。")), 422
    flash(gettext("已登记，组成审查组和选择专家时据此回避。"), "ok")
    return redirect(url_for("relations.page"), 303)


@blueprint.post("/expert-relations/<int:number>/end")
def end(number: int) -> Any:
    """Note that a relation ends today."""
    if not _may_change():
        abort(403)
    with context.engine().database.write() as unit, unit.savepoint() as session:
        ended = end_relation(session, number, local(context.now()).date())
    if not ended:
        abort(404)
    flash(gettext("已登记截止日期，今天以后不再回避。"), "ok")
    return redirect(url_for("relations.page"), 303)


def _may_change() -> bool:
    return any(post.role in CHOOSERS for post in context.actor().posts)


def _shown(form: dict[str, str] | None = None, error: str = "") -> str:
    language = context.language()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        query = select(ExpertRelation, Unit.name).join(Unit, Unit.code == ExpertRelation.unit)
        query = query.where(ExpertRelation.until.is_(None)).order_by(ExpertRelation.id.desc())
        rows = [(relation, unit_name) for relation, unit_name in session.execute(query)]
        people = names(session, [f"user:{relation.person}" for relation, _ in rows])
        return render_template(
            "relations/page.html",
            experts=pool(session, local(context.now()).date()),
            units=session.execute(
                select(Unit.code, Unit.name).where(~Unit.secret_flag).order_by(Unit.code)
            ).all(),
            kinds=[(str(one), getattr(one, language)) for one in RelationKind],
            rows=rows,
            person=lambda account: people.get(f"user:{account}", account),
            kind=lambda code: getattr(RelationKind[code], language),
            form=form or {},
            may_change=_may_change(),
            error=error,
        )
