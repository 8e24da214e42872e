"""What is typed is kept: the draft, and the parts of a form that follow from a changed field."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, request

import forms
from engine.errors import Conflict, InvalidAnswers
from web import attached, context, leading, rivals
from web.errors import explained
from web.formatting import clock_time
from web.task_form import form_options
from web.typed import drafted, posted

blueprint = Blueprint("drafts", __name__)

#: The engine's word for a draft that another window has saved since.
ANOTHER_WINDOW = "draft.changed"


@blueprint.post("/tasks/<int:item_id>/draft")
def save(item_id: int) -> Any:
    """Keep what was typed; answers when it was saved, as ``{"time": "14:03", "revision": 7}``.

    What another window of the same person has saved since is not written over: then the answer is 409 with the sentence,
    the revision that is there, and ``differences`` as :func:`web.rivals.listed` gives them.
    """
    engine, actor = context.engine(), context.actor()
    typed = posted(engine.task(item_id, actor), request.form)
    try:
        saved = engine.save_draft(
            item_id,
            actor=actor,
            answers=typed.draft(),
            based_on=leading.number("_document_version"),
            opinion=typed.opinion,
            revision=leading.number("_draft_revision"),
        )
    except InvalidAnswers as error:  # what may not be kept at all: the browser is to forget it, too
        return jsonify(message=explained(error), erase=True), 422
    except Conflict as error:
        if error.code != ANOTHER_WINDOW:
            raise
        task = engine.task(item_id, actor)
        found = rivals.listed(rivals.differences(task, drafted(task), typed))
        sentence = error.message(context.language())
        return jsonify(message=sentence, revision=task.draft_revision, differences=found), 409
    return jsonify(time=clock_time(saved.at), revision=saved.revision)


@blueprint.post("/tasks/<int:item_id>/draft/take")
def take(item_id: int) -> Any:
    """Go on from the draft that the page did not show: it becomes the person's own, and the other one stays as it is."""
    engine, actor = context.engine(), context.actor()
    task = engine.task(item_id, actor)
    other = task.other_draft
    if other is None:
        abort(404)
    engine.save_draft(item_id, actor=actor, answers=other.answers, based_on=None, opinion=other.opinion)
    return leading.go(leading.here(item_id))


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
