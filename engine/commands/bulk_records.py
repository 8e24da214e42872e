"""The record of bulk runs: how far each is, what was asked in it, and what became of each task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine import tables
from engine.commands.bulk import Wish
from engine.database import Unit
from engine.errors import NotFound
from engine.identity import Actor, names
from engine.tables import bulk_items, bulks
from engine.values import load_plain

CHOSEN, WAITING, DONE, REFUSED, CONFLICT = "chosen", "waiting", "done", "refused", "conflict"
LEFT_OUT, STOPPED = "left_out", "stopped"
#: What may be tried again.
FAILED = (REFUSED, CONFLICT, LEFT_OUT, STOPPED)

_rows, _items, _instances = bulk_items.c, tables.work_items.c, tables.instances.c
_definitions = tables.definitions.c


@dataclass(frozen=True, slots=True)
class BulkRun:
    """A bulk run: what was asked of how many tasks, and how far it is; ``amount`` is the sum in 分 of what was asked.

    ``counts`` has the number of tasks in each state; ``wish`` is None while the list is only chosen.
    """

    id: int
    person: str
    wish: Wish | None
    to_name: str
    retry_of: int | None
    chosen_at: datetime
    confirmed_at: datetime | None
    stopped_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int]
    amount: int

    @property
    def asked(self) -> int:
        """How many tasks were confirmed."""
        return sum(self.counts.get(state, 0) for state in (WAITING, DONE, REFUSED, CONFLICT, STOPPED))

    @property
    def waiting(self) -> int:
        """How many tasks wait for their turn."""
        return self.counts.get(WAITING, 0)

    @property
    def failed(self) -> int:
        """How many tasks may be tried again."""
        return sum(self.counts.get(state, 0) for state in FAILED)


@dataclass(frozen=True, slots=True)
class BulkLine:
    """What became of one task of a run; ``said`` is why, by language. Of a task that its person may not know of there
    is nothing but the number.
    """

    item_id: int
    version: int
    state: str
    code: str | None
    said: Mapping[str, str]
    at: datetime | None
    instance_id: int | None
    step: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None


def head(unit: Unit, run: int, actor: Actor, *, lock: bool = False) -> Any:
    """Return the row of a run; raises :class:`NotFound` for one that isn't the actor's."""
    query = select(bulks).where(bulks.c.id == run, bulks.c.person == actor.principal)
    row = unit.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("bulk.unknown")
    return row


def view(unit: Unit, run: int, actor: Actor) -> BulkRun:
    """Return a run of the actor; raises :class:`NotFound` for one that isn't theirs."""
    return _views(unit, [head(unit, run, actor)])[0]


def listed(unit: Unit, actor: Actor, before: int | None, limit: int) -> list[BulkRun]:
    """Return the runs that the actor has confirmed, the newest first, those before the run ``before``."""
    query = select(bulks).where(bulks.c.person == actor.principal, bulks.c.confirmed_at.is_not(None))
    if before is not None:
        query = query.where(bulks.c.id < before)
    return _views(unit, unit.execute(query.order_by(bulks.c.id.desc()).limit(limit)).all())


def _views(unit: Unit, rows: Sequence[Any]) -> list[BulkRun]:
    ids = [row.id for row in rows]
    query = (
        select(
            _rows.bulk_id,
            _rows.state,
            func.count().label("number"),
            func.sum(_instances.amount).label("amount"),
        )
        .join(tables.instances, _instances.id == _rows.instance_id, isouter=True)
        .where(_rows.bulk_id.in_(ids))
        .group_by(_rows.bulk_id, _rows.state)
    )
    counts: dict[int, dict[str, int]] = {id: {} for id in ids}
    amounts: dict[int, int] = dict.fromkeys(ids, 0)
    for row in unit.execute(query) if ids else ():
        counts[row.bulk_id][row.state] = row.number
        if row.state != LEFT_OUT:
            amounts[row.bulk_id] += int(row.amount or 0)
    wishes = {row.id: wish_of(row) for row in rows}
    people = [
        f"user:{who}" for wish in wishes.values() if wish is not None and (who := wish.to or wish.leaving)
    ]
    known = names(unit, people)
    return [
        BulkRun(
            row.id,
            row.person,
            wish := wishes[row.id],
            _called(wish, known),
            row.retry_of,
            row.chosen_at,
            row.confirmed_at,
            row.stopped_at,
            row.finished_at,
            counts[row.id],
            amounts[row.id],
        )
        for row in rows
    ]


def _called(wish: Wish | None, known: Mapping[str, str]) -> str:
    """Return the name of whom a wish is about: who takes over, or who leaves."""
    who = None if wish is None else wish.to or wish.leaving
    return known.get(f"user:{who}", who) if who else ""


def wish_of(row: Any) -> Wish | None:
    """Return what was asked in a run; None while its list is only chosen."""
    if row.operation is None:
        return None
    asked = load_plain(row.asked)
    return Wish(
        row.operation,
        asked.get("outcome"),
        asked.get("opinion", ""),
        asked.get("to"),
        asked.get("due"),
        asked.get("leaving"),
        asked.get("shares"),
        tuple(asked.get("confirmed", ())),
    )


def lines(unit: Unit, run: int, actor: Actor, states: Iterable[str] | None = None) -> list[BulkLine]:
    """Return what became of each task of a run, in the order of its list."""
    head(unit, run, actor)
    own = tables.instances.c
    query = (
        select(
            bulk_items,
            _items.step,
            own.subject,
            own.unit,
            own.reference,
            own.amount,
            _definitions.name.label("process_name"),
        )
        .select_from(bulk_items)
        .join(tables.instances, own.id == _rows.instance_id, isouter=True)
        .join(
            tables.work_items,
            (_items.id == _rows.item_id) & (_items.instance_id == _rows.instance_id),
            isouter=True,
        )
        .join(tables.definitions, _definitions.id == own.definition_id, isouter=True)
        .where(_rows.bulk_id == run)
        .order_by(_rows.place)
    )
    if states is not None:
        query = query.where(_rows.state.in_(list(states)))
    return [
        BulkLine(
            row.item_id,
            row.version,
            row.state,
            row.code,
            {} if row.said is None else load_plain(row.said),
            row.at,
            row.instance_id,
            row.step or "",
            row.process_name or "",
            row.subject,
            row.unit,
            row.reference,
            row.amount,
        )
        for row in unit.execute(query)
    ]
