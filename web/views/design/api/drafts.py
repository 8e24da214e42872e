"""Drafts: begun, saved, checked, restored and given up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from engine.design.checking import Checked
from engine.design.drafts import Draft, Editor
from engine.design.importing import Note
from web import context
from web.views.design.api.base import (
    People,
    answer,
    asked,
    blueprint,
    findings,
    moment,
    notes,
    text,
    whole,
    wholes,
)


@blueprint.post("/drafts")
def begin() -> Response:
    """Begin a draft: of a deployed file, of a blank one, or with a file that is brought."""
    body, design, actor = asked(), context.engine().design, context.actor()
    if "content" in body:
        id = design.bring(text(body, "file"), text(body, "content").encode(), actor)
    elif "kind" in body:
        id = design.begin_blank(text(body, "kind"), text(body, "id"), str(body.get("name") or ""), actor)
    else:
        deployment = whole(body, "deployment") if "deployment" in body else None
        id = design.begin(text(body, "file"), actor, deployment_id=deployment)
    return _shown(id, 201)


@blueprint.get("/drafts/<int:draft_id>")
def show(draft_id: int) -> Response:
    """Return a draft with its content; the others are told that the person has it open."""
    return _shown(draft_id)


@blueprint.put("/drafts/<int:draft_id>")
def save(draft_id: int) -> Response:
    """Save the content on top of the revision that it was typed on."""
    body = asked()
    content = text(body, "content").encode()
    saved = context.engine().design.save(draft_id, content, whole(body, "base"), context.actor())
    return answer(_saved(saved))


@blueprint.delete("/drafts/<int:draft_id>")
def drop(draft_id: int) -> Response:
    """Give the draft up, unless somebody has saved since."""
    context.engine().design.drop(draft_id, whole(asked(), "base"), context.actor())
    return answer({"state": "dropped"})


@blueprint.get("/drafts/<int:draft_id>/revisions")
def revisions(draft_id: int) -> Response:
    """Return who saved it when."""
    found = context.engine().design.revisions(draft_id, context.actor())
    people = People(one.saved_by for one in found)
    return answer(
        {
            "revisions": [
                {
                    "revision": one.number,
                    "restored": one.restored,
                    "saved_by": people(one.saved_by),
                    "saved_at": moment(one.saved_at),
                }
                for one in found
            ]
        }
    )


@blueprint.get("/drafts/<int:draft_id>/revisions/<int:number>")
def revision(draft_id: int, number: int) -> Response:
    """Return one revision with its content."""
    found, content = context.engine().design.revision(draft_id, number, context.actor())
    return answer(
        {
            "revision": found.number,
            "restored": found.restored,
            "saved_by": People([found.saved_by])(found.saved_by),
            "saved_at": moment(found.saved_at),
            "content": content.decode(),
        }
    )


@blueprint.post("/drafts/<int:draft_id>/restore")
def restore(draft_id: int) -> Response:
    """Take an earlier revision up again."""
    body = asked()
    context.engine().design.restore(draft_id, whole(body, "revision"), whole(body, "base"), context.actor())
    return _shown(draft_id)


@blueprint.post("/drafts/<int:draft_id>/take-over")
def take_over(draft_id: int) -> Response:
    """Let the draft stand on what is deployed now."""
    context.engine().design.take_over(draft_id, whole(asked(), "base"), context.actor())
    return _shown(draft_id)


@blueprint.post("/drafts/<int:draft_id>/here")
def here(draft_id: int) -> Response:
    """Note that the person still has it open, or with ``leave`` no longer; return who else has, and the newest revision."""
    design, actor = context.engine().design, context.actor()
    if asked().get("leave") is True:
        design.leave(draft_id, actor)
        return answer({"editors": []})
    others = design.here(draft_id, actor)
    newest = design.revisions(draft_id, actor)[0]
    people = People([newest.saved_by, *(one.person for one in others)])
    return answer(
        {
            "revision": newest.number,
            "saved_by": people(newest.saved_by),
            "saved_at": moment(newest.saved_at),
            "editors": [_editor(one, people) for one in others],
        }
    )


@blueprint.post("/drafts/<int:draft_id>/check")
def check(draft_id: int) -> Response:
    """Check the draft, or the content that is sent along, with everything that it calls."""
    body = asked()
    content = text(body, "content").encode() if "content" in body else None
    found = context.engine().design.check(
        draft_id, context.actor(), content=content, beside=wholes(body, "with")
    )
    return answer(checked(found))


def checked(found: Checked) -> dict[str, Any]:
    """Return what a check found."""
    told = [(file, findings(every, file)) for file, every in found.findings.items()]
    broken = [(file, findings(every, file)) for file, every in found.broken.items()]
    return {
        "verdict": found.verdict,
        "seconds": round(found.seconds, 3),
        "cases": found.cases,
        "findings": [one for _, every in told for one in every],
        "broken": [one for _, every in broken for one in every],
    }


def _shown(draft_id: int, status: int = 200) -> Response:
    found = context.engine().design.draft(draft_id, context.actor())
    draft = found.draft
    people = People([draft.created_by, draft.saved_by, *(one.person for one in found.editors)])
    return answer(
        {
            "id": draft.id,
            "file": draft.name,
            "kind": draft.kind,
            "base": {"deployment": draft.base_id, "up_to_date": found.up_to_date},
            "created_by": people(draft.created_by),
            "created_at": moment(draft.created_at),
            **_saved(draft),
            "converted": None if draft.converted is None else _converted(draft.converted),
            "editors": [_editor(one, people) for one in found.editors],
            "content": found.content.decode(),
        },
        status,
    )


def _converted(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"engine": told["engine"], "notes": notes(Note(**one) for one in told["notes"])}


def _saved(draft: Draft) -> dict[str, Any]:
    return {
        "state": draft.state,
        "revision": draft.revision,
        "saved_by": People([draft.saved_by])(draft.saved_by),
        "saved_at": moment(draft.saved_at),
    }


def _editor(editor: Editor, people: People) -> dict[str, Any]:
    return {"person": people(editor.person), "seen_at": moment(editor.seen_at)}
