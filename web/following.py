"""Where one goes after a task is finished: the next item of the same list with the same filters, as far as there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, url_for
from flask_babel import gettext
from markupsafe import Markup

from engine import TaskView
from web import context, preferences, wording
from web.lists import ListState


def listed(state: ListState) -> list[int]:
    """Return the items on the page of the list that one came from, in its order."""
    query = state.inbox_query(preferences.rows("inbox"))
    return [row.item_id for row in context.engine().inbox(context.actor(), query).rows]


def after(item_id: int, before: Sequence[int], state: ListState) -> tuple[int | None, ListState]:
    """Return the item that follows ``item_id`` in its list, now that it is finished, and the list's page that has it.

    ``before`` is the page as it was. What came after the item on it comes first; then what slid onto the page from the
    next one; then what came before; then, where the page is empty, the list's first page. None where the list is done.
    """
    now = [one for one in listed(state) if one != item_id]
    at = before.index(item_id) if item_id in before else -1
    waiting = set(now)
    later = [one for one in before[at + 1 :] if one in waiting]
    new = [one for one in now if one not in before]
    earlier = [one for one in reversed(before[: max(at, 0)]) if one in waiting]
    for one in (*later, *new, *earlier):
        return one, state
    if now:
        return now[0], state
    if not state.cursor:
        return None, state
    first = replace(state, cursor="")
    found = [one for one in listed(first) if one != item_id]
    return (found[-1], first) if found else (None, first)


def address(item_id: int, before: Sequence[int], state: ListState, *, beside: bool) -> str:
    """Return where to go: to the next item, beside the list or alone, or to the list where it is done."""
    following, state = after(item_id, before, state)
    if following is None:
        flash(gettext("这个列表里的事项已经办完。"), "info")
        return url_for("inbox.waiting", **state.args())
    if beside:
        return url_for("inbox.waiting", **state.args(cursor=state.cursor), open=following)
    return url_for("tasks.show", item_id=following, _list=state.query() or None)


def tell_done(task: TaskView, outcome: str) -> None:
    """Say that a task was finished and, while it can be taken back, where."""
    said = gettext("“%(subject)s”已办理：%(outcome)s。", subject=task.subject, outcome=wording.said(outcome))
    now = context.engine().task(task.item_id, context.actor())
    if now.can.get("withdraw", "") is not None:
        flash(said, "ok")
        return
    link = Markup('<a href="{}">{}</a>').format(
        url_for("tasks.show", item_id=task.item_id), gettext("办错了？可以撤回")
    )
    flash(Markup("{} {}").format(said, link), "ok")
