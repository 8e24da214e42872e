"""流程设计: the list of what can be designed, and the editor of a draft."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

import workflows
from engine.design.designing import Listing
from engine.errors import BihuanError, Conflict
from web import context, security
from web.errors import explained
from web.views.design.base import blueprint, called
from web.views.design.phrases import editor_phrases, step_phrases, trial_phrases

_TEMPLATES = Path(workflows.__file__).parent / "element-templates"
KINDS = ("bpmn", "dmn", "form")


@blueprint.get("/")
def index() -> Any:
    """Show processes, decisions and forms with their versions and drafts."""
    found = context.engine().design.listing(context.actor())
    return render_template(
        "design/index.html",
        found=found,
        drafts={draft.name: draft for draft in found.drafts},
        new=[draft for draft in found.drafts if draft.name not in {file.name for file in found.files}],
        decisions=[file for file in found.files if file.kind == "dmn"],
        forms=[file for file in found.files if file.kind == "form"],
        names=_names(found),
    )


@blueprint.post("/drafts")
def begin() -> Any:
    """Begin a draft of a deployed file, a blank one, or one that is brought, and open it; an open one is opened."""
    design, actor = context.engine().design, context.actor()
    brought = request.files.get("brought")
    try:
        if brought is not None and brought.filename:
            draft = design.bring(Path(brought.filename).name, brought.read(), actor)
        elif "kind" in request.form:
            name = request.form.get("name", "").strip()
            draft = design.begin_blank(request.form["kind"], request.form.get("id", "").strip(), name, actor)
        else:
            draft = design.begin(request.form.get("file", ""), actor)
    except Conflict as error:
        if "draft" not in error.params:
            return _refused(error)
        draft = int(str(error.params["draft"]))
    except BihuanError as error:
        return _refused(error)
    return redirect(url_for("design.editor", draft_id=draft), 303)


@blueprint.get("/drafts/<int:draft_id>")
def editor(draft_id: int) -> Any:
    """Show the editor of a draft."""
    found = context.engine().design.draft(draft_id, context.actor())
    return render_template(
        "design/editor.html",
        draft=found.draft,
        up_to_date=found.up_to_date,
        nonce=security.allow_editor(),
        phrases=editor_phrases(),
        kind=found.draft.kind,
    )


@blueprint.get("/drafts/<int:draft_id>/try")
def trial(draft_id: int) -> Any:
    """Show the page on which a draft of a process is tried out."""
    found = context.engine().design.draft(draft_id, context.actor())
    security.allow_editor()
    return render_template("design/trial.html", draft=found.draft, phrases=trial_phrases())


@blueprint.get("/drafts/<int:draft_id>/steps")
def steps(draft_id: int) -> Any:
    """Show a draft of a process as a list of steps, for who writes no expressions."""
    found = context.engine().design.draft(draft_id, context.actor())
    return render_template("design/steps.html", draft=found.draft, phrases=step_phrases())


@blueprint.post("/drafts/<int:draft_id>/drop")
def drop(draft_id: int) -> Any:
    """Give a draft up and lead back to the list."""
    design, actor = context.engine().design, context.actor()
    try:
        found = design.draft(draft_id, actor).draft
        design.drop(draft_id, request.form.get("base", found.revision, int), actor)
    except BihuanError as error:
        return _refused(error)
    flash(gettext("“%(file)s”的草稿已放弃。", file=found.name), "ok")
    return redirect(url_for("design.index"), 303)


@blueprint.get("/templates.json")
def templates() -> Any:
    """Return the element templates, as the desktop modeler reads them from its folder."""
    return jsonify(templates=_templates())


@lru_cache(maxsize=1)
def _templates() -> list[dict[str, Any]]:
    files = sorted(_TEMPLATES.glob("*.json"))
    return [template for file in files for template in json.loads(file.read_text("utf-8"))]


def _names(found: Listing) -> dict[str, str]:
    by = {version.deployed_by for row in found.processes for version in row.versions}
    by |= {version.deployed_by for file in found.files for version in file.versions}
    by |= {draft.saved_by for draft in found.drafts}
    return called(by)


def _refused(error: BihuanError) -> Any:
    flash(explained(error), "error")
    return redirect(url_for("design.index"), 303)
