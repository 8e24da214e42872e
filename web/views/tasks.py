"""The task: shown beside the list or as a page, and what a person may do with it.

What the page itself posts has names that begin with ``_``; all others belong to the task's form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext

from engine import TaskView
from engine.errors import BihuanError, Conflict, InvalidAnswers, Refused
from engine.plugins import Finding
from engine.values import canonical_json, digest
from web import context, following, leading, rivals
from web.lists import ListState
from web.panel import Panel, Retry, build_panel
from web.security import allow_diagram
from web.typed import Typed, drafted, posted

blueprint = Blueprint("tasks", __name__)

#: What the engine says of a key that it knows. A page's key holds all that was posted, so it is the same request, even
#: where the answers around it, which were not posted, have changed by its own success.
SAME_REQUEST = "request.reused"


def _shown(panel: Panel, status: int = 200) -> Any:
    """Answer with the panel alone for a script, with the whole page for a browser."""
    allow_diagram()
    template = "tasks/panel.html" if "HX-Request" in request.headers else "tasks/page.html"
    return make_response(render_template(template, panel=panel), status)


@blueprint.get("/tasks/<int:item_id>")
def show(item_id: int) -> Any:
    """Show a task; who has opened it is told when it is withdrawn."""
    panel = build_panel(item_id, list_query=leading.list_query(), beside=leading.beside())
    context.engine().opened(item_id, actor=context.actor())
    return _shown(panel)


@blueprint.post("/tasks/<int:item_id>/complete")
def complete(item_id: int) -> Any:
    """Finish the task with an outcome; whatever is refused leaves everything typed on the page."""
    engine, actor = context.engine(), context.actor()
    task = engine.task(item_id, actor)
    typed, before = posted(task, request.form), leading.page_before()
    outcome = request.form.get("_outcome", "")
    if task.outcomes and outcome not in {one.name for one in task.outcomes}:
        abort(400)  # which button it was must never be guessed
    if outcome not in {one.name for one in task.outcomes if one.without_form} and _saved_elsewhere(task):
        rival = rivals.in_another_window(task, typed)
        if rival is not None:
            return _again(item_id, Retry(typed, rival=rival), 409)
    try:
        engine.complete(
            item_id,
            actor=actor,
            version=leading.version(),
            outcome=outcome,
            answers=typed.answers,
            opinion=typed.opinion,
            pins=typed.new_pins(),
            replies=typed.given_replies(),
            document_version=leading.number("_document_version"),
            request_key=leading.request_key(),
            sent=_sent(),
        )
    except InvalidAnswers as error:
        _keep(task, typed.draft(), typed.opinion)
        return _again(item_id, _refused(typed, error.findings), 422)
    except Conflict as error:
        if error.code == SAME_REQUEST:
            return _done(task, outcome, before)
        _keep(task, typed.draft(), typed.opinion)
        return _again(item_id, Retry(typed, notices=[("error", error.message(context.language()))]), 409)
    except Refused as error:
        return _again(item_id, Retry(typed, notices=[("error", error.message(context.language()))]), 422)
    return _done(task, outcome, before)


def _saved_elsewhere(task: TaskView) -> bool:
    """Whether another window has saved a draft since the page that posts this did."""
    seen = leading.number("_draft_revision")
    return task.state == "open" and seen is not None and seen < task.draft_revision


def _done(task: TaskView, outcome: str, before: list[int] | None) -> Any:
    """Say that the task is finished, and lead on."""
    following.tell_done(task, outcome)
    return leading.go(leading.next_address(task.item_id, before))


@blueprint.post("/tasks/<int:item_id>/hand-in")
def hand_in(item_id: int) -> Any:
    """Give the draft of somebody who was asked for it back to the holder."""
    engine, actor = context.engine(), context.actor()
    task = engine.task(item_id, actor)
    typed, before = posted(task, request.form), leading.page_before()
    try:
        engine.save_draft(item_id, actor=actor, answers=typed.draft(), based_on=None, opinion=typed.opinion)
        engine.hand_in(item_id, actor=actor, version=leading.version(), opinion=typed.opinion)
    except InvalidAnswers as error:
        return _again(item_id, _refused(typed, error.findings), 422)
    except (Conflict, Refused) as error:
        return _again(item_id, Retry(typed, notices=[("error", error.message(context.language()))]), 409)
    flash(gettext("“%(subject)s”的初审意见已提交。", subject=task.subject), "ok")
    return leading.go(leading.next_address(item_id, before))


@blueprint.post("/tasks/<int:item_id>/claim")
def claim(item_id: int) -> Any:
    """Make a pooled task mine."""
    return _operate(
        item_id, lambda: context.engine().claim(item_id, actor=context.actor(), version=leading.version())
    )


@blueprint.post("/tasks/<int:item_id>/unclaim")
def unclaim(item_id: int) -> Any:
    """Give a claimed task back to its pool."""
    return _operate(
        item_id, lambda: context.engine().unclaim(item_id, actor=context.actor(), version=leading.version())
    )


@blueprint.post("/tasks/<int:item_id>/assign")
def assign(item_id: int) -> Any:
    """Give the task to a member of staff for drafting (分办)."""
    to = request.form.get("_to", "").removeprefix("user:")
    return _operate(
        item_id,
        lambda: context.engine().assign_out(item_id, actor=context.actor(), to=to, version=leading.version()),
    )


def _operate(item_id: int, operation: Callable[[], Any]) -> Any:
    """Do an operation that only moves the item; a task that the person may not see is not found, whatever they ask."""
    task = context.engine().task(item_id, context.actor())
    try:
        operation()
    except (Conflict, Refused) as error:
        return _again(
            item_id, Retry(drafted(task), notices=[("error", error.message(context.language()))]), 409
        )
    return leading.go(leading.here(item_id))


def _again(item_id: int, retry: Retry, status: int) -> Any:
    """Show the page again with what was typed; where the task is gone from us, say why instead."""
    try:
        panel = build_panel(item_id, list_query=leading.list_query(), beside=leading.beside(), retry=retry)
    except BihuanError:
        text = next((text for _, text in retry.notices), "")
        flash(text, "error")
        return leading.go(url_for("inbox.waiting", **ListState.parse(leading.list_query()).args()))
    return _shown(panel, status)


def _refused(typed: Typed, findings: Sequence[Finding]) -> Retry:
    """Sort the findings to where the page shows them: at the fields, at the opinion, or above everything."""
    blocking = sum(finding.blocks for finding in findings)
    notices = [("error", gettext("没有提交：有 %(count)s 处需要改正，已标出。内容已暂存。", count=blocking))]
    at_fields, at_opinion = [], ""
    for finding in findings:
        place = (finding.field or "").partition(".")[0]
        if place == "opinion":
            at_opinion = context.said(finding.message)
        elif place in {"pins", "replies", ""}:
            notices.append(("error", " ".join(map(context.said, (finding.message, finding.remedy))).strip()))
        else:
            at_fields.append(finding)
    return Retry(typed, at_fields, list(dict.fromkeys(notices)), at_opinion)


def _keep(task: TaskView, draft: dict[str, Any], opinion: str) -> None:
    """Try to save what was typed as a draft; where even that is refused, the page still has it."""
    try:
        context.engine().save_draft(
            task.item_id, actor=context.actor(), answers=draft, based_on=None, opinion=opinion
        )
    except BihuanError:
        current_app.logger.info("the draft of item %s could not be kept", task.item_id)


def _sent() -> str:
    """Return what stands for the fields that the browser sent, so that a double click is recognised."""
    fields = sorted((name, values) for name, values in request.form.lists() if name != "csrf_token")
    return digest(canonical_json(fields))
