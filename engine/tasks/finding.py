"""Everything that a person may see and that has certain words: cases, the newest first, with why each was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from engine import tables
from engine.catalogue import Catalogue
from engine.database import Unit
from engine.identity import Actor
from engine.search import match, refresh, store
from engine.search.highlight import Piece, excerpt, missing
from engine.search.rows import readable, texts
from engine.search.words import Term, terms
from engine.tasks.filters import CASES, Filters, values
from engine.tasks.inbox import MAX_PAGE, read_cursor, write_cursor
from engine.tasks.query import InboxQuery
from engine.tasks.standing import Standing, standing

#: So many places of one case are shown at most.
EXCERPTS = 2
_LAST = 2**52

_instances, _definitions, _items = tables.instances.c, tables.definitions.c, tables.work_items.c
_case = (
    select(
        _instances.id,
        _definitions.process_id,
        _definitions.name.label("process_name"),
        _instances.subject,
        _instances.unit,
        _instances.reference,
        _instances.amount,
        _instances.state,
        _instances.started_at,
        _instances.ended_at,
        _instances.initiator,
        _instances.progress,
    )
    .join(tables.definitions, _definitions.id == _instances.definition_id)
    .order_by(_instances.id.desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Where the words are in a document: the step that saved it, and the piece of text around them."""

    title: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Found:
    """A case that was found.

    ``mine`` is the open item that waits for the person, if any; ``ties`` says what else they have to do with the case:
    ``done``, ``started``.
    """

    instance_id: int
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    state: str
    started_at: datetime
    ended_at: datetime | None
    mine: int | None
    ties: Sequence[str]
    excerpts: Sequence[Excerpt]
    standing: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of what was found.

    ``terms`` are the words that were sought, to be marked; without any nothing was. Where ``behind``, cases have changed
    that the search doesn't know of yet. ``next_cursor`` leads to older cases, where there may be some.
    """

    rows: Sequence[Found]
    terms: Sequence[Term]
    next_cursor: str | None
    behind: bool = False


@dataclass(slots=True)
class _Page:
    rows: list[Any] = field(default_factory=list)
    #: Before which instance the next page begins; 0 where there is none.
    following: int = 0


def find(catalogue: Catalogue, unit: Unit, actor: Actor, query: InboxQuery, now: datetime) -> FoundPage:
    """Return the page of cases that have the words of ``query.text`` and that the person may know of.

    Raises :class:`BihuanError` for a cursor that isn't ours.
    """
    query.check()
    wanted = terms(query.text or "")
    reader = match.Reader.of(actor)
    if not wanted or reader.nobody:
        return FoundPage([], wanted, None)
    limit = max(1, min(MAX_PAGE, query.limit))
    _, after = read_cursor(query.cursor)
    before = min(after[1], _LAST) if after is not None else _LAST
    known = match.few(unit, reader, wanted)
    if known is None:
        page = _among_many(unit, reader, wanted, query, now, before, limit)
    else:
        rows = _narrowed(unit, query, now, [id for id in known if id < before], limit + 1)
        page = _Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else 0)
    following = write_cursor(True, 0, page.following) if page.following else None
    return FoundPage(
        _shown(catalogue, unit, actor, page.rows, wanted), wanted, following, refresh.behind(unit)
    )


def _among_many(
    unit: Unit,
    reader: match.Reader,
    wanted: Sequence[Term],
    query: InboxQuery,
    now: datetime,
    before: int,
    limit: int,
) -> _Page:
    page = _Page()
    for ids, back in match.newest(unit, reader, wanted, before):
        known = {row.id for row in page.rows}
        rows = _narrowed(unit, query, now, [id for id in ids if id not in known], limit + 1 - len(page.rows))
        page.rows += rows
        page.following = back
        if len(page.rows) > limit:
            page.rows = page.rows[:limit]
            page.following = page.rows[-1].id
            break
    return page


def _narrowed(unit: Unit, query: InboxQuery, now: datetime, ids: Sequence[int], limit: int) -> list[Any]:
    """Return those of some cases that the query's other filters let through, the newest first."""
    if not ids:
        return []
    conditions = Filters.of(query, None).conditions(CASES)
    asked: Select[Any] = _case.where(store.among(unit.dialect, _instances.id, "cases"), *conditions)
    given = {**values(query, None, now), "cases": store.numbers(unit.dialect, ids), "limit": limit}
    return list(unit.execute(asked, given))


def _shown(
    catalogue: Catalogue, unit: Unit, actor: Actor, rows: Sequence[Any], wanted: Sequence[Term]
) -> list[Found]:
    ids = [row.id for row in rows]
    excerpts = _excerpts(catalogue, unit, actor, rows, wanted)
    places, mine, done = standing(unit, ids), _mine(unit, actor, ids), _done(unit, actor, ids)
    return [
        Found(
            row.id,
            row.process_id,
            row.process_name,
            row.subject,
            row.unit,
            row.reference,
            row.amount,
            row.state,
            row.started_at,
            row.ended_at,
            mine.get(row.id),
            [
                *(["done"] if row.id in done else []),
                *(["started"] if row.initiator == actor.principal else []),
            ],
            excerpts.get(row.id, ()),
            places.get(row.id, ()),
        )
        for row in rows
    ]


def _mine(unit: Unit, actor: Actor, ids: Sequence[int]) -> dict[int, int]:
    """Return the open items of the cases that stand in the person's inbox."""
    if not ids:
        return {}
    inbox = tables.inbox.c
    query = (
        select(_items.instance_id, _items.id)
        .join(tables.inbox, inbox.item_id == _items.id)
        .where(_items.instance_id.in_(ids), _items.state == "open", inbox.principal.in_(actor.principals))
        .order_by(_items.id.desc())
    )
    return {row.instance_id: row.id for row in unit.execute(query)}


def _done(unit: Unit, actor: Actor, ids: Sequence[int]) -> set[int]:
    """Return those of the cases in which the person completed something."""
    if not ids:
        return set()
    query = select(_items.instance_id).where(
        _items.instance_id.in_(ids), _items.completed_by == actor.principal
    )
    return set(unit.execute(query.distinct()).scalars())


def _excerpts(
    catalogue: Catalogue, unit: Unit, actor: Actor, rows: Sequence[Any], wanted: Sequence[Term]
) -> Mapping[int, Sequence[Excerpt]]:
    """Return where the words are that a case's own columns don't show, in documents that the person may read now."""
    left = {row.id: missing(wanted, (row.subject, row.unit, row.reference)) for row in rows}
    searched = [row for row in rows if left[row.id]]
    if not searched:
        return {}
    processes = {row.id: row.process_id for row in rows}
    found: dict[int, list[Excerpt]] = defaultdict(list)
    for one in readable(unit, searched):
        so_far = found[one.instance_id]
        if actor.within(processes[one.instance_id]).principals.isdisjoint(one.readers):
            continue
        for text in texts(one.body):
            if len(so_far) == EXCERPTS:
                break
            pieces = excerpt(text, left[one.instance_id])
            if pieces is not None:
                so_far.append(Excerpt(_title(catalogue, unit, one), pieces))
    return found


def _title(catalogue: Catalogue, unit: Unit, document: Any) -> str:
    """Return the name of the step that saved a document."""
    process = catalogue.get(unit, document.definition_id)
    for compiled in process.definition.processes.values():
        element = compiled.model.elements.get(document.element)
        if element is not None:
            return element.label
    return str(document.name)
