"""What a list that somebody looks at asks every few seconds: has anything changed? Answered with 304 where nothing has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, json, request
from flask_babel import gettext

from engine import InboxCounts
from engine.tasks.badges import Badges
from engine.tasks.watching import Gone
from engine.values import digest
from web import context, given, preferences
from web.formatting import capped
from web.lists import ListState
from web.rosters import ROSTERS, Roster, mark

blueprint = Blueprint("refresh", __name__)

#: A page shows no more rows than this.
_MOST_SHOWN = 100


@blueprint.get("/changes")
def badges() -> Any:
    """Answer with the numbers beside the navigation, and those of the whole inbox."""
    found = context.engine().badges(context.actor())
    return _answer({**_numbers(found), **_counters(found.waiting)})


@blueprint.get("/lists/<name>/changes")
def changes(name: str) -> Any:
    """Answer with what has changed since the list was shown: the address has its filters, its rows, and when that was.

    ``{"numbers": {"inbox.waiting": "7", …}, "counters": {"overdue": "2", …}, "arrived": 3, "gone": {"17": "…"}}`` for the
    inbox; ``"mark"`` for the others, which differs from that of the page where the page is not the same any more.
    """
    listed, state = ROSTERS.get(name), ListState.read(request.args)
    if listed is None:
        abort(404)
    found = _inbox(listed, state) if name == "inbox" else _other(listed, state)
    return _answer({**_numbers(context.engine().badges(context.actor())), **found})


def _numbers(found: Badges) -> dict[str, Any]:
    counted = {
        "inbox.waiting": found.waiting.all,
        "own.copies": found.copies,
        "own.drafts": found.drafts,
    }
    return {"numbers": {endpoint: capped(count) for endpoint, count in counted.items()}}


def _inbox(listed: Roster, state: ListState) -> dict[str, Any]:
    query = state.inbox_query(preferences.rows(listed.name), listed.sort)
    try:
        since = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        abort(400)
    if since.tzinfo is None:
        abort(400)
    found = context.engine().inbox_changes(context.actor(), query, _shown(), since)
    return {
        **_counters(found.counts),
        "arrived": found.arrived,
        "gone": {str(one.item_id): _fate(one) for one in found.gone},
    }


def _counters(counts: InboxCounts) -> dict[str, Any]:
    known = {"": counts.all, "overdue": counts.overdue, "today": counts.today, "week": counts.week}
    return {"counters": {due: capped(count) for due, count in known.items()}}


def _other(listed: Roster, state: ListState) -> dict[str, Any]:
    page = listed.page(state, state.inbox_query(preferences.rows(listed.name), listed.sort))
    return {"mark": mark(listed, page)}


def _shown() -> list[int]:
    return given.numbers(request.args.get("shown", "").split(",")[:_MOST_SHOWN])


def _fate(gone: Gone) -> str:
    """Return in words what became of an item that is in the inbox no more."""
    if gone.me:
        return gettext("您已办理") if gone.state == "completed" else gettext("已不在您的待办里")
    if gone.by and gone.state == "completed":
        return gettext("%(name)s 已办理", name=gone.by)
    if gone.by and gone.state == "open":
        return gettext("现由 %(name)s 办理", name=gone.by)
    known = {
        "returned": gettext("已被退回"),
        "withdrawn": gettext("已撤回"),
        "cancelled": gettext("已取消"),
    }
    return known.get(gone.state, gettext("已不在您的待办里"))


def _answer(found: dict[str, Any]) -> Response:
    text = json.dumps(found, sort_keys=True)
    response = Response(text, mimetype="application/json")
    response.set_etag(digest(text.encode())[:20])
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)
