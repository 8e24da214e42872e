"""待确认: what another administrator asked for and a second one confirms; a new first password is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext

from engine import BihuanError
from engine.admin.rights import Right
from engine.errors import NotFound
from engine.messages import sentence
from web import administration, context, errors
from web.administration import needs, typed
from workflows.profiles.versions import written

#: So many settings of a request are named.
_NAMED = 5
blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")


@blueprint.get("/")
@needs(*Right)
def index() -> Any:
    """Show the requests that the administrator may decide or has made."""
    return _page()


def _page(error: str | None = None, status: int = 200) -> Any:
    engine, actor = context.engine(), context.actor()
    found = engine.admin.approvals(actor)
    people = [who for one, _ in found for who in (one.asked_by, one.decided_by or "", f"user:{one.subject}")]
    orgs = {org.code: org.name for org in engine.people.orgs()}
    call = administration.named(people)
    view = render_template(
        "admin/approvals.html",
        rows=[
            (one, None if why is None else sentence(why, {}, context.language()), _about(one, call, orgs))
            for one, why in found
        ],
        me=actor.principal,
        call=call,
        kinds=administration.approval_words(),
        states=administration.state_words(),
        error=error,
    )
    return view, status


def _about(one: Any, call: Any, orgs: dict[str, str]) -> str:
    """Return whom or what a request is about."""
    on = bool(one.params.get("on"))
    if one.kind == "separate":
        return gettext("启用") if on else gettext("取消")
    if one.kind == "secret_unit":
        name = orgs.get(one.subject, one.subject)
        return gettext("%(unit)s：标为涉密", unit=name) if on else gettext("%(unit)s：取消涉密", unit=name)
    if one.kind == "profile":
        return gettext(
            "第 %(version)s 版：%(names)s", version=one.params["version"], names=_changed(one.params)
        )
    return f"{call(one.subject)}（{one.subject}）"


def _changed(params: Mapping[str, Any]) -> str:
    """Return the first settings that a request changes, with what they are to be."""
    found = [f"{name} = {written(one['value'])[:60]}" for name, one in params["settings"].items()]
    return "；".join(found[:_NAMED]) + ("…" if len(found) > _NAMED else "")


@blueprint.post("/<int:number>/confirm")
@needs(*Right)
def confirm(number: int) -> Any:
    """Do what was asked for; a first password that it makes is shown in the answer, once."""
    engine, actor = context.engine(), context.actor()
    about = next((one for one, _ in engine.admin.approvals(actor) if one.id == number), None)
    if about is None:
        raise NotFound("proposal.unknown")
    try:
        first = engine.admin.confirm(number, actor=actor)
    except NotFound:
        raise
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    if first is not None:
        name = administration.named([about.subject])(about.subject)
        return render_template(
            "admin/first_password.html", id=about.subject, name=name, password=first, done=about
        )
    flash(gettext("已确认。"), "ok")
    return redirect(url_for("admin.approvals.index"))


@blueprint.post("/<int:number>/decline")
@needs(*Right)
def decline(number: int) -> Any:
    """Turn a request down, or take one's own back."""
    try:
        context.engine().admin.decline(number, typed("reason"), actor=context.actor())
    except NotFound:
        raise
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    flash(gettext("已退回申请。"), "ok")
    return redirect(url_for("admin.approvals.index"))


@blueprint.post("/separate")
@needs(Right.SECURITY)
def separate() -> Any:
    """Ask for the separation of the administrator's rights, or for its end."""
    if typed("on") not in ("0", "1"):
        abort(400)
    params = {"on": typed("on") == "1"}
    try:
        context.engine().admin.ask(
            "separate", "county", typed("reason"), actor=context.actor(), params=params
        )
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    flash(gettext("已提出申请，请另一位管理员在“待确认”里确认。"), "ok")
    return redirect(url_for("admin.approvals.index"))
