"""Archiving finished cases (归档), and deleting their contents when their time of retention is over.

What is deleted are bodies: of events, documents, opinions, variables, attachments. Heads and tombstones stay: that it
happened, who did it and when, and the hashes, so that the history still verifies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from engine import tables
from engine.calendar import add_duration
from engine.commands import writer
from engine.commands.act import Act
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.commands.scopes import Scopes
from engine.database import Unit
from engine.errors import Conflict
from engine.history import Entry, chain_of
from engine.store import Store
from engine.tables import migrated
from engine.values import iso

#: A content put so recently may belong to an attachment that is being written just now.
FRESH = timedelta(days=1)

#: What is left of a case's rows that hold contents.
BLANK: Mapping[Table, Mapping[str, Any]] = {
    tables.documents: {"body": None},
    tables.pins: {"text": "", "reply_text": None},
    tables.signatures: {"locals": "{}", "result": None, "opinion": ""},
    tables.incidents: {"params": "{}"},
    tables.notes: {"text": ""},
    tables.outbox: {"body": "{}"},
    tables.extensions: {"reason": "", "answer": None},
    tables.proposals: {"params": "{}", "reason": ""},
    migrated: {"before": None, "params": None},
    tables.bulk_items: {"said": None},
    tables.errands: {"params": "{}", "error": None},
}

_archives, _instances = tables.archives.c, tables.instances.c


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was deleted of one case: how many bodies of events and documents."""

    instance_id: int
    events: int
    documents: int


def archivable(
    unit: Unit, ended_before: datetime, process_id: str | None, after: int, limit: int
) -> Sequence[int]:
    """Return finished cases that aren't archived, in the order of their ids, those after ``after``."""
    query = (
        select(_instances.id)
        .where(
            _instances.state.in_(("ended", "terminated")),
            _instances.ended_at < ended_before,
            _instances.id > after,
            ~exists().where(_archives.instance_id == _instances.id),
        )
        .order_by(_instances.id)
        .limit(limit)
    )
    if process_id is not None:
        definitions = tables.definitions.c
        of_process = select(definitions.id).where(definitions.process_id == process_id)
        query = query.where(_instances.definition_id.in_(of_process))
    return unit.execute(query).scalars().all()


@dataclass(frozen=True, slots=True)
class Archivable:
    """How many finished cases of a process aren't archived, and when the first and the last of them ended."""

    process_id: str
    name: str
    count: int
    first: datetime
    last: datetime


def preview(unit: Unit, ended_before: datetime) -> list[Archivable]:
    """Return what :func:`archivable` would find, by process."""
    definitions = tables.definitions.c
    query = (
        select(
            definitions.process_id,
            func.max(definitions.name).label("name"),
            func.count().label("cases"),
            func.min(_instances.ended_at).label("first"),
            func.max(_instances.ended_at).label("last"),
        )
        .join(tables.definitions, definitions.id == _instances.definition_id)
        .where(
            _instances.state.in_(("ended", "terminated")),
            _instances.ended_at < ended_before,
            ~exists().where(_archives.instance_id == _instances.id),
        )
        .group_by(definitions.process_id)
        .order_by(definitions.process_id)
    )
    return [
        Archivable(row.process_id, row.name, row.cases, row.first, row.last) for row in unit.execute(query)
    ]


def archive(ports: Ports, unit: Unit, instance_id: int, actor: str) -> datetime | None:
    """Archive a finished case; return when its contents may be deleted, None where its process says nothing of it.

    Raises :class:`NotFound`, and :class:`Conflict` for a case that runs or is archived.
    """
    act = load_instance(ports, unit, instance_id, actor)
    ended_at = act.instance.ended_at
    if ended_at is None:
        raise Conflict("archive.running")
    if unit.execute(select(_archives.instance_id).where(_archives.instance_id == instance_id)).first():
        raise Conflict("archive.already")
    lasting = _lasting(act)
    due = add_duration(ended_at, lasting) if lasting else None
    row = {"instance_id": instance_id, "archived_at": act.now, "archived_by": actor, "due_at": due}
    unit.execute(insert(tables.archives), row)
    act.entries.append(Entry("instance.archived", actor, act.now, None, {"due": iso(due)}))
    writer.write(unit, [act])
    return due


def _lasting(act: Act) -> str | None:
    """Return how long contents are kept: as the county's rules say, else as the process's file does."""
    model = act.process.definition.model
    with Session(act.unit.connection) as session:
        said: str | None = act.ports.plugins.hook.bihuan_retention(session=session, process=model.id)
    return model.retention if said is None else said


def prunable(unit: Unit, now: datetime, limit: int) -> Sequence[int]:
    """Return archived cases whose time of retention is over."""
    query = (
        select(_archives.instance_id)
        .where(_archives.pruned_at.is_(None), _archives.due_at <= now)
        .order_by(_archives.due_at, _archives.instance_id)
        .limit(limit)
    )
    return unit.execute(query).scalars().all()


def prune(ports: Ports, unit: Unit, instance_id: int, actor: str) -> Pruned | None:
    """Delete the contents of an archived case; None where somebody else just did."""
    act = load_instance(ports, unit, instance_id, actor)
    mine = (
        (_archives.instance_id == instance_id) & _archives.pruned_at.is_(None) & (_archives.due_at <= act.now)
    )
    if unit.execute(update(tables.archives).where(mine).values(pruned_at=act.now)).rowcount != 1:
        return None
    events, documents = _count(unit, act)
    _delete_bodies(unit, instance_id)
    act.changes.emptied = True
    act.scopes = Scopes.new({})
    body = {"events": events, "documents": documents}
    act.entries.append(Entry("instance.pruned", actor, act.now, None, body))
    writer.write(unit, [act])
    return Pruned(instance_id, events, documents)


def sweep(unit: Unit, store: Store, now: datetime) -> int:
    """Delete the contents of attachments of which only pruned cases know; return how many were there."""
    attachments = tables.attachments.c
    pruned = select(_archives.instance_id).where(_archives.pruned_at.is_not(None))
    kept = select(attachments.sha256).where(attachments.instance_id.not_in(pruned))
    gone = select(attachments.sha256).where(
        attachments.instance_id.in_(pruned), attachments.sha256.not_in(kept)
    )
    contents = unit.execute(gone.distinct()).scalars().all()
    return sum(store.remove(content, now - FRESH) for content in contents)


def _count(unit: Unit, act: Act) -> tuple[int, int]:
    def count(table: Any, *conditions: Any) -> int:
        return int(unit.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    events, documents = tables.events.c, tables.documents.c
    return (
        count(tables.events, events.chain == chain_of(act.instance.id), events.body.is_not(None)),
        count(tables.documents, documents.instance_id == act.instance.id, documents.body.is_not(None)),
    )


def _delete_bodies(unit: Unit, instance_id: int) -> None:
    items = select(tables.work_items.c.id).where(tables.work_items.c.instance_id == instance_id)
    for table, values in BLANK.items():
        unit.execute(update(table).where(table.c.instance_id == instance_id).values(values))
    # A bulk run's common opinion stands in the events of each of its cases too.
    runs = select(tables.bulk_items.c.bulk_id).where(tables.bulk_items.c.instance_id == instance_id)
    unit.execute(update(tables.bulks).where(tables.bulks.c.id.in_(runs)).values(asked="{}"))
    chain = chain_of(instance_id)
    unit.execute(update(tables.events).where(tables.events.c.chain == chain).values(body=None))
    unit.execute(delete(tables.drafts).where(tables.drafts.c.item_id.in_(items)))
