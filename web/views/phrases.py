"""The page of a person's common phrases: add, change, order, delete."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from engine.errors import Refused
from web import context, phrases
from web.views import office

blueprint = Blueprint("phrases", __name__)


@blueprint.get("/phrases")
def mine() -> Any:
    """Show one's own phrases, and the office's."""
    return _shown()


@blueprint.post("/phrases")
def change() -> Any:
    """Add a phrase, or change, move or delete one of one's own; ``act`` says which."""
    text, old = request.form.get("text", ""), request.form.get("old", "")
    acts = {
        "add": lambda: phrases.add(text),
        "change": lambda: phrases.change(old, text),
        "up": lambda: phrases.move(old, -1),
        "down": lambda: phrases.move(old, 1),
        "remove": lambda: phrases.remove(old),
    }
    act = acts.get(request.form.get("act", ""))
    if act is None:
        abort(400)
    try:
        act()
    except Refused as error:
        flash(error.message(context.language()), "error")
        return _shown(text), 422
    return redirect(url_for("phrases.mine"), code=303)


def _shown(text: str = "") -> str:
    return render_template(
        "phrases/page.html",
        own=phrases.own(),
        office=[one.text for one in phrases.for_me()],
        keeps=office.keeps(),
        text=text,
        longest=phrases.LONGEST,
    )
