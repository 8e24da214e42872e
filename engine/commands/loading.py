"""Takes up an instance for a command: its row locked, its tokens, variables and progress decoded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select

from engine import tables
from engine.commands.act import COLUMNS, Act, Instance
from engine.commands.ports import Ports
from engine.commands.progress import Progress
from engine.commands.scopes import Scopes
from engine.database import Unit
from engine.errors import NotFound
from engine.runtime import Execution, Token
from engine.values import load_plain

_instance_columns = [column.label(f"i_{column.name}") for column in tables.instances.c]
_item_columns = [column.label(f"w_{column.name}") for column in tables.work_items.c]

_by_instance = select(*_instance_columns).where(tables.instances.c.id == bindparam("id"))
_has_drafts = exists().where(tables.drafts.c.item_id == tables.work_items.c.id)
_by_item = (
    select(*_item_columns, *_instance_columns, _has_drafts.label("has_drafts"))
    .join(tables.instances, tables.instances.c.id == tables.work_items.c.instance_id)
    .where(tables.work_items.c.id == bindparam("id"))
)
_lock_instance = _by_instance.with_for_update()
_lock_item = _by_item.with_for_update()


class Item:
    """A work item's row; the names are the table's columns."""

    __slots__ = (*(column.name for column in tables.work_items.c), "has_drafts")

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
    #: Whether anybody has a draft of it; only :func:`load_item` knows.
    has_drafts: bool

    def __init__(self, row: Any) -> None:
        mapping = row._mapping
        for column in tables.work_items.c:
            setattr(self, column.name, mapping[f"w_{column.name}"])
        self.candidates = load_plain(mapping["w_candidates"])
        self.has_drafts = bool(mapping.get("has_drafts"))


def load_instance(ports: Ports, unit: Unit, instance_id: int, actor: str, *, lock: bool = True) -> Act:
    """Take up an instance; raises :class:`NotFound`. ``lock`` is left out for reading."""
    row = unit.execute(_lock_instance if lock else _by_instance, {"id": instance_id}).first()
    if row is None:
        raise NotFound("instance.unknown", instance=instance_id)
    return _act(ports, unit, row, actor)


def load_item(ports: Ports, unit: Unit, item_id: int, actor: str, *, lock: bool = True) -> tuple[Item, Act]:
    """Take up a work item with its instance; raises :class:`NotFound`."""
    row = unit.execute(_lock_item if lock else _by_item, {"id": item_id}).first()
    if row is None:
        raise NotFound("item.unknown", item=item_id)
    return Item(row), _act(ports, unit, row, actor)


def token_of(act: Act, token_id: int) -> Token:
    """Return the waiting token with this id; raises :class:`NotFound`."""
    for token in act.execution.waiting():
        if token.id == token_id:
            return token
    raise NotFound("token.none", token=token_id)


def _act(ports: Ports, unit: Unit, row: Any, actor: str) -> Act:
    process = ports.catalogue.get(unit, row.i_definition_id)
    instance = Instance(
        row.i_id,
        row.i_version,
        row.i_state,
        row.i_business_key,
        row.i_initiator,
        row.i_started_at,
        row.i_ended_at,
        row.i_history_seq,
        row.i_history_head,
        {name: getattr(row, f"i_{name}") for name in COLUMNS},
    )
    act = Act(
        ports, unit, process, instance, Scopes.load(row.i_variables), Progress.load(row.i_progress), actor
    )
    act.execution = Execution.load(process.definition, row.i_tokens, act)
    return act
