"""Switching the post in which one acts (岗位): a session's choice among the posts that the person holds today."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, session, url_for

from web import context
from web.views.auth import local_address

blueprint = Blueprint("posts", __name__)


@blueprint.post("/post")
def switch() -> Any:
    """Choose one of the own posts, or all of them where none is named."""
    chosen = request.form.get("post", "")
    if chosen and chosen not in {post.principal for post in context.actor().posts}:
        abort(404)
    session[context.POST] = chosen
    return redirect(local_address(request.form.get("back")) or url_for("inbox.waiting"), code=303)
