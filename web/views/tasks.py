"""The task: shown beside the list or as a page, and what a person may do with it.

What the page itself posts has names that begin with ``_``; all others belong to the task's form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext

from engine import TaskView
from engine.errors import BihuanError, Conflict, InvalidAnswers, Refused
from engine.plugins import Finding
from engine.values import canonical_json, digest
from web import context, wording
from web.lists import ListState
from web.panel import Panel, Retry, build_panel
from web.security import allow_diagram
from web.typed import Typed, drafted, posted

blueprint = Blueprint("tasks", __name__)

#: What the engine says of a key that it knows. A page's key holds all that was posted, so it is the same request, even
#: where the answers around it, which were not posted, have changed by its own success.
SAME_REQUEST = "request.reused"


def _beside() -> bool:
    return request.values.get("_beside") == "1"


def _list_query() -> str:
    return ListState.parse(request.values.get("_list", "")).query()


def _shown(panel: Panel, status: int = 200) -> Any:
    """Answer with the panel alone for a script, with the whole page for a browser."""
    allow_diagram()
    template = "tasks/panel.html" if "HX-Request" in request.headers else "tasks/page.html"
    return make_response(render_template(template, panel=panel), status)


def _number(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isdigit() and len(text) < 19 else None


def _version() -> int:
    """Return the version that the page showed; a page without one is stale by definition."""
    return _number("_version") or 0


@blueprint.get("/tasks/<int:item_id>")
def show(item_id: int) -> Any:
    """Show a task; who has opened it is told when it is withdrawn."""
    panel = build_panel(item_id, list_query=_list_query(), beside=_beside())
    context.engine().opened(item_id, actor=context.actor())
    return _shown(panel)


@blueprint.post("/tasks/<int:item_id>/complete")
def complete(item_id: int) -> Any:
    """Finish the task with an outcome; whatever is refused leaves everything typed on the page."""
    engine, actor = context.engine(), context.actor()
    task = engine.task(item_id, actor)
    typed = posted(task, request.form)
    outcome = request.form.get("_outcome", "")
    if task.outcomes and outcome not in {one.name for one in task.outcomes}:
        abort(400)  # which button it was must never be guessed
    try:
        engine.complete(
            item_id,
            actor=actor,
            version=_version(),
            outcome=outcome,
            answers=typed.answers,
            opinion=typed.opinion,
            pins=typed.new_pins(),
            replies=typed.given_replies(),
            document_version=_number("_document_version"),
            request_key=_request_key(),
            sent=_sent(),
        )
    except InvalidAnswers as error:
        _keep(task, typed.draft(), typed.opinion)
        return _again(item_id, _refused(typed, error.findings), 422)
    except Conflict as error:
        if error.code == SAME_REQUEST:
            return _done(task, outcome)
        _keep(task, typed.draft(), typed.opinion)
        return _again(item_id, Retry(typed, notices=[("error", error.message(context.language()))]), 409)
    except Refused as error:
        return _again(item_id, Retry(typed, notices=[("error", error.message(context.language()))]), 422)
    return _done(task, outcome)


def _done(task: TaskView, outcome: str) -> Any:
    """Say that the task is finished, and lead on."""
    flash(
        gettext("“%(subject)s”已办理：%(outcome)s。", subject=task.subject, outcome=wording.said(outcome)),
        "ok",
    )
    return _go(_next_address(task.item_id))


@blueprint.post("/tasks/<int:item_id>/hand-in")
def hand_in(item_id: int) -> Any:
    """Give the draft of somebody who was asked for it back to the holder."""
    engine, actor = context.engine(), context.actor()
    task = engine.task(item_id, actor)
    typed = posted(task, request.form)
    try:
        engine.save_draft(item_id, actor=actor, answers=typed.draft(), based_on=None, opinion=typed.opinion)
        engine.hand_in(item_id, actor=actor, version=_version(), opinion=typed.opinion)
    except InvalidAnswers as error:
        return _again(item_id, _refused(typed, error.findings), 422)
    except (Conflict, Refused) as error:
        return _again(item_id, Retry(typed, notices=[("error", error.message(context.language()))]), 409)
    flash(gettext("“%(subject)s”的初审意见已提交。", subject=task.subject), "ok")
    return _go(_next_address(item_id))


@blueprint.post("/tasks/<int:item_id>/claim")
def claim(item_id: int) -> Any:
    """Make a pooled task mine."""
    return _operate(
        item_id, lambda: context.engine().claim(item_id, actor=context.actor(), version=_version())
    )


@blueprint.post("/tasks/<int:item_id>/unclaim")
def unclaim(item_id: int) -> Any:
    """Give a claimed task back to its pool."""
    return _operate(
        item_id, lambda: context.engine().unclaim(item_id, actor=context.actor(), version=_version())
    )


@blueprint.post("/tasks/<int:item_id>/assign")
def assign(item_id: int) -> Any:
    """Give the task to a member of staff for drafting (分办)."""
    to = request.form.get("_to", "")
    return _operate(
        item_id,
        lambda: context.engine().assign_out(item_id, actor=context.actor(), to=to, version=_version()),
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
    return _go(_here(item_id))


def _again(item_id: int, retry: Retry, status: int) -> Any:
    """Show the page again with what was typed; where the task is gone from us, say why instead."""
    try:
        panel = build_panel(item_id, list_query=_list_query(), beside=_beside(), retry=retry)
    except BihuanError:
        text = next((text for _, text in retry.notices), "")
        flash(text, "error")
        return _go(url_for("inbox.waiting", **ListState.parse(_list_query()).args()))
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


def _request_key() -> str | None:
    """Return the page's own key with a digest of all that it posted: a second click has the same, an edited page another."""
    key = request.form.get("_request_key", "")
    if not 8 <= len(key) <= 60:
        return None
    sent = urlencode([pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"])
    return f"{context.actor().person}:{key}:{sha256(sent.encode()).hexdigest()[:32]}"


def _sent() -> str:
    """Return what stands for the fields that the browser sent, so that a double click is recognised."""
    fields = sorted((name, values) for name, values in request.form.lists() if name != "csrf_token")
    return digest(canonical_json(fields))


def _here(item_id: int) -> str:
    state = ListState.parse(_list_query())
    if _beside():
        return url_for("inbox.waiting", **state.args(cursor=state.cursor), open=item_id)
    return url_for("tasks.show", item_id=item_id, _list=state.query() or None)


def _next_address(item_id: int) -> str:
    """Return where to go after finishing: the next item of the list when that was asked for, else the list."""
    state = ListState.parse(_list_query())
    listed = state.args(cursor=state.cursor)
    if request.form.get("_then") != "next":
        return url_for("inbox.waiting", **listed)
    page = context.engine().inbox(context.actor(), state.inbox_query(current_app.config["PAGE_SIZE"]))
    waiting = [row.item_id for row in page.rows if row.item_id != item_id]
    wished = _number("_next_item")
    following = wished if wished in waiting else next(iter(waiting), None)
    if following is None:
        return url_for("inbox.waiting")
    if _beside():
        return url_for("inbox.waiting", **listed, open=following)
    return url_for("tasks.show", item_id=following, _list=state.query() or None)


def _go(address: str) -> Any:
    """Lead the browser to ``address``; a script is told to go there."""
    if "HX-Request" in request.headers:
        response = make_response("", 200)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, code=303)
