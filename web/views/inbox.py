"""待办, 已办 and 我发起的: lists whose filters stand in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext

from engine.errors import BihuanError
from web import context, names
from web.formatting import capped, due_badge, today_sentence
from web.lists import Empty, ListState, Row, joined
from web.panel import Panel, build_panel
from web.security import allow_diagram

blueprint = Blueprint("inbox", __name__)


@dataclass(frozen=True, slots=True)
class Counter:
    """A number above the list that is also a filter."""

    due: str
    label: str
    count: str
    icon: str
    tone: str = ""


@blueprint.get("/")
def home() -> Any:
    """Lead to the inbox."""
    return redirect(url_for("inbox.waiting"))


def _state() -> ListState:
    return ListState.read(request.args)


def _open_panel(state: ListState) -> Panel | None:
    """Return the task that the address opens beside the list; one that is gone or not ours is simply not open."""
    item = request.args.get("open", "")
    if not item.isdigit():
        return None
    try:
        return build_panel(int(item), list_query=state.query(), beside=True)
    except BihuanError:
        return None


def _empty_waiting(state: ListState) -> Empty:
    if state.filtered:
        return Empty("filter", gettext("没有符合条件的待办"), gettext("放宽或重置上面的条件再看。"))
    return Empty(
        "circle-check", gettext("没有待办，都办完了"), gettext("新的事项送到您手里时会出现在这里。可以到“已办”查看办过的事项。")
    )


@blueprint.get("/inbox")
def waiting() -> Any:
    """Show what waits for the person, with the opened item beside it."""
    state, actor, now = _state(), context.actor(), context.now()
    page = context.engine().inbox(actor, state.inbox_query(current_app.config["PAGE_SIZE"]))
    panel = _open_panel(state)
    allow_diagram()
    counts = page.counts
    return render_template(
        "inbox/list.html",
        heading=gettext("待办"),
        today=today_sentence(now),
        state=state,
        now=now,
        counters=(
            Counter("", gettext("全部"), capped(counts.all), "inbox"),
            Counter("overdue", gettext("已超期"), capped(counts.overdue), "alert-triangle", "late"),
            Counter("today", gettext("今日到期"), capped(counts.today), "clock", "soon"),
            Counter("week", gettext("本周到期"), capped(counts.week), "calendar"),
        ),
        rows=[_waiting_row(row, now) for row in page.rows],
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        total=None,
        time_heading=gettext("送达"),
        last_heading=gettext("办理时限"),
        sorts=(("due", gettext("办理时限")), ("newest", gettext("最新送达")), ("amount", gettext("金额"))),
        processes=names.processes(),
        units=names.units(),
        empty_view=_empty_waiting(state),
        opens_beside=True,
        open_item=panel.task.item_id if panel else None,
        panel=panel,
    )


def _waiting_row(row: Any, now: Any) -> Row:
    return Row(
        href=url_for("tasks.show", item_id=row.item_id),
        subject=row.subject or row.step,
        under=joined(row.unit, row.step, names.holder_note(row)),
        process_name=row.process_name,
        amount=row.amount,
        at=row.created_at,
        item_id=row.item_id,
        badge=due_badge(row.due_at, now),
        round=row.round or 1,
        urgent=row.priority >= 80,
    )
