"""The deployed processes with their versions, and how many cases of each are in which state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from engine import tables
from engine.database import Unit
from engine.errors import NotFound

RUNNING = ("waiting", "incident", "suspended")

_instances, _items = tables.instances.c, tables.work_items.c
_definitions, _incidents = tables.definitions.c, tables.incidents.c
_states = select(_instances.definition_id, _instances.state, func.count().label("number")).group_by(
    _instances.definition_id, _instances.state
)
_open = (
    select(_items.definition_id, func.count().label("number"))
    .where(_items.state == "open")
    .group_by(_items.definition_id)
)
_failures = (
    select(_instances.definition_id, func.count().label("number"))
    .join(tables.instances, _instances.id == _incidents.instance_id)
    .where(_incidents.state == "open")
    .group_by(_instances.definition_id)
)
_versions = (
    select(
        _definitions.id,
        _definitions.process_id,
        _definitions.version,
        _definitions.name,
        _definitions.suspended_at,
        _definitions.deployment_id,
        tables.deployments.c.deployed_at,
        tables.deployments.c.deployed_by,
    )
    .join(tables.deployments, tables.deployments.c.id == _definitions.deployment_id)
    .order_by(_definitions.process_id, _definitions.version.desc())
)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a process: who deployed it when, since when none may start, and its cases by state."""

    definition_id: int
    deployment_id: int
    version: int
    name: str
    deployed_at: datetime
    deployed_by: str
    suspended_at: datetime | None
    waiting: int
    incident: int
    suspended: int
    ended: int
    terminated: int

    @property
    def running(self) -> int:
        """How many cases are not over."""
        return self.waiting + self.incident + self.suspended


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process by its id: its versions, the newest first, its open work items, late ones, and open incidents."""

    process_id: str
    versions: tuple[VersionRow, ...]
    open_items: int
    late_items: int
    incidents: int

    @property
    def name(self) -> str:
        """The name of the newest version."""
        return self.versions[0].name

    @property
    def running(self) -> int:
        """How many cases of all versions are not over."""
        return sum(version.running for version in self.versions)

    @property
    def suspended_at(self) -> datetime | None:
        """Since when no case of the newest version may start."""
        return self.versions[0].suspended_at


def processes(unit: Unit, now: datetime, process_id: str | None = None) -> list[ProcessRow]:
    """Return the deployed processes by their id, or the one of ``process_id``; raises :class:`NotFound` for that."""
    query = _versions if process_id is None else _versions.where(_definitions.process_id == process_id)
    found = unit.execute(query).all()
    if process_id is not None and not found:
        raise NotFound("process.unknown", process=process_id, version=None)
    states: dict[int, dict[str, int]] = defaultdict(dict)
    for counted in unit.execute(_states):
        states[counted.definition_id][counted.state] = counted.number
    open_items = _numbers(unit, _open)
    late_items = _numbers(unit, _open.where(_items.due_at < now))
    failures = _numbers(unit, _failures)
    versions: dict[str, list[VersionRow]] = defaultdict(list)
    for row in found:
        versions[row.process_id].append(
            VersionRow(
                row.id,
                row.deployment_id,
                row.version,
                row.name,
                row.deployed_at,
                row.deployed_by,
                row.suspended_at,
                **{name: states[row.id].get(name, 0) for name in (*RUNNING, "ended", "terminated")},
            )
        )

    def total(of: Mapping[int, int], rows: list[VersionRow]) -> int:
        return sum(of.get(row.definition_id, 0) for row in rows)

    return [
        ProcessRow(id, tuple(rows), total(open_items, rows), total(late_items, rows), total(failures, rows))
        for id, rows in versions.items()
    ]


def _numbers(unit: Unit, query: Select[int, int]) -> dict[int, int]:
    return {row.definition_id: row.number for row in unit.execute(query)}
