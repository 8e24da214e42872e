"""The inbox: keyset pages and capped counts over one row per principal and open item.

Each query is a union of index scans, one for each principal of the person, so its cost follows the page and not the
number of open tasks. An item that is visible through two principals is one row of the union.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_, union

from engine import tables
from engine.calendar import ZONE
from engine.database import Unit
from engine.errors import BihuanError
from engine.identity import Actor
from engine.tables import NEVER, Moment
from engine.values import load_plain

#: Counts stop here; the page shows "99+".
CAP = 100
MAX_PAGE = 100
SORTS = ("due", "newest")


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """What a person asks of their inbox.

    ``text`` is sought in subject, reference and unit; ``due`` is ``overdue``, ``today`` or ``week``; ``sort`` is ``due``
    (soonest first) or ``newest``; ``cursor`` is a page's ``next_cursor`` or ``previous_cursor``.
    """

    text: str | None = None
    process: str | None = None
    unit: str | None = None
    due: str | None = None
    cursor: str | None = None
    limit: int = 20
    sort: str = "due"


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An open work item as a list shows it."""

    item_id: int
    version: int
    instance_id: int
    element: str
    step: str
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    created_at: datetime
    due_at: datetime | None
    priority: int
    assignee: str | None
    candidates: list[str]
    drafter: str | None
    round: int


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many items there are; 100 means more than 99. ``week`` includes ``today``; neither includes ``overdue``."""

    all: int
    overdue: int
    today: int
    week: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of the inbox, with cursors to the neighbouring ones, and the counts over all pages."""

    rows: list[InboxRow]
    next_cursor: str | None
    previous_cursor: str | None
    counts: InboxCounts


def inbox(unit: Unit, actor: Actor, query: InboxQuery, now: datetime) -> InboxPage:
    """Return a page of the actor's inbox and its counts, in two statements."""
    if query.sort not in SORTS:
        raise BihuanError("inbox.bad_sort", sort=query.sort)
    limit = max(1, min(MAX_PAGE, query.limit))
    forward, after = read_cursor(query.cursor)
    rows = _page(unit, actor, query, limit + 1, forward, after, now)
    more = len(rows) > limit
    rows = rows[:limit]
    if not forward:
        rows.reverse()
    keys = [_key(row, query.sort) for row in rows]
    next_cursor = write_cursor(True, *keys[-1]) if rows and (more or not forward) else None
    previous = write_cursor(False, *keys[0]) if rows and (after is not None if forward else more) else None
    shown = [_row(row) for row in rows]
    return InboxPage(shown, next_cursor, previous, counts(unit, actor, query, now))


def counts(unit: Unit, actor: Actor, query: InboxQuery, now: datetime) -> InboxCounts:
    """Return the capped counts for the query's filters but ``due``, in one statement."""
    today, week = _bounds(now)
    scans = [
        part
        for principal in sorted(actor.principals)
        for part in (
            _scan(principal, query, "due", CAP, [_table.due_at < now]),
            _scan(principal, query, "due", CAP, [_table.due_at >= now]),
        )
    ]
    rows = union(*scans).subquery()
    late, soon = rows.c.key < literal(now, Moment), rows.c.key >= literal(now, Moment)
    found = unit.execute(
        select(
            func.count(),
            func.count().filter(late),
            func.count().filter(and_(soon, rows.c.key < literal(today, Moment))),
            func.count().filter(and_(soon, rows.c.key < literal(week, Moment))),
        ).select_from(rows)
    ).one()
    return InboxCounts(*(min(CAP, number) for number in found))


_table = tables.inbox.c


def _bounds(now: datetime) -> tuple[datetime, datetime]:
    """Return the ends of the local day and of the local week (Monday to Sunday)."""
    start = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        (start + timedelta(days=1)).astimezone(UTC),
        (start + timedelta(days=7 - start.weekday())).astimezone(UTC),
    )


