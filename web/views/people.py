"""Searching people while somebody types: who comes into question for a task, a case, or anything."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, request

from web import given, people

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
def search() -> Any:
    """Return the people found for ``q`` as JSON, in groups; without it those chosen recently and one's own office."""
    purpose = request.args.get("for", people.ANYONE)
    if purpose not in people.PURPOSES:
        abort(400)
    scope = people.Scope(
        purpose,
        item=request.args.get("item", type=given.number),
        instance=request.args.get("instance", type=given.number),
        roles=request.args.get("roles") == "1",
    )
    if (purpose in (people.TASK, people.DRAFT) and scope.item is None) or (
        purpose == people.CASE and scope.instance is None
    ):
        abort(400)
    recent = [one.removeprefix("user:") for one in request.args.get("recent", "").split(",") if one]
    groups = people.offered(scope, request.args.get("q", ""), recent)
    answer = jsonify(
        groups=[
            {
                "label": group.label,
                "options": [
                    {"value": one.value, "name": one.name, "note": one.note} for one in group.options
                ],
            }
            for group in groups
        ]
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
