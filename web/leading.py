"""Where a page about a task leads after something was done: what it posted about its place, and the next address.

What the page itself posts has names that begin with ``_``; all others belong to the task's form.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import make_response, redirect, request, url_for

from web import context, following, given
from web.lists import ListState


def beside() -> bool:
    """Whether the task is shown beside the list."""
    return request.values.get("_beside") == "1"


def list_query() -> str:
    """Return the state of the list from which the task was opened, as a query string."""
    return ListState.parse(request.values.get("_list", "")).query()


def number(name: str) -> int | None:
    """Return a posted number, None where there is none that a key could be."""
    text = request.values.get(name, "")
    try:
        return given.number(text)
    except ValueError:
        return None


def version() -> int:
    """Return the version that the page showed; a page without one is stale by definition."""
    return number("_version") or 0


def request_key() -> str | None:
    """Return the page's own key with a digest of all that it posted: a second click has the same, an edited page another."""
    key = request.form.get("_request_key", "")
    if not 8 <= len(key) <= 60:
        return None
    sent = urlencode([pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"])
    return f"{context.actor().person}:{key}:{sha256(sent.encode()).hexdigest()[:32]}"


def here(item_id: int) -> str:
    """Return the address of the task where it was: beside the list, or on its own page."""
    state = ListState.parse(list_query())
    if beside():
        return url_for("inbox.waiting", **state.args(cursor=state.cursor), open=item_id)
    return url_for("tasks.show", item_id=item_id, _list=state.query() or None)


def page_before() -> list[int]:
    """Return the page of the list from which the task was opened, before it is finished; nothing where the next item isn't
    wanted.
    """
    if request.form.get("_then") != "next":
        return []
    return following.listed(ListState.parse(list_query()))


def next_address(item_id: int, before: Sequence[int] = ()) -> str:
    """Return where to go after finishing: the next item of the list when that was asked for, else the list.

    ``before`` is what :func:`page_before` gave.
    """
    state = ListState.parse(list_query())
    if request.form.get("_then") != "next":
        return url_for("inbox.waiting", **state.args(cursor=state.cursor))
    return following.address(item_id, before, state, beside=beside())


def go(address: str) -> Any:
    """Lead the browser to ``address``; a script is told to go there."""
    if "HX-Request" in request.headers:
        response = make_response("", 200)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, code=303)
