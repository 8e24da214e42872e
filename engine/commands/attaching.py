"""Attachments: the record of a stored content with an item, and who may fetch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import tables
from engine.commands import writer
from engine.commands.act import Act
from engine.commands.complete import user_task
from engine.commands.filing import file
from engine.commands.loading import Item, load_instance, load_item
from engine.commands.ports import Ports
from engine.commands.secrecy import keep_out
from engine.database import Unit
from engine.errors import NotFound
from engine.history import Entry
from engine.identity import Actor, names
from engine.store import Stored
from engine.tasks.access import refusal, refused, represent
from engine.values import load_plain


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to an instance; ``type`` is what its content is."""

    id: int
    instance_id: int
    item_id: int | None
    field: str | None
    name: str
    type: str
    size: int
    sha256: str
    author: str
    author_name: str
    added_at: datetime


def may_attach(ports: Ports, unit: Unit, item_id: int, actor: Actor) -> None:
    """Raise :class:`Forbidden` where the actor may not attach anything to the item."""
    item, act = load_item(ports, unit, item_id, actor.principal, lock=False)
    actor = actor.within(act.process.process_id)
    _allowed(item, act, actor)


def _allowed(item: Item, act: Act, actor: Actor) -> None:
    code = refusal("attach", item, user_task(act, item), act.progress, actor)
    if code is not None:
        raise refused(code, item, act, actor)
    keep_out(act)


def attach(
    ports: Ports, unit: Unit, item_id: int, actor: Actor, name: str, field: str | None, stored: Stored
) -> Attachment:
    """Record a stored content with an item; raises :class:`Forbidden`."""
    item, act = load_item(ports, unit, item_id, actor)
    actor = actor.within(act.process.process_id)
    _allowed(item, act, actor)
    represent(act, item, actor)
    row = file(unit, act, item, name, field, stored)
    body = {
        "item": item.id,
        "step": item.step,
        "attachment": row["id"],
        "name": row["name"],
        "sha256": stored.sha256,
    }
    act.entries.append(Entry("attachment.added", act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    return _attachment(row, {actor.principal: actor.name})


def find(ports: Ports, unit: Unit, attachment_id: int, actor: Actor) -> Attachment:
    """Return an attachment; raises :class:`NotFound` for one that the actor may not know of."""
    row = (
        unit.execute(select(tables.attachments).where(tables.attachments.c.id == attachment_id))
        .mappings()
        .first()
    )
    if row is None or (actor.no_business and not actor.reads_all):
        raise NotFound("attachment.unknown")
    act = load_instance(ports, unit, row["instance_id"], actor.principal, lock=False)
    actor = actor.within(act.process.process_id)
    if not _may_read(act, row, actor):
        raise NotFound("attachment.unknown")
    return _attachment(row, names(unit, [row["author"]]))


def listed(act: Act, actor: Actor) -> Sequence[Attachment]:
    """Return an instance's attachments that the actor may read, oldest first."""
    unit, table = act.unit, tables.attachments
    rows = (
        unit.execute(select(table).where(table.c.instance_id == act.instance.id).order_by(table.c.id))
        .mappings()
        .all()
    )
    known = names(unit, {row["author"] for row in rows})
    return [_attachment(row, known) for row in rows if _may_read(act, row, actor)]


def _may_read(act: Act, row: Any, actor: Actor) -> bool:
    audience = load_plain(row["audience"]) if row["audience"] else None
    return actor.may_read(audience, act.progress.participants)


def _attachment(row: Any, known: dict[str, str]) -> Attachment:
    author = row["author"]
    return Attachment(
        row["id"],
        row["instance_id"],
        row["item_id"],
        row["field"],
        row["name"],
        row["type"],
        row["size"],
        row["sha256"],
        author,
        known.get(author, author),
        row["added_at"],
    )
