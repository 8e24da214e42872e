"""调整截止日: the owner of a deadline moves it for all cases of a step at once, after seeing what that does to each."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import Wish
from engine.calendar import ZONE
from engine.commands.bulk import CHANGE_DUE
from engine.commands.extending import DueChange, DueStep
from engine.errors import BihuanError, Refused
from engine.messages import sentence
from engine.values import canonical_json, digest, stamp
from web import context, given, leading, wording
from web.formatting import moment
from web.views.bulk import AT_ONCE

blueprint = Blueprint("deadlines", __name__)

#: So many lines of a preview are shown; the counts are of all.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One task of a preview or of a result: from when to when, how many timers follow, why not."""

    subject: str
    unit: str
    instance: str
    before: str
    after: str
    timers: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What moving the deadline would do: how many it moves and how many not, and the first lines; ``left`` are those that
    are too many for one time.
    """

    lines: Sequence[Line]
    moves: int
    stays: int
    left: int
    seal: str


@blueprint.get("/deadlines")
def page() -> Any:
    """Show the steps whose deadlines are the person's, and the preview of a chosen one."""
    steps = context.engine().due_steps(context.actor())
    chosen, due = _chosen(steps), _due()
    changes = _changes(chosen, due) if chosen is not None and due is not None else None
    return _shown(
        steps, chosen, due, None if changes is None or chosen is None else _preview(chosen, changes)
    )


@blueprint.post("/deadlines")
def move() -> Any:
    """Let the deadline of what the preview listed be moved, and lead to how far that is; what has changed since is shown
    again and nothing is done.
    """
    steps = context.engine().due_steps(context.actor())
    chosen, due = _chosen(steps), _due()
    if chosen is None or due is None:
        abort(400)
    changes = _changes(chosen, due)
    preview = _preview(chosen, changes)
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _shown(steps, chosen, due, preview, error=gettext("请写明理由。")), 422
    if request.form.get("seal") != preview.seal:
        error = gettext("您看过预览之后又有变化，请按新的预览再确认一次。")
        return _shown(steps, chosen, due, preview, error=error, reason=reason), 409
    engine, actor = context.engine(), context.actor()
    possible = [(one.item_id, one.version) for one in changes if one.refusal is None]
    wish = Wish(CHANGE_DUE, opinion=reason, due=due.isoformat())
    try:
        run = engine.begin_listed(possible, wish, actor=actor, request_key=leading.request_key())
    except Refused as refused:
        return _shown(steps, chosen, due, preview, error=_explained(refused), reason=reason), 422
    engine.run_bulk(run, seconds=AT_ONCE)
    return redirect(url_for("bulk.show", run=run), code=303)


def _chosen(steps: Sequence[DueStep]) -> DueStep | None:
    wanted = request.values.get("step", "")
    return next((one for one in steps if _key(one) == wanted), None)


def _key(one: DueStep) -> str:
    return f"{one.process_id}/{one.element}"


def _due() -> datetime | None:
    """Return the new deadline: the end of office hours of the day, unless an hour is given."""
    try:
        day = given.day(request.values.get("due", ""))
        hour = time.fromisoformat(request.values.get("hour") or "18:00")
    except ValueError:
        return None
    return datetime.combine(day, hour.replace(tzinfo=None), ZONE)


def _changes(chosen: DueStep, due: datetime) -> list[DueChange]:
    return context.engine().due_changes(chosen.process_id, chosen.element, due, actor=context.actor())


def _preview(chosen: DueStep, changes: Sequence[DueChange]) -> Preview:
    stays = sum(one.refusal is not None for one in changes)
    listed = [[one.item_id, one.version, stamp(one.before), one.refusal] for one in changes]
    lines = [_line(one, _why(one)) for one in changes[:SHOWN]]
    left = max(0, chosen.open - len(changes))
    return Preview(lines, len(changes) - stays, stays, left, digest(canonical_json(listed)))


def _why(change: DueChange) -> str:
    if change.refusal is None:
        return ""
    return sentence(change.refusal, {"step": wording.said(change.step)}, context.language())


def _explained(error: BihuanError) -> str:
    return error.message(context.language())


def _line(change: DueChange, why: str) -> Line:
    return Line(
        change.subject or change.step,
        change.unit or "",
        url_for("instances.show", instance_id=change.instance_id),
        moment(change.before),
        moment(change.after),
        change.timers,
        why,
    )


def _shown(
    steps: Sequence[DueStep],
    chosen: DueStep | None,
    due: datetime | None,
    preview: Preview | None,
    **more: Any,
) -> str:
    choices = [
        (
            _key(one),
            gettext(
                "%(process)s · %(step)s（%(count)s 件在办，期限 %(first)s 至 %(last)s）",
                process=wording.said(one.process_name),
                step=wording.said(one.step),
                count=one.open,
                first=moment(one.first),
                last=moment(one.last),
            ),
        )
        for one in steps
    ]
    local = None if due is None else due.astimezone(ZONE)
    return render_template(
        "deadlines/page.html",
        steps=choices,
        chosen=None if chosen is None else _key(chosen),
        day="" if local is None else local.date().isoformat(),
        hour="18:00" if local is None else f"{local:%H:%M}",
        preview=preview,
        request_key=secrets.token_urlsafe(18),
        shown=SHOWN,
        **{"error": "", "reason": "", **more},
    )
