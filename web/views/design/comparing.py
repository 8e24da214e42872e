"""What would change: a draft or a released file beside the version that it was begun from."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, render_template, request, url_for

from engine.errors import NotFound
from web import context, security
from web.views.design.base import blueprint
from web.views.design.phrases import compare_phrases


@blueprint.get("/compare")
def compare() -> Any:
    """Show two versions of a file: ``draft``, or ``release`` and ``file``, with what it was begun from."""
    name, kind, _, _ = _versions()
    security.allow_editor()
    draft_id = request.args.get("draft", type=int)
    return render_template(
        "design/compare.html",
        name=name,
        kind=kind,
        source=url_for("design.compared", **request.args),
        phrases=compare_phrases(),
        back=_back(draft_id),
        impact="" if draft_id is None else url_for("design.api.show", draft_id=draft_id),
    )


def _back(draft_id: int | None) -> str:
    """Return where the comparison was asked for: the editor, or the release."""
    if draft_id is not None:
        return url_for("design.editor", draft_id=draft_id)
    return url_for("design.released", release_id=request.args.get("release", type=int))


@blueprint.get("/compared")
def compared() -> Any:
    """Return the two versions of :func:`compare` for the script; before is empty for a new file."""
    _, kind, before, after = _versions()
    return jsonify(
        kind=kind, before=before.decode("utf-8", "replace"), after=after.decode("utf-8", "replace")
    )


def _versions() -> tuple[str, str, bytes, bytes]:
    """Return the file's name and kind, and its content before and after."""
    design, actor = context.engine().design, context.actor()
    draft_id = request.args.get("draft", type=int)
    if draft_id is not None:
        found = design.draft(draft_id, actor)
        return (
            found.draft.name,
            found.draft.kind,
            _deployed(found.draft.base_id, found.draft.name),
            found.content,
        )
    release_id, name = request.args.get("release", type=int), request.args.get("file", "")
    if release_id is None:
        abort(404)
    for file in design.files_of_release(release_id, actor):
        if file.name == name:
            if file.draft_id is not None:
                base = design.draft(file.draft_id, actor).draft.base_id
            else:
                base = {one.name: one.deployment_id for one in design.listing(actor).files}.get(name)
            return name, name.rpartition(".")[2], _deployed(base, name), file.content
    raise NotFound("design.no_file", file=name)


def _deployed(deployment_id: int | None, name: str) -> bytes:
    if deployment_id is None:
        return b""
    return context.engine().design.deployed_files(deployment_id, context.actor()).get(name, b"")
