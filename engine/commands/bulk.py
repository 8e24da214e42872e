"""Completing one of many tasks with a common outcome and opinion: what needs a look is left out until it was opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, or_, select

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands import complete as completing
from engine.commands import openings
from engine.commands.act import Act
from engine.commands.checking import Checked, Completion, outcome_of
from engine.commands.complete import Completed
from engine.commands.loading import Item
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import Refused
from engine.identity import Actor
from engine.values import load_json

_drafts, _items = tables.drafts.c, tables.work_items.c
_draft = (
    select(_drafts.answers)
    .join(tables.work_items, _items.id == _drafts.item_id)
    .where(
        _drafts.item_id == bindparam("item"),
        or_(
            _drafts.person == bindparam("me"),
            (_drafts.person == _items.drafter) & _items.handed_in_at.is_not(None),
        ),
    )
    .order_by(_drafts.saved_at.desc())
    .limit(1)
)


def complete(
    ports: Ports,
    unit: Unit,
    item_id: int,
    version: int,
    actor: Actor,
    outcome: str | None,
    opinion: str,
    request_key: str | None = None,
) -> Completed:
    """Complete an item as one of many; raises what a completion raises, and :class:`Refused` for what needs a look."""

    def look(item: Item, act: Act, element: UserTask, checked: Checked) -> None:
        if outcome_of(element, outcome) in element.rejects and not _common(element):
            raise Refused("bulk.own_opinion", step=item.step)
        if (checked.warnings or item.round > 1) and not openings.has_opened(act.unit, item.id, actor):
            raise Refused("bulk.open_first", step=item.step)

    asked = Completion(
        item_id,
        actor,
        version,
        outcome,
        _drafted(unit, item_id, actor),
        opinion,
        request_key=request_key,
        sent="",  # the draft is gone when the same request comes again
    )
    return completing.complete(ports, unit, asked, None, look=look)


def _drafted(unit: Unit, item_id: int, actor: Actor) -> Mapping[str, Any] | None:
    """Return what the form would begin with: the actor's draft, or the newer one that was handed in to them."""
    text = unit.execute(_draft, {"item": item_id, "me": actor.principal}).scalar()
    found: Mapping[str, Any] | None = None if text is None else load_json(text)
    return found or None


def _common(element: UserTask) -> bool:
    return element.returning is not None and element.returning.bulk
