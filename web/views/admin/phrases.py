"""常用意见: the county's phrases for opinions, each for everybody or for certain roles and steps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import BihuanError
from engine.admin.rights import Right
from web import context, errors, phrases, wording
from web.administration import needs, typed
from web.phrases import LONGEST, OfficePhrase
from web.views.office import ACTS

blueprint = Blueprint("phrases", __name__, url_prefix="/phrases")


@blueprint.get("/")
@needs(Right.SETTINGS)
def index() -> Any:
    """Show the county's phrases."""
    return _page()


@blueprint.post("/")
@needs(Right.SETTINGS)
def change() -> Any:
    """Add a phrase, or change, move or delete one; ``act`` says which."""
    act = typed("act", 20)
    if act not in ACTS:
        abort(400)
    wanted = OfficePhrase(
        typed("text", LONGEST + 1),
        frozenset(request.form.getlist("roles")) & _roles().keys(),
        frozenset(request.form.getlist("steps")) & _steps().keys(),
    )
    try:
        phrases.edit_office(act, typed("old", LONGEST), wanted)
    except BihuanError as refused:
        return _page(errors.explained(refused), wanted), 422
    flash(gettext("已保存。"), "ok")
    return redirect(url_for("admin.phrases.index"), code=303)


def _roles() -> dict[str, str]:
    return {name: wording.role(name) for name in wording.known_roles()}


def _steps() -> dict[str, str]:
    """Return the steps of the county's processes: element → process and step."""
    return {
        id: f"{wording.said(process.name)} · {wording.said(name)}"
        for process in context.engine().process_steps()
        for id, name in process.steps
    }


def _page(error: str = "", refused: OfficePhrase | None = None) -> str:
    return render_template(
        "admin/phrases.html",
        phrases=phrases.of_office(),
        roles=_roles(),
        steps=_steps(),
        error=error,
        refused=refused if request.form.get("act") == "add" else None,
        longest=LONGEST,
    )
