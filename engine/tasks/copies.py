"""What was copied to a person (抄送我的): keyset pages over a scan of each of their principals, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, union_all

from engine import tables
from engine.commands.notes import COPY
from engine.database import Unit
from engine.identity import Actor, names
from engine.tasks.filters import Asked
from engine.tasks.lists import ListPage, cut, descending, page_size, window
from engine.tasks.query import InboxQuery

_notes, _instances, _definitions = tables.notes.c, tables.instances.c, tables.definitions.c


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy of a case: who sent it when, with which words, and when it was read."""

    note_id: int
    instance_id: int
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    sender: str
    sent_at: datetime
    text: str
    read_at: datetime | None
    state: str
    sender_name: str


def copies(unit: Unit, actor: Actor, query: InboxQuery, now: datetime, *, unread: bool) -> ListPage:
    """Return a page of what was copied to the actor, or only of what they haven't read, in two statements."""
    asked = Asked.of(unit, actor, query, now)
    keys = union_all(*(_scan(one, asked, unread) for one in sorted(actor.principals))).subquery()
    down = descending(query)
    rows: Select[Any] = (
        select(
            _notes.id.label("note_id"),
            _instances.id.label("instance_id"),
            _definitions.process_id.label("process"),
            _definitions.name.label("process_name"),
            _instances.subject,
            _instances.unit,
            _instances.reference,
            _instances.amount,
            _notes.sender,
            _notes.sent_at,
            _notes.text,
            _notes.read_at,
            _instances.state,
        )
        .select_from(keys)
        .join(tables.notes, _notes.id == keys.c.id)
        .join(tables.instances, _instances.id == _notes.instance_id)
        .join(tables.definitions, _definitions.id == _instances.definition_id)
        .order_by(*((key.desc() if down else key) for key in (keys.c.sent_at, keys.c.id)))
        .limit(page_size(query) + 1)
    )
    found: Sequence[Any] = unit.execute(rows, asked.values).all()
    known = names(unit, {row.sender for row in found})
    named = [CopyRow(**row._mapping, sender_name=known.get(row.sender, row.sender)) for row in found]
    return cut(named, query, "sent_at", "note_id")


def _scan(principal: str, asked: Asked, unread: bool) -> Select[Any]:
    """Return the scan of one principal's copies, cut at a page, as a select that may stand in a union."""
    rows: Select[Any] = (
        select(_notes.id, _notes.sent_at)
        .join(tables.instances, _instances.id == _notes.instance_id)
        .join(tables.definitions, _definitions.id == _instances.definition_id)
        .where(_notes.principal == principal, _notes.kind == COPY)
    )
    if unread:
        rows = rows.where(_notes.read_at.is_(None))
    inner = window(rows, asked, _notes.sent_at, _notes.id).subquery()
    return select(inner.c.id, inner.c.sent_at)
