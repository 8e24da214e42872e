"""抄送我的, 草稿 and 关注: what a person was sent, began and watches, and what they do to it in the list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, ngettext

from web import context, given, listing
from web.lists import ListState

blueprint = Blueprint("own", __name__)


@blueprint.get("/copies")
def copies() -> Any:
    """Show what was copied to the person, the newest first."""
    return listing.show("copies", ListState.read(request.args))


@blueprint.get("/drafts")
def drafts() -> Any:
    """Show what the person typed and didn't submit."""
    return listing.show("drafts", ListState.read(request.args))


@blueprint.get("/followed")
def followed() -> Any:
    """Show what the person follows, and where it stands."""
    return listing.show("followed", ListState.read(request.args))


@blueprint.get("/notes/<int:note_id>")
def open_note(note_id: int) -> Any:
    """Lead to what a note is about; the note is read by that."""
    path = context.engine().open_note(note_id, actor=context.actor())
    return redirect(request.script_root + path if path else url_for("own.copies"))


@blueprint.post("/copies/read")
def read_copies() -> Any:
    """Mark the ticked copies as read."""
    chosen = given.numbers(request.form.getlist("note"))
    if not chosen:
        flash(gettext("先勾选要标为已读的抄送。"), "warning")
    else:
        count = context.engine().read_notes(chosen, actor=context.actor())
        flash(ngettext("%(num)d 项已标为已读。", "%(num)d 项已标为已读。", count), "ok")
    return _back("own.copies")


@blueprint.post("/drafts/<int:item_id>/discard")
def discard_draft(item_id: int) -> Any:
    """Forget the person's draft of an item."""
    context.engine().discard_draft(item_id, actor=context.actor())
    flash(gettext("草稿已丢弃。"), "ok")
    return _back("own.drafts")


@blueprint.post("/followed/<int:instance_id>/unfollow")
def unfollow(instance_id: int) -> Any:
    """Follow a case no more."""
    context.engine().follow(instance_id, actor=context.actor(), on=False)
    flash(gettext("已取消关注。"), "ok")
    return _back("own.followed")


def _back(endpoint: str) -> Any:
    """Lead back to the list with the filters that it had."""
    state = ListState.parse(request.form.get("_list", ""))
    return redirect(url_for(endpoint, **state.args(cursor=state.cursor)), code=303)
