"""What is known at an element of a draft: what the editors complete from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request

from engine.design.known import Known
from engine.feel.types import Type
from web import context, wording
from web.views.design.api.base import answer, asked, blueprint, text

#: How deep the members of a type are told: rows of a table in a document.
_DEPTH = 4


@blueprint.get("/drafts/<int:draft_id>/known")
def known(draft_id: int) -> Response:
    """Return what is known at ``?element=`` of the draft as it is saved, without it of the whole file."""
    element = request.args.get("element") or None
    found = context.engine().design.known(draft_id, context.actor(), element=element)
    return answer(_known(found))


@blueprint.post("/drafts/<int:draft_id>/known")
def known_in(draft_id: int) -> Response:
    """Return the same of content that isn't saved."""
    body = asked()
    found = context.engine().design.known(
        draft_id,
        context.actor(),
        element=text(body, "element") if body.get("element") else None,
        content=text(body, "content").encode(),
    )
    return answer(_known(found))


def _known(found: Known) -> dict[str, Any]:
    return {
        "names": [
            {"name": one.name, "kind": one.kind, "source": one.source, **_type(one.type)}
            for one in found.names
        ],
        "functions": [
            {"name": name, "parameters": list(parameters), "ours": name in found.ours}
            for name, parameters in found.functions.items()
        ],
        "decisions": [
            {
                "id": id,
                "needs": [{"name": name, **_type(type_)} for name, type_ in needs.items()],
                "gives": _type(gives),
            }
            for id, (needs, gives) in found.decisions.items()
        ],
        "forms": [{"id": id, "name": name} for id, name in found.forms.items()],
        "processes": [{"id": id, "name": name} for id, name in found.processes.items()],
        "handlers": list(found.handlers),
        "posts": list(_posts(found)),
        "roles": [{"id": role, "name": wording.role(role)} for role in found.roles],
        "organisations": [{"id": code, "name": name} for code, name in found.organisations.items()],
    }


def _posts(found: Known) -> Iterator[dict[str, str]]:
    """Yield for each role how an expression says where it is held: at its only organisation, or as the case says."""
    known = {one.name for one in found.names}
    for role, orgs in found.posts.items():
        place = "unit" if role.startswith("unit_") else "section"
        if len(orgs) == 1:
            at = f'"{orgs[0]}"'
        elif "project" in known:
            at = f"project.{place}"
        elif "unit" in known:
            at = "unit.code" if place == "unit" else "unit.section"
        else:
            continue
        yield {"id": role, "name": wording.role(role), "at": at}


def _type(type_: Type, depth: int = _DEPTH) -> dict[str, Any]:
    """Return a type by its name, with the members of a context and of the rows of a list."""
    told: dict[str, Any] = {"type": str(type_)}
    inner = type_.element if type_.kind == "list" and type_.element is not None else type_
    if inner.members and depth:
        told["members"] = [
            {"name": name, **_type(member, depth - 1)} for name, member in inner.members.items()
        ]
    return told
