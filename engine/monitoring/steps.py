"""Where the cases of a process wait, how late they are, and how long each of its steps takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, select

from engine import tables
from engine.commands.ports import Ports
from engine.database import Unit

#: The durations of as many of a step's last completions are looked at.
SAMPLE = 500

_items, _instances = tables.work_items.c, tables.instances.c


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds: the median, the ninetieth percentile, and of how many."""

    median: int
    p90: int
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread | None:
        """Return the spread of durations; None without any."""
        if not seconds:
            return None
        ordered = sorted(seconds)
        return cls(int(_at(ordered, 0.5)), int(_at(ordered, 0.9)), len(ordered))


@dataclass(frozen=True, slots=True)
class StepRow:
    """An element of a process: what waits there now, since when the first, and how long its completions took.

    ``waiting`` counts open work items, jobs and the timers that a case waits for, not those armed at a boundary;
    ``late`` the work items that are past their due date; ``done_late`` the completions of the sample that were.
    """

    element: str
    name: str
    kind: str
    waiting: int
    late: int
    oldest: datetime | None
    incidents: int
    took: Spread | None
    done_late: int

    @property
    def busy(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.waiting or self.incidents or self.took)


@dataclass(frozen=True, slots=True)
class Steps:
    """The elements of one version of a process, in the order of the file, and how long whole cases took."""

    process_id: str
    version: int
    name: str
    bpmn: bytes
    rows: tuple[StepRow, ...]
    cases: Spread | None


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A step in which people's time passes: its figures, and its share of the time of all steps."""

    row: StepRow
    share: float


def bottlenecks(found: Steps) -> list[Bottleneck]:
    """Return the steps that were done by how much time passes in them: the median of each times how often it was done."""
    spent = [(row.took.median * row.took.count, row) for row in found.rows if row.took is not None]
    total = sum(seconds for seconds, _ in spent) or 1
    ordered = sorted(spent, key=lambda one: -one[0])
    return [Bottleneck(row, seconds / total) for seconds, row in ordered]


def steps(
    ports: Ports, unit: Unit, process_id: str, version: int | None, now: datetime, since: datetime | None
) -> Steps:
    """Return the figures of a version (of the newest, and then over all versions); completions from ``since`` on.

    Raises :class:`NotFound`.
    """
    process = ports.catalogue.find(unit, process_id, version)
    ids = list(ports.catalogue.ids(unit, process_id)) if version is None else [process.id]
    opened = _waiting(unit, ids, now)
    jobs, failures = (_counts(unit, table, ids) for table in (tables.jobs, tables.incidents))
    rows = []
    for element in process.model(process_id).elements.values():
        waiting, late, oldest = opened.get(element.id, (0, 0, None))
        took, done_late = _took(unit, ids, element.id, since) if element.kind == "userTask" else (None, 0)
        rows.append(
            StepRow(
                element.id,
                element.label,
                element.kind,
                waiting + (0 if element.attached_to else jobs.get(element.id, 0)),
                late,
                oldest,
                failures.get(element.id, 0),
                took,
                done_late,
            )
        )
    return Steps(
        process_id, process.version, process.name, process.source, tuple(rows), _cases(unit, ids, since)
    )


def _waiting(
    unit: Unit, definitions: Sequence[int], now: datetime
) -> dict[str, tuple[int, int, datetime | None]]:
    """Return for each element how many work items are open, how many of them late, and since when the first is."""
    query = (
        select(
            _items.element,
            func.count().label("number"),
            func.count().filter(_items.due_at < now).label("late"),
            func.min(_items.created_at).label("oldest"),
        )
        .where(_items.state == "open", _items.definition_id.in_(definitions))
        .group_by(_items.element)
    )
    return {row.element: (row.number, row.late, row.oldest) for row in unit.execute(query)}


def _counts(unit: Unit, table: Table, definitions: Sequence[int]) -> dict[str, int]:
    """Return for each element how many open rows of ``table`` wait there in cases of these definitions."""
    query = (
        select(table.c.element, func.count().label("number"))
        .join(tables.instances, _instances.id == table.c.instance_id)
        .where(table.c.state == "open", _instances.definition_id.in_(definitions))
        .group_by(table.c.element)
    )
    return {row.element: row.number for row in unit.execute(query)}


def _took(
    unit: Unit, definitions: Sequence[int], element: str, since: datetime | None
) -> tuple[Spread | None, int]:
    """Return how long the last completions of a step took, and how many of them were late."""
    query = (
        select(_items.created_at, _items.completed_at, _items.due_at)
        .where(
            _items.definition_id.in_(definitions), _items.element == element, _items.completed_at.is_not(None)
        )
        .where(_items.state == "completed")
        .order_by(_items.completed_at.desc())
        .limit(SAMPLE)
    )
    if since is not None:
        query = query.where(_items.completed_at >= since)
    rows = unit.execute(query).all()
    late = sum(row.due_at is not None and row.completed_at > row.due_at for row in rows)
    return Spread.of([(row.completed_at - row.created_at).total_seconds() for row in rows]), late


def _cases(unit: Unit, definitions: Sequence[int], since: datetime | None) -> Spread | None:
    """Return how long the last ended cases took from start to end."""
    query = (
        select(_instances.started_at, _instances.ended_at)
        .where(_instances.definition_id.in_(definitions), _instances.state == "ended")
        .order_by(_instances.id.desc())
        .limit(SAMPLE)
    )
    if since is not None:
        query = query.where(_instances.ended_at >= since)
    rows = unit.execute(query)
    return Spread.of([(row.ended_at - row.started_at).total_seconds() for row in rows])


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