def _scan(
    principal: str,
    query: InboxQuery,
    sort: str,
    limit: int,
    conditions: Sequence[ColumnElement[bool]],
    *,
    descending: bool = False,
) -> Select[Any]:
    """Return the scan of one principal's rows in the order of ``sort``, as a select that may stand in a union."""
    key = _table.due_at if sort == "due" else _table.created_at
    scan = select(key.label("key"), _table.item_id).where(_table.principal == principal, *conditions)
    if query.process:
        scan = scan.where(_table.process_id == query.process)
    if query.unit:
        scan = scan.where(_table.unit == query.unit)
    if query.text and query.text.strip():
        scan = scan.where(_table.search.contains(query.text.strip().lower(), autoescape=True))
    order = (key.desc(), _table.item_id.desc()) if descending else (key, _table.item_id)
    inner = scan.order_by(*order).limit(limit).subquery()
    return select(inner.c.key, inner.c.item_id)


def _page(
    unit: Unit,
    actor: Actor,
    query: InboxQuery,
    limit: int,
    forward: bool,
    after: tuple[datetime, int] | None,
    now: datetime,
) -> list[Any]:
    key = _table.due_at if query.sort == "due" else _table.created_at
    descending = (query.sort == "newest") == forward
    conditions = _due_conditions(query.due, now)
    if after is not None:
        place = tuple_(key, _table.item_id)
        at = tuple_(literal(after[0], Moment), literal(after[1]))
        conditions.append(place < at if descending else place > at)
    scans = [
        _scan(principal, query, query.sort, limit, conditions, descending=descending)
        for principal in sorted(actor.principals)
    ]
    keys = union(*scans).subquery()
    order = (keys.c.key.desc(), keys.c.item_id.desc()) if descending else (keys.c.key, keys.c.item_id)
    first = select(keys.c.key, keys.c.item_id).order_by(*order).limit(limit).subquery()
    order = (first.c.key.desc(), first.c.item_id.desc()) if descending else (first.c.key, first.c.item_id)
    return list(unit.execute(listed(first.c.item_id, first).order_by(*order)).all())


def listed(item_id: ColumnElement[Any], source: Any) -> Select[Any]:
    """Return the select of what lists show of the items that ``source`` names."""
    items, instances, definitions = tables.work_items.c, tables.instances.c, tables.definitions.c
    return (
        select(
            items.id,
            items.version,
            items.instance_id,
            items.element,
            items.step,
            items.created_at,
            items.due_at,
            items.priority,
            items.assignee,
            items.candidates,
            items.drafter,
            items.round,
            items.state,
            items.completed_at,
            items.outcome,
            definitions.process_id,
            definitions.name.label("process_name"),
            instances.subject,
            instances.unit,
            instances.reference,
            instances.amount,
            instances.state.label("instance_state"),
        )
        .select_from(source)
        .join(tables.work_items, items.id == item_id)
        .join(tables.instances, instances.id == items.instance_id)
        .join(tables.definitions, definitions.id == instances.definition_id)
    )


def _due_conditions(due: str | None, now: datetime) -> list[ColumnElement[bool]]:
    if not due:
        return []
    today, week = _bounds(now)
    if due == "overdue":
        return [_table.due_at < now]
    if due == "today":
        return [_table.due_at >= now, _table.due_at < today]
    if due == "week":
        return [_table.due_at >= now, _table.due_at < week]
    raise BihuanError("inbox.bad_due", due=due)


def _key(row: Any, sort: str) -> tuple[datetime, int]:
    return (row.due_at or NEVER if sort == "due" else row.created_at, row.id)


def _row(row: Any) -> InboxRow:
    return InboxRow(
        row.id,
        row.version,
        row.instance_id,
        row.element,
        row.step,
        row.process_id,
        row.process_name,
        row.subject,
        row.unit,
        row.reference,
        row.amount,
        row.created_at,
        row.due_at,
        row.priority,
        row.assignee,
        load_plain(row.candidates),
        row.drafter,
        row.round,
    )


def write_cursor(forward: bool, at: datetime, id: int) -> str:
    """Return a page's place as text for an address."""
    raw = msgspec.msgpack.encode([forward, int((at - _EPOCH) / timedelta(microseconds=1)), id])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(text: str | None) -> tuple[bool, tuple[datetime, int] | None]:
    """Return the direction and the place of a cursor; raises :class:`BihuanError` for one that isn't ours."""
    if not text:
        return True, None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        forward, micros, id = msgspec.msgpack.decode(raw, type=tuple[bool, int, int])
        return forward, (_EPOCH + timedelta(microseconds=micros), id)
    except (binascii.Error, msgspec.DecodeError, ValueError, OverflowError):
        raise BihuanError("inbox.bad_cursor") from None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
