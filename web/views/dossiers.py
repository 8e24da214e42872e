"""卷宗: everything that is kept of a case or of a project's cases as one file, which verifies offline."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for

from web import context, dossier_files

blueprint = Blueprint("dossiers", __name__)


@blueprint.post("/instances/<int:instance_id>/dossier")
def of_case(instance_id: int) -> Any:
    """Have the dossier of a case made."""
    context.engine().instance(instance_id, context.actor())
    return _asked([instance_id], instance_id, {})


@blueprint.post("/projects/<int:project_id>/dossier")
def of_project(project_id: int) -> Any:
    """Have the dossier of all cases of a project made, in the order in which they began."""
    cases, _ = dossier_files.of_project(context.engine(), project_id)
    return _asked(list(cases), None, {"project": project_id})


def _asked(cases: list[int], instance_id: int | None, params: dict[str, Any]) -> Any:
    """Ask for it and lead to where it will be; aborts where there is nothing, as for what is secret (domain §6.4)."""
    actor, engine = context.actor(), context.engine()
    if not dossier_files.makes(actor) or not dossier_files.open_to(engine, cases):
        abort(404)
    key = request.form.get("_request_key", "")
    errand = engine.ask_errand(
        dossier_files.KIND,
        instance_id,
        actor=actor,
        params=params,
        request_key=f"{actor.person}:dossier:{key}" if 8 <= len(key) <= 60 else None,
    )
    return redirect(url_for("sheets.show", errand=errand), code=303)
