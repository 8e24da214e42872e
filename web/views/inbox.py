"""待办, 已办 and 我发起的: lists whose filters stand in the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask_babel import gettext

from engine import InboxRow
from engine.errors import BihuanError
from web import context, listing, names, record, standing, wording
from web.formatting import capped, due_badge
from web.listing import Counter
from web.lists import Empty, ListState, Row, joined
from web.panel import Panel, build_panel
from web.security import allow_diagram

blueprint = Blueprint("inbox", __name__)

#: From this priority on (0 to 100) an item is marked as urgent.
URGENT = 80
#: The longest number that a database key has.
_KEY_DIGITS = 18


@blueprint.get("/")
def home() -> Any:
    """Lead to the inbox."""
    return redirect(url_for("inbox.waiting"))


@blueprint.get("/inbox")
def waiting() -> Any:
    """Show what waits for the person, with the opened item beside it."""
    state, now = ListState.read(request.args), context.now()
    page = context.engine().inbox(context.actor(), state.inbox_query(current_app.config["PAGE_SIZE"]))
    counts = page.counts
    allow_diagram()
    return listing.show(
        "inbox",
        gettext("待办"),
        state,
        page,
        [_waiting_row(row, now) for row in page.rows],
        _empty_waiting(state),
        sort="due",
        panel=_open_panel(state),
        counters=(
            Counter("", gettext("全部"), capped(counts.all), "inbox"),
            Counter("overdue", gettext("已超期"), capped(counts.overdue), "alert-triangle", "late"),
            Counter("today", gettext("今日到期"), capped(counts.today), "clock", "soon"),
            Counter("week", gettext("本周到期"), capped(counts.week), "calendar"),
        ),
    )


@blueprint.get("/done")
def done() -> Any:
    """Show what the person finished, the newest first."""
    state = ListState.read(request.args)
    query = state.inbox_query(current_app.config["PAGE_SIZE"], "newest")
    page = context.engine().done(context.actor(), query)
    empty = Empty(
        "circle-check", gettext("还没有办过的事项"), gettext("办理完的事项会列在这里，可以随时查看进展。")
    )
    rows = [
        _instance_row(
            row,
            joined(row.unit, wording.said(row.step)),
            round=row.round,
            step=wording.said(row.step),
            at=row.completed_at,
            outcome=wording.said(row.outcome or ""),
        )
        for row in page.rows
    ]
    return listing.show("done", gettext("已办"), state, page, rows, empty)


@blueprint.get("/started")
def started() -> Any:
    """Show what the person started, the newest first."""
    state, now = ListState.read(request.args), context.now()
    query = state.inbox_query(current_app.config["PAGE_SIZE"], "newest")
    page = context.engine().started_by(context.actor(), query)
    empty = Empty(
        "send", gettext("您还没有发起过事项"), gettext("目标申报由财政局统一发起，会直接出现在“待办”里。")
    )
    rows = [
        _instance_row(
            row,
            joined(row.unit, row.reference),
            at=row.started_at,
            **standing.told(page.standing.get(row.instance_id, ()), now),
        )
        for row in page.rows
    ]
    return listing.show("started", gettext("我发起的"), state, page, rows, empty)


def _open_panel(state: ListState) -> Panel | None:
    """Return the task that the address opens beside the list; one that is gone or not ours is simply not open."""
    item = request.args.get("open", "")
    if not item.isdecimal() or len(item) > _KEY_DIGITS:
        return None
    try:
        return build_panel(int(item), list_query=state.query(), beside=True)
    except BihuanError:
        return None


def _empty_waiting(state: ListState) -> Empty:
    if state.filtered:
        return Empty("filter", gettext("没有符合条件的待办"), gettext("放宽或重置上面的条件再看。"))
    return Empty(
        "circle-check",
        gettext("没有待办，都办完了"),
        gettext("新的事项送到您手里时会出现在这里。可以到“已办”查看办过的事项。"),
    )


def _waiting_row(row: InboxRow, now: datetime) -> Row:
    step = wording.said(row.step)
    return Row(
        href=url_for("tasks.show", item_id=row.item_id),
        subject=row.subject or row.step,
        under=joined(row.unit, step, names.holder_note(row)),
        values={
            "kind": wording.said(row.process_name),
            "unit": row.unit,
            "step": step,
            "reference": row.reference,
            "amount": row.amount,
            "priority": row.priority,
            "arrived": row.created_at,
            "due": due_badge(row.due_at, now),
        },
        item_id=row.item_id,
        round=row.round,
        urgent=row.priority >= URGENT,
    )


def _instance_row(row: Any, under: str, *, round: int = 1, **values: Any) -> Row:
    """Return the line of an instance; ``values`` are those that only some lists know of it."""
    about = {
        "kind": wording.said(row.process_name),
        "unit": row.unit,
        "reference": row.reference,
        "amount": row.amount,
        "state": record.state_of(row.state)[0],
    }
    return Row(
        href=url_for("instances.show", instance_id=row.instance_id),
        subject=row.subject or row.process_name,
        under=under,
        values=about | values,
        round=round,
    )
