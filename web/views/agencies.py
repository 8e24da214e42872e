"""机构服务记录: what third parties did for which project; who advised on one may not evaluate it (domain §3.4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.agencies import agencies
from budget.key_codes import ServiceKind
from budget.key_evaluations import record_service, services
from budget.tables import Project, Unit
from web import context, given
from web.formatting import local
from workflows.key_selection.starting import CHOOSERS, READERS

blueprint = Blueprint("agencies", __name__)

#: So many records are shown, the newest.
SHOWN = 200


@blueprint.get("/key-evaluations/services")
def page() -> Any:
    """Show the newest records."""
    if not any(post.role in READERS for post in context.actor().posts):
        abort(403)
    return _shown()


@blueprint.post("/key-evaluations/services")
def add() -> Any:
    """Record that an agency advised on a project, or evaluated it elsewhere."""
    if not any(post.role in CHOOSERS for post in context.actor().posts):
        abort(403)
    form = {name: request.form.get(name, "").strip() for name in ("agency", "code", "kind", "day", "note")}
    try:
        served_on = given.day(form["day"])
    except ValueError:
        return _shown(form, gettext("请填写服务日期。")), 422
    today = local(context.now()).date()
    if served_on > today:
        return _shown(form, gettext("服务日期不能晚于今天。")), 422
    if form["kind"] not in ServiceKind.__members__:
        abort(400)
    with context.engine().database.write() as unit, unit.savepoint() as session:
        project = _project(session, form["code"])
        known = {one.value for one in agencies(session, today)}
        if project is not None and form["agency"] in known:
            kind, note = ServiceKind[form["kind"]], form["note"][:300]
            record_service(session, form["agency"], project.id, kind, served_on, note)
    if project is None:
        return _shown(form, gettext("没有编码为“%(code)s”的非涉密项目。", code=form["code"])), 422
    if form["agency"] not in known:
        return _shown(form, gettext("请选择机构。")), 422
    flash(gettext("已登记，选择评价机构时据此回避。"), "ok")
    return redirect(url_for("agencies.page"), 303)


def _project(session: Session, code: str) -> Project | None:
    """Return the newest year's project of a code; a secret one has nothing to do with third parties."""
    query = (
        select(Project)
        .join(Unit, Unit.code == Project.unit)
        .where(Project.code == code, ~Project.secret_flag, ~Unit.secret_flag)
        .order_by(Project.fiscal_year.desc())
    )
    return session.scalars(query).first()


def _shown(form: dict[str, str] | None = None, error: str = "") -> str:
    language = context.language()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        known = agencies(session, local(context.now()).date())
        names = {one.value: one.label for one in known}
        return render_template(
            "key_evaluations/services.html",
            agencies=known,
            kinds=[(str(one), getattr(one, language)) for one in ServiceKind],
            records=services(session, SHOWN),
            agency=lambda code: names.get(code, code),
            kind=lambda code: getattr(ServiceKind[code], language),
            form=form or {},
            may_add=any(post.role in CHOOSERS for post in context.actor().posts),
            error=error,
        )
