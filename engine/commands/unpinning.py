"""What becomes of pinned opinions when the completion that made, answered or closed them is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from engine import tables
from engine.commands.act import Act
from engine.commands.loading import Item
from engine.commands.progress import key_of
from engine.database import Unit
from engine.history import chain_of
from engine.values import load_json

_pins, _events = tables.pins.c, tables.events.c
_completions = (
    select(_events.body)
    .where(
        _events.chain == bindparam("chain"),
        _events.kind == "item.completed",
        _events.element == bindparam("at"),
    )
    .order_by(_events.seq.desc())
)
_made = select(_pins.id, _pins.scope, _pins.document).where(
    _pins.item_id == bindparam("item"), _pins.state == "open"
)
_drop = update(tables.pins).where(_pins.id.in_(bindparam("ids", expanding=True))).values(state="closed")
_reopen = (
    update(tables.pins)
    .where(_pins.id.in_(bindparam("ids", expanding=True)), _pins.state == "answered")
    .values(state="open", reply=None, reply_text=None, replied_by=None, replied_at=None, reply_version=None)
)
_closed = select(_pins.id, _pins.scope, _pins.document).where(
    _pins.id.in_(bindparam("ids", expanding=True)), _pins.state == "closed"
)
_unclose = update(tables.pins).where(_pins.id.in_(bindparam("ids", expanding=True))).values(state="answered")


def unpin(unit: Unit, act: Act, item: Item) -> None:
    """Close the pins that a completion made, and let those that it answered or closed be as they were before it."""
    body = _completion(unit, act, item)
    if body.get("pins"):
        rows = unit.execute(_made, {"item": item.id}).all()
        _count(act, rows, -1)
        if rows:
            unit.execute(_drop, {"ids": [row.id for row in rows]})
    if body.get("replies"):
        unit.execute(_reopen, {"ids": [int(pin) for pin in body["replies"]]})
    if body.get("closed_pins"):
        rows = unit.execute(_closed, {"ids": [int(pin) for pin in body["closed_pins"]]}).all()
        _count(act, rows, 1)
        if rows:
            unit.execute(_unclose, {"ids": [row.id for row in rows]})


def _completion(unit: Unit, act: Act, item: Item) -> Mapping[str, Any]:
    wanted = {"chain": chain_of(act.instance.id), "at": item.element}
    for text in unit.execute(_completions, wanted).scalars():
        body: Mapping[str, Any] = load_json(text) if text else {}
        if body.get("item") == item.id:
            return body
    return {}


def _count(act: Act, rows: Any, by: int) -> None:
    """Keep the number of pins that are not closed, by document."""
    for row in rows:
        key = key_of(row.scope, row.document)
        act.progress.pinned[key] = act.progress.pinned.get(key, 0) + by
