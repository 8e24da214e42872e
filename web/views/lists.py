"""How a list is shown to a person, the filters that they saved, and what can be taken out of it as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext

from engine.errors import BihuanError
from web import columns, context, preferences, xlsx
from web.formatting import local
from web.listing import NARROWED
from web.lists import ListState
from web.rosters import ROSTERS, Roster

blueprint = Blueprint("lists", __name__)

#: So many rows of a list go into one workbook at most.
MOST_ROWS = 5_000
#: So many rows are read at once for it.
_AT_ONCE = 100
_WIDTHS = {"amount": 16, "time": 18, "due": 18, "tag": 22}


def _roster(name: str) -> Roster:
    found = ROSTERS.get(name)
    if found is None:
        abort(404)
    return found


def _back(listed: Roster) -> Any:
    """Lead back to the list as its address was."""
    state = ListState.parse(request.form.get("_list", ""))
    return redirect(url_for(listed.endpoint, **state.args()), code=303)


@blueprint.post("/lists/<name>/columns")
def choose_columns(name: str) -> Any:
    """Keep which columns of a list the person wants to see, and how many rows a page."""
    listed = _roster(name)
    wanted = set(request.form.getlist("column"))
    chosen = [one.id for one in columns.columns(name) if one.id in wanted]
    rows = request.form.get("rows", "")
    value = {"columns": chosen, "rows": int(rows) if rows in map(str, preferences.ROWS) else None}
    usual = bool(request.form.get("usual"))
    context.engine().prefer(f"list:{name}", None if usual else value, actor=context.actor())
    return _back(listed)


@blueprint.post("/lists/<name>/filters")
def save_filter(name: str) -> Any:
    """Save the list's filters under a name, for the person or for all who hold one of their roles."""
    listed, state = _roster(name), ListState.parse(request.form.get("_list", ""))
    engine, actor = context.engine(), context.actor()
    role = request.form.get("role") or None
    try:
        saved = engine.save_filter(
            name, request.form.get("name", ""), state.filters(), actor=actor, role=role
        )
        if request.form.get("default"):
            engine.prefer_filter(name, saved, actor=actor)
    except BihuanError as error:
        flash(error.message(context.language()), "error")
    else:
        flash(gettext("常用筛选已保存。"), "ok")
    return _back(listed)


@blueprint.post("/lists/<name>/filters/<int:filter_id>/<any(rename,delete,default,no_default):operation>")
def change_filter(name: str, filter_id: int, operation: str) -> Any:
    """Rename or delete a saved filter, or let the list open with it, or not any more."""
    listed = _roster(name)
    engine, actor = context.engine(), context.actor()
    if filter_id not in {one.id for one in preferences.filters(name)}:
        abort(404)
    try:
        match operation:
            case "rename":
                engine.rename_filter(filter_id, request.form.get("name", ""), actor=actor)
            case "delete":
                engine.delete_filter(filter_id, actor=actor)
            case _:
                engine.prefer_filter(name, filter_id if operation == "default" else None, actor=actor)
    except BihuanError as error:
        flash(error.message(context.language()), "error")
    else:
        flash(gettext("常用筛选已修改。"), "ok")
    return _back(listed)


@blueprint.get("/lists/<name>.xlsx")
def export(name: str) -> Any:
    """Give a list with its filters as a workbook: all its pages, up to :data:`MOST_ROWS` rows."""
    listed, state = _roster(name), ListState.read(request.args)
    shown = columns.columns(name)
    notes: list[str] = []
    counted = [0]
    heading, today = listed.heading(), local(context.now()).date()
    sheet = xlsx.Sheet(
        heading,
        [
            gettext("事项"),
            *(column.label for column in shown),
            *([gettext("代谁办理")] if name in NARROWED else ()),
        ],
        _rows(listed, state, shown, notes, counted),
        [40, *(_WIDTHS.get(column.kind, 20) for column in shown), 14],
        notes,
    )
    answer = xlsx.download(f"{heading}_{today.isoformat()}", [sheet])
    context.engine().record_export(name, state.query(), counted[0], actor=context.actor())
    return answer


def _rows(
    listed: Roster, state: ListState, shown: Sequence[columns.Column], notes: list[str], counted: list[int]
) -> Iterator[Sequence[Any]]:
    """Yield the rows of all pages; says in ``notes`` that some are missing, counts them in ``counted``."""
    now, cursor = context.now(), ""
    while True:
        page = listed.page(state, state.at(cursor).inbox_query(_AT_ONCE, listed.sort))
        for row in page.rows:
            if counted[0] == MOST_ROWS:
                notes.append(
                    gettext("只导出了前 %(count)s 项，请用筛选条件缩小范围后再导出。", count=MOST_ROWS)
                )
                return
            line = listed.line(row, page, now)
            counted[0] += 1
            yield [
                line.subject,
                *(columns.plain(column, line.values) for column in shown),
                *([line.behalf] if listed.name in NARROWED else ()),
            ]
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
