"""Pins new opinions to places of a document, with a completion or a return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import insert

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands.act import Act
from engine.commands.loading import Item
from engine.commands.progress import key_of
from engine.database import Unit
from engine.errors import Refused
from engine.messages import finding
from engine.plugins import Finding
from engine.values import dump_json

if TYPE_CHECKING:
    from engine.commands.checking import NewPin


def flaws(act: Act, element: UserTask, scope: int, pins: Sequence[NewPin]) -> list[Finding]:
    """Return what is wrong with new pins; raises :class:`Refused` for a document that the step doesn't pin to."""
    found = []
    for number, pin in enumerate(pins):
        if pin.document != element.pins:
            raise Refused("pins.not_here", document=pin.document, step=element.label)
        if act.progress.head(scope, pin.document) is None:
            raise Refused("pins.no_document", document=pin.document)
        if not pin.text.strip() or not pin.field:
            found.append(finding("pins.empty", f"pins.{number}"))
    return found


def pin_all(unit: Unit, act: Act, item: Item, scope: int, pins: Sequence[NewPin]) -> None:
    """Write new pins; who may read the document may read what is pinned to it."""
    rows = []
    for pin in pins:
        key = key_of(scope, pin.document)
        head = act.progress.documents[key]
        act.progress.pinned[key] = act.progress.pinned.get(key, 0) + 1
        rows.append(
            {
                "instance_id": act.instance.id,
                "item_id": item.id,
                "element": item.element,
                "scope": scope,
                "document": pin.document,
                "document_version": head.version,
                "field": pin.field,
                "row": pin.row,
                "text": pin.text,
                "author": act.actor,
                "created_at": act.now,
                "audience": None if head.audience is None else dump_json(head.audience),
                "state": "open",
            }
        )
    if rows:
        unit.execute(insert(tables.pins), rows)
