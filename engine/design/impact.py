"""What would change (影响分析) if a draft were deployed: where running instances stand, and what became of ended ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from engine import tables
from engine.bpmn.model import ProcessModel
from engine.catalogue import Catalogue
from engine.database import Unit
from engine.errors import NotFound
from engine.runtime import Definition
from engine.runtime.definition import node_name
from engine.runtime.migrating import propose

_items, _instances, _definitions = tables.work_items.c, tables.instances.c, tables.definitions.c


@dataclass(frozen=True, slots=True)
class Standing:
    """An element of a version at which cases wait: how many, and the element of the draft that they would go on at; None
    where a migration would have to be told.
    """

    version: int
    element: str
    name: str
    cases: int
    goes_to: str | None


def standings(
    unit: Unit, catalogue: Catalogue, process_id: str, models: Mapping[str, ProcessModel]
) -> list[Standing]:
    """Return where the running cases of all versions of a process stand, beside the process as the draft has it.

    Cases inside a called process count at its element. Raises :class:`NotFound` where the draft has no such process.
    """
    if process_id not in models:
        raise NotFound("process.unknown", process=process_id, version=None)
    draft = Definition.compile(models[process_id], models)
    query = (
        select(
            _items.definition_id,
            _items.element,
            func.min(_items.step).label("step"),
            func.count(_items.instance_id.distinct()).label("number"),
        )
        .join(tables.definitions, _definitions.id == _items.definition_id)
        .where(_items.state == "open", _definitions.process_id == process_id)
        .group_by(_items.definition_id, _items.element)
        .order_by(_items.definition_id.desc(), func.count().desc(), _items.element)
    )
    mappings: dict[int, Mapping[str, str | None]] = {}
    found = []
    for row in unit.execute(query).all():
        process = catalogue.get(unit, row.definition_id)
        mapping = mappings.setdefault(row.definition_id, propose(process.definition, draft))
        home = next(
            (id for id in process.definition.processes if row.element in process.model(id).elements), None
        )
        goes = None if home is None else mapping.get(node_name(home, row.element))
        found.append(
            Standing(
                process.version,
                row.element,
                row.step,
                row.number,
                None if goes is None else goes.partition("#")[2],
            )
        )
    return found


def running(unit: Unit, process_id: str) -> Sequence[tuple[int, int]]:
    """Return how many cases of each version are not over, the newest version first."""
    query = (
        select(_definitions.version, func.count().label("number"))
        .join(tables.instances, _instances.definition_id == _definitions.id)
        .where(_definitions.process_id == process_id, _instances.ended_at.is_(None))
        .group_by(_definitions.version)
        .order_by(_definitions.version.desc())
    )
    return [(row.version, row.number) for row in unit.execute(query)]
