"""What is made in the background: 审批单 as PDF, dossiers, lists of archives; asked for, and fetched when it is ready."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from engine.commands.errands import DONE, FAILED, OPEN, Errand
from engine.commands.interventions import ARCHIVE
from web import attached, chasing, context, dossier_files
from web.formatting import short_moment
from web.printing.sheet import KIND

blueprint = Blueprint("sheets", __name__)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A file that the person asked for: ``what`` and ``state`` in words, ``tone`` of its tag, whether it is still being
    made, and how far it is.
    """

    id: int
    what: str
    subject: str
    instance_id: int | None
    asked: str
    state: str
    tone: str
    waiting: bool
    ready: bool
    size: str
    parts_done: int | None
    parts: int | None


@blueprint.post("/instances/<int:instance_id>/sheet")
def ask(instance_id: int) -> Any:
    """Have the sheet of a case made; the person is led to where it will be."""
    actor = context.actor()
    key = request.form.get("_request_key", "")
    errand = context.engine().ask_errand(
        KIND,
        instance_id,
        actor=actor,
        params={"comments": request.form.get("comments") == "1", "language": context.language()},
        request_key=f"{actor.person}:sheet:{key}" if 8 <= len(key) <= 60 else None,
    )
    return redirect(url_for("sheets.show", errand=errand), code=303)


@blueprint.get("/sheets")
def listing() -> Any:
    """List the files that the person asked for."""
    found = [one for one in context.engine().errands(context.actor()) if one.kind in _kinds()]
    return render_template("sheets/page.html", sheets=[_line(one) for one in found], one=None)


@blueprint.get("/sheets/<int:errand>")
def show(errand: int) -> Any:
    """Show one file: still being made, or ready; a script is answered with the part that changes."""
    found = context.engine().errand(errand, context.actor())
    line = _line(found)
    if "HX-Request" in request.headers:
        return render_template("sheets/state.html", one=line)
    return render_template("sheets/page.html", sheets=(), one=line)


@blueprint.get("/sheets/<int:errand>/file")
def file(errand: int) -> Any:
    """Send the file to the person who asked for it."""
    found, path = context.engine().errand_file(errand, context.actor())
    type, _ = mimetypes.guess_type(found.name or "")
    response = send_file(path, mimetype=type or "application/octet-stream", as_attachment=True, max_age=0)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name or '')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _kinds() -> dict[str, str]:
    """Return what is made for a person, in words."""
    return {
        KIND: gettext("审批单"),
        dossier_files.KIND: gettext("卷宗"),
        ARCHIVE: gettext("归档清单"),
        chasing.URGE: gettext("催办结果"),
        chasing.EXTEND: gettext("延期结果"),
    }


def _line(errand: Errand) -> SheetLine:
    states = {
        OPEN: (gettext("正在生成"), "brand-tag"),
        DONE: (gettext("已生成"), "ok"),
        FAILED: (gettext("没有生成"), "bad"),
    }
    state, tone = states.get(errand.state, (gettext("已过期清除"), ""))
    return SheetLine(
        errand.id,
        _kinds().get(errand.kind, ""),
        errand.subject or errand.name or "",
        errand.instance_id,
        short_moment(errand.asked_at, context.now()),
        state,
        tone,
        errand.state == OPEN,
        errand.state == DONE,
        attached.file_size(errand.size) if errand.size else "",
        errand.parts_done,
        errand.parts,
    )
