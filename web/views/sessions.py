"""我的登录: where one is signed in, and how to end it from here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext

from web import context, session

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/sessions")
def mine() -> Any:
    """Show one's own sessions; those that have run out by themselves are left out."""
    engine, allowed = context.engine(), session.limits()
    idle = timedelta(minutes=allowed.idle_minutes) + timedelta(minutes=5)
    found = engine.sessions.of(context.actor().person, context.now() - idle)
    here = engine.sessions.find(session.token())
    return render_template("auth/sessions.html", rows=found, here=here.id if here else None)


@blueprint.post("/sessions/<int:number>/end")
def end(number: int) -> Any:
    """End one of one's own sessions."""
    context.engine().sessions.end_one(number, context.actor().person)
    flash(gettext("已结束这次登录。"), "ok")
    return redirect(url_for("sessions.mine"))


@blueprint.post("/sessions/end-others")
def end_others() -> Any:
    """End all of one's own sessions but this one."""
    count = context.engine().sessions.end_others(context.actor().person, session.token())
    flash(ngettext("已结束另外 %(num)d 次登录。", "已结束另外 %(num)d 次登录。", count), "ok")
    return redirect(url_for("sessions.mine"))
