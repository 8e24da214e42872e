"""Releases: asked for, reviewed by a second person, deployed at their time, and gone back from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response
from werkzeug.exceptions import BadRequest

from engine.calendar import ZONE, parse_time
from engine.commands.migration_runs import MigrationRun
from engine.design.releases import DRAFTS, FINISH, ROLLBACK, Release, Wish
from engine.errors import BihuanError, NotFound
from web import context
from web.views.design.api.base import People, answer, asked, blueprint, moment, text, whole


@blueprint.get("/releases")
def releases() -> Response:
    """Return the releases, those that wait first, and whether a second person must look at them."""
    design = context.engine().design
    found = design.releases(context.actor())
    people = _people(*found)
    return answer({"review": design.needs_review(), "releases": [_release(one, people) for one in found]})


@blueprint.post("/releases")
def release() -> Response:
    """Ask for a release of drafts."""
    body = asked()
    given = body.get("drafts")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise BadRequest
    wanted = {whole(one, "id"): whole(one, "revision") for one in given}
    return _shown(context.engine().design.release(wanted, _wish(body), context.actor()), 201)


@blueprint.get("/releases/<int:release_id>")
def released(release_id: int) -> Response:
    """Return a release with its files and how far its migrations are."""
    return _shown(context.engine().design.released(release_id, context.actor()))


@blueprint.get("/releases/<int:release_id>/files/<name>")
def released_file(release_id: int, name: str) -> Response:
    """Return a file of a release with its content, as it was frozen."""
    found = context.engine().design.files_of_release(release_id, context.actor())
    for one in found:
        if one.name == name:
            return answer(
                {
                    "file": name,
                    "draft": one.draft_id,
                    "revision": one.revision,
                    "content": one.content.decode("utf-8", "replace"),
                }
            )
    raise NotFound("design.no_file", file=name)


@blueprint.post("/releases/<int:release_id>/decide")
def decide(release_id: int) -> Response:
    """Approve a release or decline it."""
    body = asked()
    agree = body.get("agree")
    if not isinstance(agree, bool):
        raise BadRequest
    opinion = str(body.get("opinion") or "")
    return _shown(context.engine().design.decide(release_id, agree, opinion, context.actor()))


@blueprint.post("/releases/<int:release_id>/withdraw")
def withdraw(release_id: int) -> Response:
    """Take a release back."""
    return _shown(context.engine().design.withdraw(release_id, context.actor()))


@blueprint.post("/processes/<process_id>/roll-back")
def roll_back(process_id: str) -> Response:
    """Deploy an earlier version of a process again."""
    body = asked()
    wish = _wish(body, ROLLBACK)
    deployment = whole(body, "deployment") if "deployment" in body else None
    return _shown(context.engine().design.roll_back(process_id, wish, context.actor(), deployment), 201)


def _wish(body: Mapping[str, Any], origin: str = DRAFTS) -> Wish:
    at = body.get("at")
    running = str(body.get("running") or FINISH)
    return Wish(text(body, "reason"), None if at is None else _moment(str(at)), running, origin)


def _moment(text: str) -> datetime:
    try:
        found = parse_time(text)
    except BihuanError:
        raise BadRequest from None
    if not isinstance(found, datetime):
        raise BadRequest
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _people(*found: Release) -> People:
    return People(person for one in found for person in (one.asked_by, one.decided_by))


def _shown(found: Release, status: int = 200) -> Response:
    design, actor = context.engine().design, context.actor()
    files = design.files_of_release(found.id, actor)
    body = _release(found, _people(found))
    body["files"] = [{"file": one.name, "draft": one.draft_id, "revision": one.revision} for one in files]
    body["migrations"] = [_migration(run) for run in design.migrations_of(found, actor)]
    return answer(body, status)


def _release(found: Release, people: People) -> dict[str, Any]:
    outcome = dict(found.outcome)
    if "error" in outcome:
        language = context.language()
        error = outcome["error"]
        outcome["error"] = {
            "code": error["code"],
            "message": error["message"][language],
            "findings": [one[language] for one in error["findings"]],
        }
    return {
        "id": found.id,
        "state": found.state,
        "origin": found.origin,
        "reason": found.reason,
        "running": found.running,
        "asked_by": people(found.asked_by),
        "asked_at": moment(found.asked_at),
        "at": moment(found.due_at),
        "decided_by": people(found.decided_by),
        "decided_at": moment(found.decided_at),
        "opinion": found.opinion,
        "deployed_at": moment(found.deployed_at),
        "outcome": outcome,
    }


def _migration(run: MigrationRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "process": run.plan.process_id,
        "from": run.plan.source,
        "to": run.plan.target,
        "left": run.left,
        "done": run.done,
        "refused": run.refused,
        "undone": run.undone,
    }
