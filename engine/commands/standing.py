"""Where an open item stands in the inboxes of those who see it, and what it can be filtered by there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from engine import tables
from engine.database import Unit
from engine.tables import NEVER

if TYPE_CHECKING:
    from engine.commands.act import Act
    from engine.commands.loading import Item
    from engine.commands.waiting import NewItem

_relabel = (
    update(tables.inbox)
    .where(
        tables.inbox.c.item_id.in_(
            select(tables.work_items.c.id).where(
                tables.work_items.c.instance_id == bindparam("instance"), tables.work_items.c.state == "open"
            )
        )
    )
    .values(
        unit=bindparam("new_unit"),
        section=bindparam("new_section"),
        reference=bindparam("new_reference"),
        amount=bindparam("new_amount"),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """What of an open item decides its place in an inbox, and which filters let it through."""

    element: str
    due_at: datetime | None
    created_at: datetime
    priority: int
    urgent_at: datetime | None


def place_of(item: NewItem, act: Act) -> Place:
    """Return the place of an item that is opened now."""
    dates = item.dates
    return Place(item.element, dates.due_at, act.now, dates.priority, dates.urgent_at)


def rows(item_id: int, principals: Iterable[str], act: Act, place: Place | Item) -> list[dict[str, Any]]:
    """Return the inbox rows of an open item for those who see it."""
    columns = act.instance.columns
    return [
        {
            "principal": principal,
            "item_id": item_id,
            "due_at": place.due_at or NEVER,
            "created_at": place.created_at,
            "instance_id": act.instance.id,
            "process_id": act.process.process_id,
            "element": place.element,
            "unit": columns["unit"],
            "section": columns["section"],
            "reference": columns["reference"],
            "amount": columns["amount"] or 0,
            "priority": place.priority,
            "urgent_at": place.urgent_at,
        }
        for principal in principals
    ]


def relabel(unit: Unit, act: Act) -> None:
    """Let the open items of an instance stand in the inboxes with the columns that it has now."""
    columns = act.instance.columns
    values = {
        "instance": act.instance.id,
        "new_unit": columns["unit"],
        "new_section": columns["section"],
        "new_reference": columns["reference"],
        "new_amount": columns["amount"] or 0,
    }
    unit.execute(_relabel, values)
