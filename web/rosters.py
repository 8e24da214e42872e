"""What each list is: its heading and order, what the engine gives for a page of it, and its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from engine import InboxQuery, InboxRow
from engine.tasks.query import URGENT
from engine.values import digest
from web import context, names, record, standing, wording
from web.formatting import due_badge
from web.lists import Action, Empty, ListState, Row, joined


@dataclass(frozen=True, slots=True)
class Roster:
    """A list: ``page`` asks the engine for one, ``line`` makes a row of it a line, ``mark`` tells two states of it apart."""

    name: str
    endpoint: str
    heading: Callable[[], str]
    page: Callable[[ListState, InboxQuery], Any]
    line: Callable[[Any, Any, datetime], Row]
    empty: Callable[[], Empty]
    mark: Callable[[Any, Any], tuple[Any, ...]]
    #: The order of the list when the address says nothing.
    sort: str = "newest"


# -- 待办 ------------------------------------------------------------------------------------------------------------


def _waiting_line(row: InboxRow, _page: Any, now: datetime) -> Row:
    step = wording.said(row.step)
    return Row(
        href=url_for("tasks.show", item_id=row.item_id),
        subject=row.subject or row.step,
        under=joined(row.unit, step, names.holder_note(row)),
        values={
            **_about(row),
            "step": step,
            "priority": row.priority,
            "arrived": row.created_at,
            "due": due_badge(row.due_at, now),
            "due_at": row.due_at,
        },
        item_id=row.item_id,
        round=row.round,
        urgent=row.urgent or row.priority >= URGENT,
        behalf=row.behalf or "",
        pick=f"{row.item_id}:{row.version}",
    )


def _nothing_waits() -> Empty:
    return Empty(
        "circle-check",
        gettext("没有待办，都办完了"),
        gettext("新的事项送到您手里时会出现在这里。可以到“已办”查看办过的事项。"),
    )


# -- 已办 and 我发起的 -------------------------------------------------------------------------------------------------


def _done_line(row: Any, _page: Any, _now: datetime) -> Row:
    step = wording.said(row.step)
    values = {"step": step, "at": row.completed_at, "outcome": wording.said(row.outcome or "")}
    more = {"round": row.round, "behalf": row.behalf or "", "pick": _urged(row)}
    return _case(row, joined(row.unit, step), values, **more)


def _nothing_done() -> Empty:
    return Empty(
        "circle-check", gettext("还没有办过的事项"), gettext("办理完的事项会列在这里，可以随时查看进展。")
    )


def _started_line(row: Any, page: Any, now: datetime) -> Row:
    values = {"at": row.started_at, **_where(row, page, now)}
    return _case(row, joined(row.unit, row.reference), values, pick=_urged(row))


def _nothing_started() -> Empty:
    return Empty(
        "send", gettext("您还没有发起过事项"), gettext("目标申报由财政局统一发起，会直接出现在“待办”里。")
    )


# -- 抄送我的, 草稿 and 关注 --------------------------------------------------------------------------------------------


def _copy_line(row: Any, _page: Any, _now: datetime) -> Row:
    values = {
        "sender": row.sender_name,
        "text": row.text,
        "at": row.sent_at,
        "read": gettext("已读") if row.read_at else gettext("未读"),
    }
    return _case(
        row,
        joined(row.unit, row.reference),
        values,
        href=url_for("own.open_note", note_id=row.note_id),
        check=None if row.read_at else row.note_id,
        unread=row.read_at is None,
    )


def _nothing_copied() -> Empty:
    return Empty(
        "copy",
        gettext("没有抄送给您的事项"),
        gettext("别人办理时抄送给您的事项会列在这里，打开即视为已读，对方能看到回执。"),
    )


def _draft_line(row: Any, _page: Any, now: datetime) -> Row:
    step = wording.said(row.step)
    states = {
        "open": gettext("待办理"),
        "completed": gettext("已由他人办理"),
        "returned": gettext("已被退回"),
        "withdrawn": gettext("已撤回"),
    }
    values = {
        "step": step,
        "at": row.saved_at,
        "due": due_badge(row.due_at, now) if row.item_state == "open" else None,
        "due_at": row.due_at,
        "state": states.get(row.item_state, gettext("已取消")),
    }
    return _case(
        row,
        joined(row.unit, step),
        values,
        round=row.round,
        href=url_for("tasks.show", item_id=row.item_id),
        actions=(
            Action(
                url_for("own.discard_draft", item_id=row.item_id),
                gettext("丢弃"),
                gettext("丢弃“%(subject)s”的草稿？丢弃后不能找回。", subject=row.subject or step),
            ),
        ),
    )


def _nothing_begun() -> Empty:
    return Empty(
        "pencil",
        gettext("没有草稿"),
        gettext("办理时填写的内容会自动暂存；没有提交的都列在这里，可以接着填写。"),
    )


def _followed_line(row: Any, page: Any, now: datetime) -> Row:
    return _case(
        row,
        joined(row.unit, row.reference),
        {"at": row.since, **_where(row, page, now)},
        pick=_urged(row),
        actions=(Action(url_for("own.unfollow", instance_id=row.instance_id), gettext("取消关注")),),
    )


def _nothing_followed() -> Empty:
    return Empty("star", gettext("没有关注的事项"), gettext("在事项页面点“关注”，它的进展就会列在这里。"))


# -- what they share -----------------------------------------------------------------------------------------------------


def _about(row: Any) -> dict[str, Any]:
    return {
        "kind": wording.said(row.process_name),
        "unit": row.unit,
        "reference": row.reference,
        "amount": row.amount,
    }


def _urged(row: Any) -> str:
    """Return what ticking a case means: those who have it are urged; nothing where nobody has it any more."""
    return "" if row.state in ("ended", "terminated") else f"case:{row.instance_id}"


def _where(row: Any, page: Any, now: datetime) -> dict[str, str]:
    return standing.told(page.standing.get(row.instance_id, ()), now)


def _case(row: Any, under: str, values: Mapping[str, Any], **more: Any) -> Row:
    """Return the line of a case; ``values`` are those that only some lists know of it."""
    state = record.state_of(row.state)[0]
    return Row(
        href=more.pop("href", None) or url_for("instances.show", instance_id=row.instance_id),
        subject=row.subject or wording.said(row.process_name),
        under=under,
        values={**_about(row), "state": state, **values},
        **more,
    )


def _standing_mark(row: Any, page: Any) -> tuple[Any, ...]:
    return row.instance_id, row.state, [one.item_id for one in page.standing.get(row.instance_id, ())]


def mark(listed: Roster, page: Any) -> str:
    """Return what tells one state of a page from another."""
    return digest(repr([listed.mark(row, page) for row in page.rows]).encode())[:16]


ROSTERS: Mapping[str, Roster] = {
    one.name: one
    for one in (
        Roster(
            "inbox",
            "inbox.waiting",
            lambda: gettext("待办"),
            lambda _state, query: context.engine().inbox(context.actor(), query),
            _waiting_line,
            _nothing_waits,
            lambda row, _page: (row.item_id, row.version),
            "due",
        ),
        Roster(
            "done",
            "inbox.done",
            lambda: gettext("已办"),
            lambda _state, query: context.engine().done(context.actor(), query),
            _done_line,
            _nothing_done,
            lambda row, _page: (row.item_id, row.state),
        ),
        Roster(
            "started",
            "inbox.started",
            lambda: gettext("我发起的"),
            lambda _state, query: context.engine().started_by(context.actor(), query),
            _started_line,
            _nothing_started,
            _standing_mark,
        ),
        Roster(
            "copies",
            "own.copies",
            lambda: gettext("抄送我的"),
            lambda state, query: context.engine().copies(context.actor(), query, unread=bool(state.unread)),
            _copy_line,
            _nothing_copied,
            lambda row, _page: (row.note_id, row.read_at),
        ),
        Roster(
            "drafts",
            "own.drafts",
            lambda: gettext("草稿"),
            lambda _state, query: context.engine().drafts(context.actor(), query),
            _draft_line,
            _nothing_begun,
            lambda row, _page: (row.item_id, row.item_state, row.saved_at),
        ),
        Roster(
            "followed",
            "own.followed",
            lambda: gettext("关注"),
            lambda _state, query: context.engine().following(context.actor(), query),
            _followed_line,
            _nothing_followed,
            _standing_mark,
        ),
    )
}
