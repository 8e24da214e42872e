"""卷宗: everything that is kept of a case or of a project's cases as one file, which verifies offline."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.plugin import bihuan_secret_cases
from budget.tables import Case, Project
from web import context
from web.templating import makes_dossiers

blueprint = Blueprint("dossiers", __name__)

_BAD = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_MOST, _LONGEST = 200, 80


def _instances(chosen: list[int]) -> list[int]:
    """Return the cases that may leave the system; aborts where there is none, as for what is secret (domain §6.4)."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        secret = bihuan_secret_cases(session, chosen)
    found = [id for id in chosen if id not in secret][:_MOST]
    if not found:
        abort(404)
    return found


def _sent(instances: list[int], title: str) -> Response:
    made = context.engine().dossier(instances, title=title, actor=context.actor())
    response = Response(made.content, mimetype="application/zip")
    name = quote(_BAD.sub("_", title)[:_LONGEST])
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}.zip"
    response.headers["X-Dossier-SHA256"] = made.sha256
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/instances/<int:instance_id>/dossier.zip")
def of_case(instance_id: int) -> Any:
    """Give the dossier of a case."""
    if not makes_dossiers():
        abort(404)
    view = context.engine().instance(instance_id, context.actor())
    return _sent(_instances([instance_id]), f"卷宗-{view.reference or instance_id}-{view.subject or ''}")


@blueprint.get("/projects/<int:project_id>/dossier.zip")
def of_project(project_id: int) -> Any:
    """Give the dossier of all cases of a project, in the order in which they began."""
    if not makes_dossiers():
        abort(404)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        project = session.get(Project, project_id) or abort(404)
        query = select(Case.instance_id).where(Case.project_id == project_id).order_by(Case.opened_at)
        cases, title = list(session.scalars(query)), f"卷宗-{project.code}-{project.name}"
    return _sent(_instances(cases), title)
