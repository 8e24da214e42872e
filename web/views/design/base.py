"""The designers' blueprint and its door."""

from __future__ import annotations

from flask import Blueprint

from engine.design.record import designer
from web import context

blueprint = Blueprint("design", __name__, url_prefix="/design")


@blueprint.before_request
def designers_only() -> None:
    """Let in who holds the role of a designer and no administrator's."""
    designer(context.actor())
