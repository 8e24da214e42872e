"""Diagrams of other engines, converted to our dialect with a word about everything that was changed or couldn't be."""

from __future__ import annotations

from flask import Response

from web import context
from web.views.design.api.base import answer, asked, blueprint, notes, text


@blueprint.post("/convert")
def convert() -> Response:
    """Return a diagram of Flowable, Activiti or Camunda 7 in our dialect; nothing is saved."""
    found = context.engine().design.convert(text(asked(), "content").encode(), context.actor())
    return answer({"content": found.content.decode(), "engine": found.engine, "notes": notes(found.notes)})
