"""All versions of an instance's documents, as far as a person may read them; each has an audience of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import tables
from engine.commands.act import Act
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import NotFound
from engine.identity import Actor
from engine.tasks import reading
from engine.tasks.instance import load_seen
from engine.tasks.views import DocumentView, VersionView


def versions(ports: Ports, unit: Unit, instance_id: int, actor: Actor) -> list[VersionView]:
    """Return the versions that the actor may read, oldest first."""
    act, _ = load_seen(ports, unit, instance_id, actor)
    rows = _readable(unit, act, actor)
    last = {_line(row): row.id for row in rows.values()}
    known = reading.authors(unit, rows.values())
    return [
        VersionView(
            row.id,
            row.name,
            reading.title_of(act, row),
            row.version,
            reading.author(known, row),
            row.saved_at,
            newest=last[_line(row)] == row.id,
        )
        for row in rows.values()
    ]


def version(ports: Ports, unit: Unit, instance_id: int, document_id: int, actor: Actor) -> DocumentView:
    """Return one version with the version before it to compare with; raises :class:`NotFound`."""
    act, _ = load_seen(ports, unit, instance_id, actor)
    rows = _readable(unit, act, actor)
    row = rows.get(document_id)
    if row is None:
        raise NotFound("document.not_found", document=document_id)
    older = [one for one in rows.values() if _line(one) == _line(row) and one.version < row.version]
    return reading.document(act, row, reading.authors(unit, [row]), older[-1] if older else None)


def _line(row: Any) -> tuple[int, int, str]:
    """Return what the versions of one document have in common."""
    return row.scope, row.item, row.name


def _readable(unit: Unit, act: Act, actor: Actor) -> Mapping[int, Any]:
    """Return the rows of versions by id, oldest first, without those whose contents were deleted."""
    table = tables.documents.c
    query = reading.saved(act).where(table.body.is_not(None)).order_by(table.id)
    return {row.id: row for row in unit.execute(query) if reading.may_read(act, row, actor)}
