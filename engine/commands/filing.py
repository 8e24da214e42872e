"""Writes the row of an attachment whose content is stored already."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from engine import tables
from engine.commands.act import Act
from engine.commands.loading import Item
from engine.database import Unit
from engine.store import Stored

_insert = insert(tables.attachments).returning(tables.attachments.c.id)


def file(unit: Unit, act: Act, item: Item, name: str, field: str | None, stored: Stored) -> dict[str, Any]:
    """Record a stored content with an item; return the row with its id."""
    row = {
        "instance_id": act.instance.id,
        "item_id": item.id,
        "field": field,
        "name": name[-300:],
        "type": stored.type,
        "size": stored.size,
        "sha256": stored.sha256,
        "author": act.actor,
        "added_at": act.now,
        "audience": None,
    }
    return {**row, "id": unit.execute(_insert, row).scalar_one()}
