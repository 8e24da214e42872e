"""系统管理: the pages of administrators, each part a module of its own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, url_for

from engine.admin.rights import Right
from web import administration
from web.views.admin import (
    approvals,
    audits,
    channels,
    exchange,
    logs,
    people,
    phrases,
    profile,
    roles,
    settings,
    units,
)

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
for part in (people, units, roles, exchange, approvals, audits, settings, profile, phrases, channels, logs):
    blueprint.register_blueprint(part.blueprint)

#: Where an administrator begins, by what they may do.
_FIRST = (
    (Right.ACCOUNTS, "admin.people.index"),
    (Right.GRANTS, "admin.people.index"),
    (Right.LOGS, "admin.logs.administered"),
    (Right.SECURITY, "admin.settings.index"),
)


@blueprint.get("/")
def start() -> Any:
    """Lead to the first page that the administrator may use."""
    found = next((endpoint for right, endpoint in _FIRST if right in administration.rights()), None)
    return redirect(url_for(found)) if found else abort(403)
