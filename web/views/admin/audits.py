"""审计账号: who may read which cases for an audit, from when to when, on whose letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import BihuanError
from engine.admin.auditing import Scope
from engine.admin.rights import Right
from engine.errors import NotFound
from web import administration, context, errors, wording
from web.administration import day, needs, typed
from web.formatting import SHANGHAI

blueprint = Blueprint("audits", __name__, url_prefix="/audits")


@blueprint.get("/")
@needs(Right.GRANTS, Right.LOGS)
def index() -> Any:
    """Show the scopes, and the form for a new one."""
    return _page()


def _page(error: str | None = None, status: int = 200) -> Any:
    engine, actor = context.engine(), context.actor()
    found = engine.admin.audit_scopes(actor)
    today = context.now().astimezone(SHANGHAI).date()
    call = administration.named([one.person for one in found] + [one.created_by for one in found])
    orgs = engine.people.orgs()
    names = {org.code: org.name for org in orgs}
    processes = {id: wording.said(name) for id, name in engine.processes().items()}
    page = render_template(
        "admin/audits.html",
        rows=[(one, _state(one, today), _about(one, names, processes)) for one in found],
        call=call,
        may_make=Right.GRANTS in administration.rights(),
        orgs=administration.org_choices(orgs),
        processes=processes,
        form=request.form,
        chosen={name: request.form.getlist(name) for name in ("units", "processes")},
        error=error,
    )
    return page, status


def _state(one: Scope, today: Any) -> tuple[str, str]:
    if one.holds(today):
        return gettext("有效"), "ok"
    if one.ended_at is not None:
        return gettext("已结束"), ""
    return (gettext("未开始"), "warn") if today < one.valid_from else (gettext("已到期"), "")


def _about(one: Scope, names: dict[str, str], processes: dict[str, str]) -> str:
    """Return in words what a scope names."""
    parts = [
        "、".join(names.get(code, code) for code in one.units) if one.units else gettext("全部单位"),
        gettext("%(years)s 年发起的", years="、".join(map(str, one.years)))
        if one.years
        else gettext("各年度"),
        "、".join(processes.get(id, id) for id in one.processes) if one.processes else gettext("全部流程"),
    ]
    return "；".join(parts)


@blueprint.post("/")
@needs(Right.GRANTS)
def new() -> Any:
    """Let somebody read for an audit."""
    try:
        context.engine().admin.create_audit(
            typed("person", 60),
            typed("org", 50),
            typed("reason"),
            actor=context.actor(),
            first=day(typed("first")),
            last=day(typed("last")),
            units=_several("units"),
            years=_years(typed("years", 100)),
            processes=_several("processes"),
        )
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    flash(gettext("已设立审计账号。"), "ok")
    return redirect(url_for("admin.audits.index"))


def _several(name: str) -> Sequence[str] | None:
    """Return the chosen values of a field, None for none: that means all."""
    return [value[:200] for value in request.form.getlist(name) if value][:500] or None


def _years(text: str) -> Sequence[int] | None:
    words = text.replace("，", " ").replace("、", " ").replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) == 4 for word in words):
        raise BihuanError("setting.range", least=1990, most=2200)
    return [int(word) for word in words] or None


@blueprint.post("/<int:number>/end")
@needs(Right.GRANTS)
def end(number: int) -> Any:
    """End a scope at once."""
    try:
        context.engine().admin.end_audit(number, typed("reason"), actor=context.actor())
    except NotFound:
        raise
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    flash(gettext("已结束。"), "ok")
    return redirect(url_for("admin.audits.index"))
