"""The inbox: keyset pages and capped counts over one row per principal and open item.

Each query is a union of index scans, one for each principal of the person, so its cost follows the page and not the
number of open tasks. An item that is visible through two principals is one row of the union.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    union,
)

from engine import tables
from engine.database import Unit
from engine.errors import BihuanError
from engine.identity import Actor
from engine.search.match import Sought, sought
from engine.tables import NEVER
from engine.tasks import filters
from engine.tasks.access import acting_for
from engine.tasks.narrowing import narrowed, other_posts
from engine.tasks.query import ORDERS, InboxQuery
from engine.values import load_plain

#: Counts stop here; the page shows "99+".
CAP = 100
MAX_PAGE = 100
#: No database counts so far.
_MAX_ID = 2**53


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An open work item as a list shows it; ``item`` is its place among several of one step, from 0.

    ``behalf`` is the name of whom the person acts for where it isn't their own.
    """

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
    item: int
    urgent: bool = False
    behalf: str | None = None


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
    """Return a page of the actor's inbox and its counts, in two statements; words are looked up in one before them."""
    query.check()
    words = sought(unit, actor, query.text)
    if words is not None and words.nothing:
        return InboxPage([], None, None, InboxCounts(0, 0, 0, 0))
    limit = max(1, min(MAX_PAGE, query.limit))
    forward, after = read_cursor(query.cursor)
    everything, actor = actor, narrowed(actor, query.behalf)
    shape = _Shape.of(actor, query, words, after is not None, forward)
    values = _values(actor, query, words, now, limit + 1)
    if after is not None:
        by_amount = ORDERS[query.sort][0] == "amount"
        values |= {"at": after[0] if by_amount else moment_at(after[0]), "at_id": after[1]}
    rows = list(unit.execute(_page(shape), values).all())
    more = len(rows) > limit
    rows = rows[:limit]
    if not forward:
        rows.reverse()
    keys = [_key(row, query.sort) for row in rows]
    next_cursor = write_cursor(True, *keys[-1]) if rows and (more or not forward) else None
    previous = write_cursor(False, *keys[0]) if rows and (after is not None if forward else more) else None
    shown = [_row(row, now) for row in rows]
    if everything.stands_in:
        shown = [_with_absent(row, everything) for row in shown]
    return InboxPage(shown, next_cursor, previous, counts(unit, everything, query, now, words))


def counts(
    unit: Unit, actor: Actor, query: InboxQuery, now: datetime, words: Sought | None = None
) -> InboxCounts:
    """Return the capped counts for the query's filters but ``due``, in one statement; ``words`` are the looked-up text."""
    actor = narrowed(actor, query.behalf)
    query = replace(query, due=None)
    shape = _Shape.of(actor, query, words, False, True)
    found = unit.execute(_count(shape), _values(actor, query, words, now, CAP)).one()
    return InboxCounts(*(min(CAP, number) for number in found))


class _Shape(NamedTuple):
    """What decides the text of a query, as opposed to its values: queries of one shape are built once."""

    principals: int
    limited: int
    filters: filters.Filters
    sort: str
    after: bool
    forward: bool
    #: The place of the person's own principal among the others, and how many posts they have besides the current one;
    #: what they hold by name is then sought among that of the current post.
    me: int = -1
    others: int = 0

    @classmethod
    def of(cls, actor: Actor, query: InboxQuery, words: Sought | None, after: bool, forward: bool) -> _Shape:
        everywhere, posts = _everywhere(actor), other_posts(actor)
        return cls(
            len(everywhere),
            len(_somewhere(actor)),
            filters.Filters.of(query, words),
            query.sort,
            after,
            forward,
            everywhere.index(actor.principal) if len(posts) > 1 and actor.principal in everywhere else -1,
            max(0, len(posts) - 1),
        )

    @property
    def descending(self) -> bool:
        return ORDERS[self.sort][1] == self.forward


def _values(
    actor: Actor, query: InboxQuery, words: Sought | None, now: datetime, limit: int
) -> dict[str, Any]:
    """Return the values of a query's parameters; those that its shape doesn't have are left out by the database layer."""
    everywhere, somewhere = _everywhere(actor), _somewhere(actor)
    values: dict[str, Any] = {f"p{number}": one for number, one in enumerate(everywhere)}
    for number, (principal, processes) in enumerate(somewhere, len(everywhere)):
        values[f"p{number}"], values[f"in{number}"] = principal, processes
    posts = {name: f"%{filters.escaped(part)}%" for name, part in other_posts(actor).items()}
    return values | posts | filters.values(query, words, now) | {"limit": limit}


def _everywhere(actor: Actor) -> list[str]:
    """Return the principals whose inbox is the actor's: their own, and those for whom they act in all processes."""
    whole = (one.principals for one in actor.stands_in if one.processes is None)
    return sorted(actor.principals.union(*whole))


def _somewhere(actor: Actor) -> list[tuple[str, list[str]]]:
    """Return the principals for whom the actor acts in some processes only, and in which."""
    limited = (one for one in actor.stands_in if one.processes is not None)
    return [
        (principal, sorted(one.processes or ())) for one in limited for principal in sorted(one.principals)
    ]


_table = tables.inbox.c
_KEYS: dict[str, Column[Any]] = {"due": _table.due_at, "created": _table.created_at, "amount": _table.amount}
_now, _today, _week = (filters.moment(name) for name in ("now", "today", "week"))
_COLUMNS = filters.Columns(
    _table.instance_id,
    _table.process_id,
    _table.unit,
    _table.section,
    _table.reference,
    _table.amount,
    filters.ItemColumns.of(_table),
)


