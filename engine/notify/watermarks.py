"""How far a table has been read, where rows of transactions that are still running appear below rows already read.

Ids are given out before the commit, so on PostgreSQL a smaller one may become visible after a greater one. The ids that
were missing are remembered and looked for again, until their transactions must have ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, bindparam, func, insert, or_, select, update

from engine import tables
from engine.database import Unit
from engine.values import dump_json, load_plain, stamp

#: How long a missing id is looked for. No command takes as long.
PATIENCE = timedelta(minutes=10)
MAX_GAPS = 5_000

_marks = tables.watermarks.c
_mark = select(tables.watermarks).where(_marks.name == bindparam("name")).with_for_update()


@dataclass(slots=True)
class Watermark:
    """How far a source was read: up to the id ``position`` but for ``gaps`` (id → when it was missed), last at ``at``."""

    name: str
    position: int
    at: datetime
    gaps: dict[int, datetime] = field(default_factory=dict)


def load(unit: Unit, name: str) -> Watermark | None:
    """Return a mark, locked until the transaction ends; None where there is none yet."""
    row = unit.execute(_mark, {"name": name}).first()
    if row is None:
        return None
    gaps = {int(id): datetime.fromisoformat(at) for id, at in load_plain(row.gaps).items()}
    return Watermark(name, row.position, row.at, gaps)


def position(unit: Unit, name: str) -> int:
    """Return how far a source was read, without waiting for anybody who reads it right now; 0 where there is no mark."""
    found = unit.execute(select(_marks.position).where(_marks.name == name)).scalar()
    return 0 if found is None else int(found)


def save(unit: Unit, mark: Watermark) -> None:
    """Write a mark."""
    values = {
        "position": mark.position,
        "at": mark.at,
        "gaps": dump_json({str(id): stamp(at) for id, at in mark.gaps.items()}),
    }
    if not unit.execute(update(tables.watermarks).where(_marks.name == mark.name), values).rowcount:
        unit.execute(insert(tables.watermarks), {"name": mark.name, **values})


def begin(unit: Unit, name: str, key: Column[Any] | None, now: datetime) -> Watermark:
    """Return a mark; where there is none, one that begins now: what was before is no news."""
    mark = load(unit, name)
    if mark is None:
        last = unit.execute(select(func.coalesce(func.max(key), 0))).scalar_one() if key is not None else 0
        mark = Watermark(name, last, now)
        save(unit, mark)
    return mark


def unread(unit: Unit, table: Table, mark: Watermark, now: datetime, limit: int) -> Sequence[int]:
    """Return the ids that have appeared since a mark, the oldest first, and move the mark on; the caller saves it."""
    key = table.c.id
    news = key > mark.position
    wanted = or_(news, key.in_(list(mark.gaps))) if mark.gaps else news
    found = list(unit.execute(select(key).where(wanted).order_by(key).limit(limit)).scalars())
    there = set(found)
    for id, since in list(mark.gaps.items()):
        if id in there or now - since > PATIENCE:
            del mark.gaps[id]
    last = max(found, default=mark.position)
    if unit.dialect != "sqlite":  # where writers take turns, and none is behind
        for id in range(mark.position + 1, last):
            if id not in there and len(mark.gaps) < MAX_GAPS:
                mark.gaps[id] = now
    mark.position, mark.at = max(last, mark.position), now
    return found
