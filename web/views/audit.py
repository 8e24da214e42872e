"""审计查阅: the cases that an auditor's scope names, to be read and nothing else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from web import context, given, record, wording
from web.administration import asked

blueprint = Blueprint("audit", __name__)


@blueprint.get("/audit")
def index() -> Any:
    """Show the cases in scope, the newest first."""
    actor = context.actor()
    if not actor.is_auditor:
        abort(403)
    text, before = asked("text"), request.args.get("before", type=given.number)
    page = context.engine().audit_cases(actor, text=text, before=before)
    processes = context.engine().processes()
    return render_template(
        "admin/audit.html",
        page=page,
        text=text,
        before=before,
        names={id: wording.said(name) for id, name in processes.items()},
        states={row.state: record.state_of(row.state) for row in page.rows},
    )
