"""What an audit account may open: the cases in its scope and its own sign-in; everything else is refused.

Named here is what is open, so that a page that is new tomorrow is closed to auditors until somebody decides otherwise.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, redirect, request, url_for
from flask_login import current_user

from web import context
from web.session import PUBLIC

#: Where an auditor reads, what a page of theirs asks for by itself, and what is about their own account.
OPEN = PUBLIC | {
    "audit.index",
    "auth.password",
    "auth.sign_out",
    "auth.stay",
    "instances.show",
    "instances.document",
    "instances.related",
    "instances.diagram",
    "attachments.download",
    "messages.count",
    "messages.index",
    "messages.open",
    "messages.read_all",
    "messages.settings",
    "messages.choose",
    "refresh.badges",
    "sessions.mine",
    "sessions.end",
    "sessions.end_others",
}


def install(app: Flask) -> None:
    """Refuse auditors every endpoint of ``app`` that is not in :data:`OPEN`; who signs in is led to the cases."""

    @app.before_request
    def only_what_is_open() -> Any:
        endpoint = request.endpoint
        if endpoint is None or endpoint in OPEN or endpoint in {"static", "health.healthz"}:
            return None
        if not current_user.is_authenticated or not context.actor().is_auditor:
            return None
        if endpoint == "workbench.show":
            return redirect(url_for("audit.index"))
        return abort(403)
