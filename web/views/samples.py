"""样本库: approved goals graded 优 that were recommended, by type and words, with their indicators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy.orm import Session

from budget import samples
from budget.codes import Level1, Level2, Operator, ProjectType
from web import context
from web.samples import may_read
from workflows.indicator_library import starting

blueprint = Blueprint("samples", __name__)

#: So many samples stand on the page; the filters find the others.
SHOWN = 30


@blueprint.get("/samples")
def page() -> Any:
    """Show the samples with their indicators, the newest first."""
    if not may_read(context.actor().posts):
        abort(403)
    type, words = request.args.get("type", ""), request.args.get("text", "").strip()[:100]
    if type not in ProjectType.__members__:
        type = ""
    language = context.language()

    def said(code: str, kind: str) -> str:
        known: dict[str, Any] = {
            "level1": Level1,
            "level2": Level2,
            "operator": Operator,
            "type": ProjectType,
        }
        return getattr(known[kind][code], language) if code in known[kind].__members__ else code

    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = samples.listed(session, type=type, words=words, limit=SHOWN + 1)
        return render_template(
            "samples/page.html",
            samples=found[:SHOWN],
            more=len(found) > SHOWN,
            shown=SHOWN,
            type=type,
            text=words,
            types=[(one.value, getattr(one, language)) for one in ProjectType],
            said=said,
            may_propose=starting.office_of(context.actor().posts) is not None,
        )
