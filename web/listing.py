"""Draws a list: its filters, its table with the columns that the person chose, its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext

from web import columns, context, filter_bar, preferences, rosters, wording
from web.formatting import today_sentence
from web.lists import Empty, ListState
from web.panel import Panel

#: The lists that may be narrowed to what the person does as a substitute.
NARROWED = frozenset({"inbox", "done"})


@dataclass(frozen=True, slots=True)
class Counter:
    """A number above the list that is also a filter."""

    due: str
    label: str
    count: str
    icon: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column: where a click on it leads, and how the list is sorted by it now."""

    column: columns.Column
    sort: str = ""
    direction: str = ""


def show(
    name: str,
    state: ListState,
    *,
    panel: Panel | None = None,
    counters: Callable[[Any], Sequence[Counter]] = lambda _page: (),
) -> str:
    """Draw the list ``name``; ``counters`` makes the numbers above it of the engine's page."""
    listed = rosters.ROSTERS[name]
    now = context.now()
    page = listed.page(state, state.inbox_query(preferences.rows(name), listed.sort))
    shown = columns.chosen(name, preferences.columns(name))
    rows = [listed.line(row, page, now) for row in page.rows]
    return render_template(
        "inbox/list.html",
        name=name,
        heading=listed.heading(),
        today=today_sentence(now),
        state=state,
        now=now,
        counters=counters(page),
        headings=[_heading(column, state, listed.sort) for column in shown],
        columns=shown,
        rows=rows,
        picks=any(row.pick for row in rows),
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        sorts=_sorts(name, listed.sort),
        bar=filter_bar.bar(state),
        empty_view=_nothing_found() if state.filtered else listed.empty(),
        stand_ins=[(one.person, one.name) for one in context.actor().stands_in]
        if listed.name in NARROWED
        else (),
        open_item=panel.task.item_id if panel else None,
        panel=panel,
        tools=_tools(name, state),
        mark=rosters.mark(listed, page),
    )


def _nothing_found() -> Empty:
    return Empty("filter", gettext("没有事项符合条件"), gettext("放宽或重置上面的条件再看。"))


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved filter: where it leads, whose it is, and whether the list shows just this now."""

    id: int
    name: str
    args: Mapping[str, str]
    role: str
    current: bool
    default: bool


@dataclass(frozen=True, slots=True)
class Tools:
    """What a person can set about a list: its columns, rows a page, and saved filters, their own or of their roles."""

    columns: Sequence[tuple[columns.Column, bool]]
    rows: Sequence[tuple[int, bool]]
    filters: Sequence[Saved]
    roles: Sequence[tuple[str, str]]
    may_save: bool


def _tools(name: str, state: ListState) -> Tools:
    shown = {one.id for one in columns.chosen(name, preferences.columns(name))}
    size, here, default = preferences.rows(name), state.filters(), preferences.default_filter(name)
    roles = [
        (
            f"role:{post.role}@{post.org}",
            gettext("%(org)s%(title)s", org=post.org_name, title=wording.role(post.role)),
        )
        for post in context.actor().posts
    ]
    titles = dict(roles)
    saved = [
        Saved(
            one.id,
            one.name,
            ListState.parse(one.query).args(),
            titles.get(one.owner, one.owner) if one.shared else "",
            ListState.parse(one.query).filters() == here,
            default is not None and default.id == one.id,
        )
        for one in preferences.filters(name)
    ]
    return Tools(
        [(one, one.id in shown) for one in columns.columns(name)],
        [(count, count == size) for count in preferences.ROWS],
        saved,
        roles,
        bool(here) and not any(one.current for one in saved),
    )


def _heading(column: columns.Column, state: ListState, sort: str) -> Heading:
    if not column.sorts:
        return Heading(column)
    return Heading(
        column, columns.next_sort(column, state.sort, sort), columns.direction(column, state.sort, sort)
    )


def _sorts(name: str, default: str) -> Sequence[tuple[str, str]]:
    """Return the orders of a list for the bar above it, where a phone has no headings; its own order first."""
    words = {
        "due": gettext("时限近的在前"),
        "latest": gettext("时限远的在前"),
        "newest": gettext("新的在前"),
        "oldest": gettext("旧的在前"),
        "amount": gettext("金额大的在前"),
        "smallest": gettext("金额小的在前"),
    }
    offered = [sort for column in columns.columns(name) for sort in column.sorts]
    return [(sort, words[sort]) for sort in sorted(offered, key=lambda sort: sort != default)]
