"""The columns of each list: what they are called, which of them are shown at first, and by which the list can be sorted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from budget.money import wan_from_fen


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``sorts`` are the orders that a first and a second click on its heading ask for.

    A database can give these orders from an index, page by page; a column without them would have to be sorted whole.
    ``kind`` is ``text``, ``said`` (a word of ours, not of the business), ``tag``, ``amount``, ``time`` or ``due``.
    """

    id: str
    label: str
    kind: str = "text"
    shown: bool = True
    sorts: tuple[str, ...] = ()


def columns(name: str) -> Sequence[Column]:
    """Return all columns of the list ``name`` beside the subject, in their order."""
    return _COLUMNS[name]()


def chosen(name: str, ids: Collection[str] | None) -> Sequence[Column]:
    """Return the columns that a person sees: those with these ``ids``, those shown at first for None."""
    return [one for one in columns(name) if (one.shown if ids is None else one.id in ids)]


def _kind() -> Column:
    return Column("kind", gettext("业务类型"), "tag")


def _about(*, step: bool = False) -> Sequence[Column]:
    found = [Column("unit", gettext("预算单位"), shown=False)]
    if step:
        found.append(Column("step", gettext("办理环节"), shown=False))
    return [*found, Column("reference", gettext("编码"), shown=False)]


def _amount(*sorts: str) -> Column:
    return Column("amount", gettext("金额（万元）"), "amount", sorts=sorts)


def _inbox() -> Sequence[Column]:
    return [
        _kind(),
        *_about(step=True),
        _amount("amount", "smallest"),
        Column("priority", gettext("优先级"), shown=False),
        Column("arrived", gettext("送达"), "time", sorts=("newest", "oldest")),
        Column("due", gettext("办理时限"), "due", sorts=("due", "latest")),
    ]


def _done() -> Sequence[Column]:
    return [
        _kind(),
        *_about(step=True),
        _amount(),
        Column("at", gettext("办理时间"), "time", sorts=("newest", "oldest")),
        Column("outcome", gettext("结果")),
        Column("state", gettext("状态"), "said", shown=False),
    ]


def _started() -> Sequence[Column]:
    return [
        _kind(),
        *_about(),
        _amount(),
        Column("at", gettext("发起时间"), "time", sorts=("newest", "oldest")),
        Column("holder", gettext("现在谁手里")),
        Column("waiting", gettext("已等"), "said", shown=False),
        Column("state", gettext("状态"), "said"),
    ]


def _copies() -> Sequence[Column]:
    return [
        _kind(),
        *_about(),
        Column("sender", gettext("抄送人")),
        Column("text", gettext("附言")),
        Column("at", gettext("抄送时间"), "time", sorts=("newest", "oldest")),
        Column("read", gettext("阅读"), "said"),
        Column("state", gettext("状态"), "said", shown=False),
    ]


def _drafts() -> Sequence[Column]:
    return [
        _kind(),
        *_about(step=True),
        _amount(),
        Column("at", gettext("暂存时间"), "time", sorts=("newest", "oldest")),
        Column("due", gettext("办理时限"), "due"),
        Column("state", gettext("状态"), "said"),
    ]


def _followed() -> Sequence[Column]:
    return [
        _kind(),
        *_about(),
        _amount(),
        Column("at", gettext("关注时间"), "time", sorts=("newest", "oldest")),
        Column("holder", gettext("现在谁手里")),
        Column("waiting", gettext("已等"), "said"),
        Column("state", gettext("状态"), "said"),
    ]


_COLUMNS: Mapping[str, Callable[[], Sequence[Column]]] = {
    "inbox": _inbox,
    "done": _done,
    "started": _started,
    "copies": _copies,
    "drafts": _drafts,
    "followed": _followed,
}


def next_sort(column: Column, current: str, default: str) -> str:
    """Return the order that a click on a column's heading asks for: its first, or its second when it has the first."""
    now = current or default
    first, *rest = column.sorts
    return rest[0] if rest and now == first else first


def direction(column: Column, current: str, default: str) -> str:
    """Return ``ascending`` or ``descending`` where the list is sorted by this column, else nothing (for ``aria-sort``)."""
    now = current or default
    return _DIRECTIONS.get(now, "") if now in column.sorts else ""


_DIRECTIONS = {
    "due": "ascending",
    "latest": "descending",
    "newest": "descending",
    "oldest": "ascending",
    "amount": "descending",
    "smallest": "ascending",
}


def plain(column: Column, values: Mapping[str, Any]) -> Any:
    """Return a line's value in a column as a workbook has it: amounts as numbers in 万元, deadlines as times."""
    if column.kind == "due":
        return values.get("due_at")
    value = values.get(column.id)
    return wan_from_fen(value) if column.kind == "amount" and value is not None else value
