"""设置: sessions, passwords, how long logs are kept, the working days, and the sign-in at a provider."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import BihuanError
from engine.admin import settings as known
from engine.admin.rights import Right
from engine.passwords import RULES
from web import administration, context, errors, oidc, session, xlsx
from web.administration import needs
from web.exchange import calendar
from web.exchange.files import MOST_BYTES
from workflows import profiles

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
#: The settings that the page has a form for, in its order.
SECURITY = (known.SESSIONS, RULES, known.LOGS, known.SENSITIVE)


@blueprint.get("/")
@needs(Right.SECURITY, Right.SETTINGS)
def index() -> Any:
    """Show the settings."""
    return page()


def page(error: str | None = None, at: str = "", status: int = 200) -> Any:
    """Return the page, with what was refused at the form ``at``."""
    engine = context.engine()
    values = {key: engine.admin.setting(key) for key in (*SECURITY, known.OIDC)}
    if at in values:
        values[at] = {**values[at], **request.form.to_dict()}
    view = render_template(
        "admin/settings.html",
        values=values,
        profile=profiles.of(engine),
        county=context.county_name(),
        rights={right.value for right in administration.rights()},
        separated=engine.admin.separated(),
        callback=url_for("oidc.callback", _external=True),
        has_secret=bool(oidc.secret()),
        error=error,
        at=at,
    )
    return view, status


@blueprint.post("/working-days")
@needs(Right.SETTINGS)
def working_days() -> Any:
    """Take over the official working days of whole years from a workbook; due times that had been guessed are set anew."""
    file = request.files.get("file")
    try:
        days = calendar.read(file.stream.read(MOST_BYTES + 1) if file else b"")
        done = context.engine().import_working_days(days, actor=context.actor().principal)
    except BihuanError as refused:
        return page(errors.explained(refused), "calendar", errors.status_of(refused))
    said = gettext(
        "已导入 %(count)s 天；重算了 %(due)s 个到期时间。", count=len(days), due=done.items + done.timers
    )
    flash(said, "ok")
    return redirect(url_for("admin.settings.index") + "#calendar")


@blueprint.get("/working-days.xlsx")
@needs(Right.SETTINGS)
def working_days_file() -> Any:
    """Return the working days that are known, as the workbook that can be imported again."""
    return xlsx.download(calendar.TITLE, [calendar.sheet(context.engine())])


@blueprint.post("/<key>")
@needs(Right.SECURITY, Right.SETTINGS)
def change(key: str) -> Any:
    """Change one setting."""
    if key not in known.SETTINGS:
        abort(404)
    try:
        changed = context.engine().admin.change_setting(key, request.form, actor=context.actor())
    except BihuanError as refused:
        return page(errors.explained(refused), key, errors.status_of(refused))
    session.forget_limits()
    flash(gettext("已保存。") if changed else gettext("没有改动。"), "ok")
    return redirect(url_for("admin.settings.index") + f"#{key}")
