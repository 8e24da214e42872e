"""The designers' blueprint and its door."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint
from flask_babel import gettext

from engine.design.record import designer
from web import context

blueprint = Blueprint("design", __name__, url_prefix="/design")


@blueprint.before_request
def designers_only() -> None:
    """Let in who holds the role of a designer and no administrator's."""
    designer(context.actor())


def called(principals: Iterable[str]) -> dict[str, str]:
    """Return what those who did something are called; what was loaded with the county, the system did."""
    wanted = set(principals)
    known = {**context.engine().people.names(wanted), "system": gettext("系统")}
    return {one: known.get(one, one.removeprefix("user:")) for one in wanted}
