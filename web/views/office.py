"""本单位: what the head of an office keeps for it: its telephone numbers and its common phrases."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import BihuanError
from web import context, errors, phrases
from web.administration import typed
from web.phrases import LONGEST, OfficePhrase

blueprint = Blueprint("office", __name__, url_prefix="/office")
#: What may be done with a phrase.
ACTS = ("add", "change", "up", "down", "remove")


def keeps() -> bool:
    """Whether the signed-in person leads an office."""
    return bool(context.engine().heads_of(context.actor()))


@blueprint.get("/")
def show() -> Any:
    """Show the offices that the person leads, with phones and phrases."""
    return _page()


@blueprint.post("/phones")
def phones() -> Any:
    """Set the numbers of an office and of its people: fields ``office`` and ``person.<id>``; each is asked at the engine."""
    org, engine, actor = _led(), context.engine(), context.actor()
    office = next(one for one in engine.admin.offices(actor) if one.code == org)
    changed, problems = False, {}
    try:
        changed |= engine.admin.set_office_phone(org, typed("phone", 60), actor=actor)
    except BihuanError as refused:
        problems["phone"] = errors.explained(refused)
    for desk in office.desks:
        name = f"phone.{desk.person}"
        if name not in request.form:
            continue
        try:
            changed |= engine.admin.set_phone(desk.person, typed(name, 60), actor=actor)
        except BihuanError as refused:
            problems[name] = errors.explained(refused)
    if problems:
        return _page(org, problems), 422
    flash(gettext("已保存。") if changed else gettext("没有改动。"), "ok")
    return redirect(url_for("office.show"), code=303)


@blueprint.post("/phrases")
def change_phrases() -> Any:
    """Add, change, order or delete a phrase of an office; ``act`` says which."""
    org, act = _led(), typed("act", 20)
    if act not in ACTS:
        abort(400)
    try:
        phrases.edit_office(act, typed("old", LONGEST), OfficePhrase(typed("text", LONGEST + 1), org=org))
    except BihuanError as refused:
        flash(errors.explained(refused), "error")
        return _page(org, {"text": typed("text", LONGEST + 1)}), 422
    return redirect(url_for("office.show", _anchor=f"phrases-{org}"), code=303)


def _led() -> str:
    """Return the office that a form is about; one that the person doesn't lead is not found."""
    org = typed("org", 60)
    if org not in context.engine().heads_of(context.actor()):
        abort(404)
    return org


def _page(org: str = "", given: Any = None) -> str:
    """Draw the page; what was typed for ``org`` and refused stays, with the reason."""
    engine, actor = context.engine(), context.actor()
    if not keeps():
        abort(404)
    return render_template(
        "office/page.html",
        offices=[(one, phrases.of_office(one.code)) for one in engine.admin.offices(actor)],
        refused=org,
        problems=given or {},
        longest=LONGEST,
    )
