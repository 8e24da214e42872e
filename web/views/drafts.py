"""What is typed is kept: the draft, and the parts of a form that follow from a changed field."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, request

import forms
from web import attached, context
from web.formatting import clock_time
from web.panel import form_options
from web.typed import posted

blueprint = Blueprint("drafts", __name__)

#: A version has fewer digits than this.
_DIGITS = 10


@blueprint.post("/tasks/<int:item_id>/draft")
def save(item_id: int) -> Any:
    """Keep what was typed; answers when it was saved, as ``{"time": "14:03", "revision": 7}``."""
    engine, actor = context.engine(), context.actor()
    typed = posted(engine.task(item_id, actor), request.form)
    saved = engine.save_draft(
        item_id, actor=actor, answers=typed.draft(), based_on=None, opinion=typed.opinion
    )
    return jsonify(time=clock_time(saved.at), revision=saved.revision)


@blueprint.post("/tasks/<int:item_id>/form")
def refresh(item_id: int) -> Any:
    """Return the fragments of the form that follow from the changes that are posted with it; nothing is saved."""
    engine, actor = context.engine(), context.actor()
    task = engine.task(item_id, actor)
    if task.form_source is None:
        abort(404)
    typed = posted(task, request.form)
    files = attached.named(engine.instance(task.instance_id, actor).attachments)
    return str(
        forms.refresh(
            forms.read(task.form_source),
            request.form,
            task.variables,
            context.environment(),
            base=typed.answers,
            language=context.language(),
            **form_options(task, files, typed),
        )
    )
