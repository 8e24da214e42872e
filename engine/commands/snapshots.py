"""The rows of an instance as they stand, as text, and put back: what undoing a migration needs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Table, delete, insert, select, update

from engine import tables
from engine.commands.changes import COLUMNS
from engine.database import Unit
from engine.search.levels import WORDS
from engine.tables import subscriptions
from engine.values import dump_json, load_plain

#: Of the instance's own row: what a migration changes.
_STATE = (
    "definition_id",
    "state",
    "tokens",
    "variables",
    "progress",
    *COLUMNS,
)
#: Of the work items: what a migration changes.
_ITEM = ("definition_id", "element", "step", "state", "version", "candidates", "assignee", "completed_at")
#: Rows that nothing else refers to: they are put back whole.
_WHOLE = (tables.jobs, tables.incidents, subscriptions)


def take(unit: Unit, instance_id: int) -> str:
    """Return the rows of an instance."""
    instances, items, inbox = tables.instances, tables.work_items, tables.inbox
    found: dict[str, Any] = {
        "instance": _rows(unit, instances, _STATE, instances.c.id == instance_id)[0],
        "items": _rows(unit, items, ("id", *_ITEM), items.c.instance_id == instance_id),
        "inbox": _rows(unit, inbox, inbox.c.keys(), inbox.c.item_id.in_(_items_of(instance_id))),
    }
    for table in _WHOLE:
        found[table.name] = _rows(unit, table, table.c.keys(), table.c.instance_id == instance_id)
    return dump_json(found)


def restore(unit: Unit, instance_id: int, text: str) -> None:
    """Put the rows back as :func:`take` found them; drafts and what else was added since stay."""
    found = load_plain(text)
    state = _read(tables.instances, found["instance"])
    state["unsearched"] = WORDS
    unit.execute(update(tables.instances).where(tables.instances.c.id == instance_id).values(state))
    unit.execute(delete(tables.inbox).where(tables.inbox.c.item_id.in_(_items_of(instance_id))))
    for row in found["items"]:
        values = _read(tables.work_items, row)
        key = values.pop("id")
        unit.execute(update(tables.work_items).where(tables.work_items.c.id == key).values(values))
    _insert(unit, tables.inbox, [{**row, "instance_id": instance_id} for row in found["inbox"]])
    for table in _WHOLE:
        unit.execute(delete(table).where(table.c.instance_id == instance_id))
        _insert(unit, table, found[table.name])


def _items_of(instance_id: int) -> Any:
    return select(tables.work_items.c.id).where(tables.work_items.c.instance_id == instance_id)


def _rows(unit: Unit, table: Table, names: Sequence[str], condition: Any) -> list[dict[str, Any]]:
    query = select(*(table.c[name] for name in names)).where(condition)
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in unit.execute(query)]


def _insert(unit: Unit, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        unit.execute(insert(table), [_read(table, row) for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


def _read(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name: value for name, value in row.items() if name in table.c
    }  # a snapshot may be older than a table
    for name, value in found.items():
        kind = table.c[name].type
        if value is not None and isinstance(kind, tables.Moment):
            found[name] = datetime.fromisoformat(value)
        elif value is not None and isinstance(kind, LargeBinary):
            found[name] = base64.b64decode(value)
    return found
