"""Takes up an instance for a command: its row locked, its tokens, variables and progress decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select

from engine import tables
from engine.commands.act import Act
from engine.commands.changes import COLUMNS, Instance
from engine.commands.ports import Ports
from engine.commands.progress import Progress
from engine.commands.scopes import Scopes
from engine.database import Unit
from engine.errors import NotFound
from engine.identity import Actor
from engine.posts import acting_as
from engine.prepared import Prepared
from engine.runtime import Execution, Token
from engine.values import load_plain

_by_instance = select(tables.instances).where(tables.instances.c.id == bindparam("id"))
_has_drafts = exists().where(tables.drafts.c.item_id == tables.work_items.c.id)
_items = select(tables.work_items, _has_drafts, tables.instances).join(
    tables.instances, tables.instances.c.id == tables.work_items.c.instance_id
)
_by_item = _items.where(tables.work_items.c.id == bindparam("id"))
_by_items = _items.where(tables.work_items.c.id.in_(bindparam("ids", expanding=True)))
#: So many items are read at once.
_BATCH = 500
_read_instance, _lock_instance = Prepared(_by_instance), Prepared(_by_instance.with_for_update())
_read_item, _lock_item = Prepared(_by_item), Prepared(_by_item.with_for_update())

_ITEM = tuple(column.name for column in tables.work_items.c)
_CANDIDATES = _ITEM.index("candidates")
_INSTANCE = tuple(column.name for column in tables.instances.c)


class Item:
    """A work item's row, made of the table's columns in their order."""

    id: int
    instance_id: int
    definition_id: int
    token: int
    element: str
    step: str
    item: int
    state: str
    version: int
    round: int
    candidates: list[str]
    assignee: str | None
    drafter: str | None
    handed_in_at: datetime | None
    created_at: datetime
    due_at: datetime | None
    due_provisional: bool
    follow_up_at: datetime | None
    priority: int
    completed_at: datetime | None
    completed_by: str | None
    outcome: str | None
    delegated_by: str | None
    completed_for: str | None
    completed_as: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    urgent_at: datetime | None
    #: Whether anybody has a draft of it; only :func:`load_item` knows.
    has_drafts: bool

    def __init__(self, row: Sequence[Any], has_drafts: bool = False) -> None:
        vars(self).update(zip(_ITEM, row, strict=True))
        self.candidates = load_plain(row[_CANDIDATES])
        self.has_drafts = has_drafts


def load_instance(
    ports: Ports, unit: Unit, instance_id: int, actor: Actor | str, *, lock: bool = True
) -> Act:
    """Take up an instance; raises :class:`NotFound`. ``lock`` is left out for reading.

    Of an :class:`Actor` the act knows the post too; a principal alone has none.
    """
    row = (_lock_instance if lock else _read_instance).first(unit, {"id": instance_id})
    if row is None:
        raise NotFound("instance.unknown", instance=instance_id)
    return _by(actor, _act(ports, unit, row, _principal(actor)))


def load_item(
    ports: Ports, unit: Unit, item_id: int, actor: Actor | str, *, lock: bool = True
) -> tuple[Item, Act]:
    """Take up a work item with its instance; ``actor`` as for :func:`load_instance`. Raises :class:`NotFound`."""
    row = (_lock_item if lock else _read_item).first(unit, {"id": item_id})
    if row is None:
        raise NotFound("item.unknown", item=item_id)
    return _taken(ports, unit, row, actor)


def load_items(
    ports: Ports, unit: Unit, item_ids: Sequence[int], actor: Actor | str
) -> Iterator[tuple[Item, Act]]:
    """Yield work items with their instances, for reading, in the order of their ids; those that are gone are left out."""
    for start in range(0, len(item_ids), _BATCH):
        chunk = sorted(item_ids[start : start + _BATCH])
        for row in unit.execute(_by_items.order_by(tables.work_items.c.id), {"ids": chunk}).all():
            yield _taken(ports, unit, tuple(row), actor)


def _taken(ports: Ports, unit: Unit, row: Sequence[Any], actor: Actor | str) -> tuple[Item, Act]:
    values, (has_drafts, *instance) = row[: len(_ITEM)], row[len(_ITEM) :]
    item = Item(values, has_drafts)
    return item, _by(actor, _act(ports, unit, instance, _principal(actor)), item.candidates)


def _principal(actor: Actor | str) -> str:
    return actor if isinstance(actor, str) else actor.principal


def _by(actor: Actor | str, act: Act, candidates: Sequence[str] = ()) -> Act:
    if not isinstance(actor, str):
        act.post = acting_as(actor, candidates)
    return act


def token_of(act: Act, token_id: int) -> Token:
    """Return the waiting token with this id; raises :class:`NotFound`."""
    token = act.execution.awaits(token_id)
    if token is None:
        raise NotFound("token.none", token=token_id)
    return token


def _act(ports: Ports, unit: Unit, values: Sequence[Any], actor: str) -> Act:
    row = dict(zip(_INSTANCE, values, strict=True))
    process = ports.catalogue.get(unit, row["definition_id"])
    instance = Instance(
        row["id"],
        row["version"],
        row["state"],
        row["business_key"],
        row["initiator"],
        row["started_at"],
        row["ended_at"],
        row["history_seq"],
        row["history_head"],
        {name: row[name] for name in COLUMNS},
    )
    scopes, progress = Scopes.load(row["variables"]), Progress.load(row["progress"])
    act = Act(ports, unit, process, instance, scopes, progress, actor)
    act.execution = Execution.load(process.definition, row["tokens"], act)
    act.execution.ended = instance.ended_at is not None
    act.execution.terminated = instance.state == "terminated"
    return act
