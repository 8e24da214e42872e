"""Attachments: uploaded to a task, downloaded by whoever may read them; never shown as a page of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    abort,
    get_template_attribute,
    jsonify,
    redirect,
    request,
    send_file,
    url_for,
)

from engine.errors import BihuanError
from web import attached, context, errors

blueprint = Blueprint("attachments", __name__)


@blueprint.post("/tasks/<int:item_id>/attachments")
def upload(item_id: int) -> Any:
    """Store a file with the task; for a script the answer is the attachment, or why it was refused."""
    file = request.files.get("file")
    if file is None or not file.filename:
        abort(400)
    context.engine().task(item_id, context.actor())  # one that the person may not see is not found
    try:
        attachment = context.engine().attach(
            item_id,
            actor=context.actor(),
            name=file.filename,
            stream=file.stream,
            field=request.form.get("field") or None,
        )
    except BihuanError as error:
        return errors.answer(errors.status_of(error), error.message(context.language()))
    if not context.wants_json():
        return redirect(url_for("tasks.show", item_id=item_id) + "#files", code=303)
    file_row = get_template_attribute("macros/files.html", "file_row")
    return jsonify(
        id=attachment.id,
        name=attachment.name,
        size=attached.file_size(attachment.size),
        href=url_for("attachments.download", attachment_id=attachment.id),
        row=file_row(attached.shown(attachment, context.now())),
    ), 201


@blueprint.get("/attachments/<int:attachment_id>")
def download(attachment_id: int) -> Any:
    """Send an attachment as a download, with the type that its content had."""
    attachment, path = context.engine().attachment(attachment_id, context.actor())
    response = send_file(
        path, mimetype=attachment.type, as_attachment=True, download_name=attachment.name, max_age=0
    )
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(attachment.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