def _scan(
    shape: _Shape,
    number: int,
    sort: str,
    conditions: Sequence[ColumnElement[bool]],
    *,
    descending: bool = False,
) -> Select[Any]:
    """Return the scan of one principal's rows in the order of ``sort``, as a select that may stand in a union."""
    key = _KEYS[ORDERS[sort][0]]
    scan = select(key.label("key"), _table.item_id).where(
        _table.principal == bindparam(f"p{number}"), *conditions
    )
    if number >= shape.principals:
        scan = scan.where(_table.process_id.in_(bindparam(f"in{number}", expanding=True)))
    scan = scan.where(*shape.filters.conditions(_COLUMNS))
    if number == shape.me:
        scan = scan.where(~_of_another_post(shape.others))
    order = (key.desc(), _table.item_id.desc()) if descending else (key, _table.item_id)
    inner = scan.order_by(*order).limit(bindparam("limit")).subquery()
    return select(inner.c.key, inner.c.item_id)


def _of_another_post(others: int) -> ColumnElement[bool]:
    """Return whether an item that the person holds by name is there for one of their other posts, and not the current."""
    items = tables.work_items.c

    def named(post: str) -> ColumnElement[bool]:
        return items.candidates.like(bindparam(post), escape="/")

    elsewhere = or_(*(named(f"other{number}") for number in range(others)))
    return exists().where(items.id == _table.item_id, elsewhere, ~named("post"))


@lru_cache(maxsize=256)
def _page(shape: _Shape) -> Select[Any]:
    """Return the query of a page: the first rows of each principal, of these the first ones, and what is shown of them."""
    key, descending = _KEYS[ORDERS[shape.sort][0]], shape.descending
    conditions = []
    if shape.after:
        place = tuple_(key, _table.item_id)
        at = tuple_(bindparam("at", type_=key.type), bindparam("at_id", type_=_table.item_id.type))
        conditions.append(place < at if descending else place > at)
    scans = [
        _scan(shape, number, shape.sort, conditions, descending=descending)
        for number in range(shape.principals + shape.limited)
    ]
    keys = union(*scans).subquery()
    first = (
        _ordered(select(keys.c.key, keys.c.item_id), keys, descending).limit(bindparam("limit")).subquery()
    )
    return _ordered(listed(first.c.item_id, first), first, descending)


def _ordered(query: Select[Any], keys: Any, descending: bool) -> Select[Any]:
    if descending:
        return query.order_by(keys.c.key.desc(), keys.c.item_id.desc())
    return query.order_by(keys.c.key, keys.c.item_id)


@lru_cache(maxsize=64)
def _count(shape: _Shape) -> Select[int, int, int, int]:
    """Return the query of the counts: what is late and what is not are two scans, each cut at the cap."""
    scans = [
        part
        for number in range(shape.principals + shape.limited)
        for part in (
            _scan(shape, number, "due", [_table.due_at < _now]),
            _scan(shape, number, "due", [_table.due_at >= _now]),
        )
    ]
    rows = union(*scans).subquery()
    soon = rows.c.key >= _now
    return select(
        func.count(),
        func.count().filter(rows.c.key < _now),
        func.count().filter(and_(soon, rows.c.key < _today)),
        func.count().filter(and_(soon, rows.c.key < _week)),
    ).select_from(rows)


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
            items.urgent_at,
            items.assignee,
            items.candidates,
            items.drafter,
            items.round,
            items.item,
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


def _key(row: Any, sort: str) -> tuple[int, int]:
    """Return the place of a row: its sort key as a number, and its id."""
    key = ORDERS[sort][0]
    if key == "amount":
        return row.amount or 0, row.id
    return number_at((row.due_at or NEVER) if key == "due" else row.created_at), row.id


def _row(row: Any, now: datetime) -> InboxRow:
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
        row.item,
        row.urgent_at is not None and row.urgent_at <= now,
    )


def _with_absent(row: InboxRow, actor: Actor) -> InboxRow:
    """Return a row with the name of whom the actor would act for, where the item isn't their own."""
    acting = actor.within(row.process)
    absent = acting_for(row, acting)
    return replace(row, behalf=next((one.name for one in acting.stands_in if one.principal == absent), None))


def write_cursor(forward: bool, at: int | datetime, id: int) -> str:
    """Return a page's place as text for an address."""
    number = number_at(at) if isinstance(at, datetime) else at
    raw = msgspec.msgpack.encode([forward, number, id])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(text: str | None) -> tuple[bool, tuple[int, int] | None]:
    """Return the direction and the place of a cursor; raises :class:`BihuanError` for one that isn't ours."""
    if not text:
        return True, None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        forward, number, id = msgspec.msgpack.decode(raw, type=tuple[bool, int, int])
        moment_at(number)
        if not 0 <= id < _MAX_ID:
            raise ValueError(id)
        return forward, (number, id)
    except (binascii.Error, msgspec.DecodeError, ValueError, OverflowError):
        raise BihuanError("inbox.bad_cursor") from None


def number_at(moment: datetime) -> int:
    """Return a moment as a cursor writes it, in microseconds."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_at(number: int) -> datetime:
    """Return the moment that a cursor's number means."""
    return _EPOCH + timedelta(microseconds=number)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
