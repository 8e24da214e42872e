"""常用修改: a draft as a list of steps and conditions, and changes of it written back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from werkzeug.exceptions import BadRequest

from engine.design.steps import Change, Shown, Steps
from engine.messages import sentence
from web import context
from web.views.design.api.base import answer, asked, blueprint, text


@blueprint.get("/drafts/<int:draft_id>/steps")
def steps(draft_id: int) -> Response:
    """Return the list of the draft as it is saved."""
    return answer(_steps(context.engine().design.steps(draft_id, context.actor())))


@blueprint.post("/steps")
def change() -> Response:
    """Return the content with the changes written into it, and its list; nothing is saved."""
    body = asked()
    wanted = body.get("changes", [])
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise BadRequest
    changes = [Change(text(one, "element"), text(one, "property"), one.get("value")) for one in wanted]
    content = text(body, "content").encode()
    written, found = context.engine().design.change_steps(content, changes, context.actor())
    return answer({"content": written.decode(), **_steps(found)})


def _steps(found: Steps) -> dict[str, Any]:
    return {
        "steps": [
            {
                "element": one.element,
                "name": one.name,
                "lane": one.lane,
                "properties": {name: _shown(shown) for name, shown in one.properties.items()},
                "outcomes": list(one.outcomes),
                "earlier": list(one.earlier),
            }
            for one in found.steps
        ],
        "conditions": [{**asdict(one), "test": _shown(one.test)} for one in found.conditions],
    }


def _shown(shown: Shown) -> dict[str, Any]:
    if shown.hidden is None:
        return {"value": shown.value}
    return {"hidden": sentence(shown.hidden, {}, context.language()), "text": shown.text}
