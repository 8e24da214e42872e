"""How long steps usually take: the median of the last ones that were completed, kept for some minutes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import bindparam, literal, select, union_all

from engine import tables
from engine.commands.ports import Ports
from engine.database import Unit

#: A step must have been done so often before its usual duration is told, which is the median of the last ones.
KNOWN_FROM = 3
LAST = 50
#: As many of the newest versions of a process count.
VERSIONS = 3
#: How long a median stands, and how many are kept.
AGE = timedelta(minutes=5)
KEPT = 1_000

#: A step: the process that it stands in, and the element.
Step = tuple[str, str]
_items = tables.work_items.c


@dataclass(frozen=True, slots=True)
class Usual:
    """A usual duration in seconds, and how many completed items it is the median of."""

    seconds: int
    count: int


def usual(ports: Ports, unit: Unit, steps: Collection[Step], now: datetime) -> Mapping[Step, Usual]:
    """Return the usual durations of steps that were done often enough; two statements where one was not asked for lately."""
    kept: dict[Step, tuple[datetime, Usual | None]] = ports.usual
    missing = [step for step in dict.fromkeys(steps) if step not in kept or abs(now - kept[step][0]) > AGE]
    found = _medians(unit, missing) if missing else {}
    if len(kept) > KEPT:
        kept.clear()
    kept.update({step: (now, found.get(step)) for step in missing})
    known = {step: kept[step][1] if step not in missing else found.get(step) for step in steps}
    return {step: span for step, span in known.items() if span is not None}


def _medians(unit: Unit, steps: Collection[Step]) -> dict[Step, Usual]:
    definitions = tables.definitions.c
    processes = sorted({process for process, _ in steps})
    query = select(definitions.id, definitions.process_id).where(definitions.process_id.in_(processes))
    versions: dict[str, list[int]] = {}
    for row in unit.execute(query.order_by(definitions.version.desc())):
        if len(versions.setdefault(row.process_id, [])) < VERSIONS:
            versions[row.process_id].append(row.id)
    places = [
        (number, id, element)
        for number, (process, element) in enumerate(steps)
        for id in versions.get(process, ())
    ]
    if not places:
        return {}
    values: dict[str, Any] = {}
    parts = []
    for index, (number, id, element) in enumerate(places):
        values |= {f"d{index}": id, f"e{index}": element}
        last = (
            select(literal(number).label("number"), _items.created_at, _items.completed_at)
            .where(
                _items.definition_id == bindparam(f"d{index}"),
                _items.element == bindparam(f"e{index}"),
                _items.completed_at.is_not(None),
                _items.state == "completed",
            )
            .order_by(_items.completed_at.desc())
            .limit(LAST)
            .subquery()
        )
        parts.append(select(last.c.number, last.c.created_at, last.c.completed_at))
    spans: dict[int, list[tuple[datetime, float]]] = {}
    for row in unit.execute(union_all(*parts), values):
        length = (row.completed_at - row.created_at).total_seconds()
        spans.setdefault(row.number, []).append((row.completed_at, length))
    found: dict[Step, Usual] = {}
    for number, step in enumerate(steps):
        newest = sorted(spans.get(number, ()), reverse=True)[:LAST]
        if len(newest) >= KNOWN_FROM:
            found[step] = Usual(int(median(length for _, length in newest)), len(newest))
    return found
