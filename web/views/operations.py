"""The dialogs of operations on tasks and cases: what they ask, and doing it; each is a page of its own without a script."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, abort, flash, make_response, render_template, request, url_for

from engine.errors import BihuanError, Conflict, NotFound
from web import context, leading
from web.errors import explained, status_of
from web.operations import ON_CASES, ON_TASKS, menu
from web.operations.model import About, Done, Operation

blueprint = Blueprint("operations", __name__)


@blueprint.route("/tasks/<int:item_id>/operations/<name>", methods=["GET", "POST"])
def on_task(item_id: int, name: str) -> Any:
    """Ask what an operation on a task needs, or do it."""
    operation = ON_TASKS.get(name) or abort(404)
    task = context.engine().task(item_id, context.actor())
    about = About(task.instance_id, task.subject, task, *_posted(), version=leading.version() or task.version)
    return _answer(operation, about, request.path)


@blueprint.route("/instances/<int:instance_id>/operations/<name>", methods=["GET", "POST"])
def on_case(instance_id: int, name: str) -> Any:
    """Ask what an operation on a case needs, or do it."""
    operation = ON_CASES.get(name) or abort(404)
    view = context.engine().instance(instance_id, context.actor())
    about = About(instance_id, view.subject or view.process_name, None, *_posted())
    return _answer(operation, about, request.path)


def _posted() -> tuple[Any, Any]:
    return (request.form, request.files) if request.method == "POST" else (request.args, request.files)


def _answer(operation: Operation, about: About, address: str) -> Any:
    if request.method == "GET":
        return _asked(operation, about, address, refusal=_refusal(operation, about))
    about = About(
        about.instance_id,
        about.subject,
        about.task,
        about.form,
        about.files,
        about.version,
        leading.request_key(),
    )
    before = leading.page_before()
    try:
        done = operation.carry_out(about)
    except NotFound:
        raise
    except BihuanError as error:
        return _asked(operation, about, address, error)
    flash(done.sentence, "ok")
    return leading.go(_after(done, about, before))


def _refusal(operation: Operation, about: About) -> str:
    """Return why the person can't do an operation on a task as it is now; the dialog then has nothing to send."""
    if about.task is None:
        return ""
    return menu.why_not(about.task, operation.name)


def _asked(
    operation: Operation, about: About, address: str, error: BihuanError | None = None, refusal: str = ""
) -> Any:
    """Answer with the dialog; what was typed before a refusal stays in it."""
    by_script = "HX-Request" in request.headers
    page = render_template(
        "operations/dialog.html" if by_script else "operations/page.html",
        dialog=operation.dialog(about),
        about=about,
        address=address,
        error=refusal if error is None else explained(error),
        refused=bool(refusal),
        stale=isinstance(error, Conflict),
        back=_back(about),
        request_key=secrets.token_urlsafe(18),
        place={name: request.values.get(name, "") for name in ("_list", "_beside", "_back", "_item")},
    )
    status = 200 if error is None else status_of(error)
    return make_response(
        page, max(status, 409) if by_script and status > 400 else status
    )  # a script swaps no 403


def _back(about: About) -> str:
    """Return where the dialog was opened."""
    item = about.task.item_id if about.task is not None else leading.number("_item")
    if request.values.get("_back") == "case" or item is None:
        return url_for("instances.show", instance_id=about.instance_id)
    return leading.here(item)


def _after(done: Done, about: About, before: list[int]) -> str:
    """Return where to go when it is done: on to the next task where this one is no more the person's."""
    if done.item is not None:
        return leading.here(done.item)
    if done.leaves and about.task is not None and request.values.get("_back") != "case":
        return leading.next_address(about.task.item_id, before)
    return _back(about)
