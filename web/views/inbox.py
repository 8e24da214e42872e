"""待办, 已办 and 我发起的: lists whose filters stand in the address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask_babel import gettext

from engine import InboxCounts
from engine.errors import BihuanError
from web import context, given, listing
from web.formatting import capped
from web.listing import Counter
from web.lists import ListState
from web.panel import Panel, build_panel
from web.security import allow_diagram

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/inbox")
def waiting() -> Any:
    """Show what waits for the person, with the opened item beside it."""
    state = ListState.read(request.args)
    allow_diagram()
    return listing.show("inbox", state, panel=_open_panel(state), counters=lambda page: counters(page.counts))


@blueprint.get("/done")
def done() -> Any:
    """Show what the person finished, the newest first."""
    return listing.show("done", ListState.read(request.args))


@blueprint.get("/started")
def started() -> Any:
    """Show what the person started, the newest first, and where it stands."""
    return listing.show("started", ListState.read(request.args))


def counters(counts: InboxCounts) -> tuple[Counter, ...]:
    """Return the numbers above the inbox."""
    return (
        Counter("", gettext("全部"), capped(counts.all), "inbox"),
        Counter("overdue", gettext("已超期"), capped(counts.overdue), "alert-triangle", "late"),
        Counter("today", gettext("今日到期"), capped(counts.today), "clock", "soon"),
        Counter("week", gettext("本周到期"), capped(counts.week), "calendar"),
    )


def _open_panel(state: ListState) -> Panel | None:
    """Return the task that the address opens beside the list; one that is gone or not ours is simply not open."""
    item = request.args.get("open", type=given.number)
    if item is None:
        return None
    try:
        panel = build_panel(item, list_query=state.query(), beside=True)
        context.engine().opened(item, actor=context.actor())
    except BihuanError:
        return None
    return panel
