"""Comments on a case: said, and taken back; a script is answered with the thread alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from engine.errors import BihuanError
from web import comments, context, errors, given

blueprint = Blueprint("comments", __name__)


@blueprint.post("/instances/<int:instance_id>/comments")
def add(instance_id: int) -> Any:
    """Comment on a case; those whom it names are told."""
    engine, actor = context.engine(), context.actor()
    engine.instance(instance_id, actor)  # one that the person may not see is not found, whatever they send
    text = request.form.get("text", "").replace("\r\n", "\n")
    key = request.form.get("_request_key", "")
    try:
        engine.comment(
            instance_id,
            actor=actor,
            text=text,
            mentions=comments.mentioned(instance_id, text, request.form.getlist("mention")),
            request_key=f"{actor.person}:comment:{key}" if 8 <= len(key) <= 60 else None,
        )
    except BihuanError as error:
        return _shown(instance_id, text, error)
    return _shown(instance_id)


@blueprint.post("/instances/<int:instance_id>/comments/<int:number>/strike")
def strike(instance_id: int, number: int) -> Any:
    """Take back a comment of one's own."""
    engine, actor = context.engine(), context.actor()
    engine.instance(instance_id, actor)
    engine.strike_comment(instance_id, number, actor=actor)
    return _shown(instance_id)


def _shown(instance_id: int, text: str = "", error: BihuanError | None = None) -> Any:
    """Answer with the thread for a script, else lead back to the page that it stands on."""
    item = request.form.get("_item", type=given.number)
    if error is None and "HX-Request" not in request.headers:
        page = (
            url_for("tasks.show", item_id=item)
            if item
            else url_for("instances.show", instance_id=instance_id)
        )
        return redirect(f"{page}#comments", code=303)
    view = context.engine().instance(instance_id, context.actor())
    thread = comments.thread(view, context.now(), item)
    if error is not None:
        thread = thread.refused(text, error.message(context.language()))
    template = "comments/thread.html" if "HX-Request" in request.headers else "comments/page.html"
    status = errors.status_of(error) if error is not None else 200
    return render_template(template, thread=thread, subject=view.subject or view.process_name), status
