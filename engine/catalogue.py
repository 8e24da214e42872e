"""What is deployed, compiled once per process and shared by all instances."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select

from engine import dmn, tables
from engine.bpmn.checks import read_files
from engine.bpmn.model import Element, ProcessModel
from engine.bpmn.names import names_given
from engine.database import Unit
from engine.errors import BihuanError, Conflict, NotFound
from engine.plugins import Handler, Offering
from engine.runtime import Definition
from engine.values import load_plain

CACHED = 500


@dataclass(frozen=True, slots=True)
class DeployedForm:
    """A form file as it was deployed; ``resource_id`` stays with the documents saved by it."""

    id: str
    resource_id: int
    source: bytes


@dataclass(frozen=True, slots=True)
class Process:
    """A version of a process: its compiled definition, and the files that were deployed with it.

    ``versions`` gives, for this process and each that it calls, the id of the definition bound at deployment.
    """

    id: int
    process_id: str
    version: int
    name: str
    deployment_id: int
    source: bytes
    definition: Definition
    forms: Mapping[str, DeployedForm]
    decisions: Mapping[str, dmn.Model]
    #: For this process and each that it calls, the names that it declares, maps, computes, asks for or saves.
    declared: Mapping[str, frozenset[str]]
    versions: Mapping[str, int]

    def model(self, process_id: str) -> ProcessModel:
        """Return the model of this process or of one that it calls."""
        return self.definition.processes[process_id].model

    def element(self, process_id: str, element: str) -> Element:
        """Return an element of this process or of one that it calls."""
        return self.model(process_id).elements[element]


class Catalogue:
    """The definitions of one county, kept in memory; they never change, so nothing is ever thrown out as stale."""

    def __init__(self, plugins: Any) -> None:
        self.plugins = plugins
        self.handlers: Mapping[str, Handler] = {
            handler.type: handler for offer in plugins.hook.bihuan_handlers() for handler in offer
        }
        self._loaded: OrderedDict[int, Process] = OrderedDict()
        self._latest: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(self, unit: Unit, definition_id: int) -> Process:
        """Return a definition by its id."""
        with self._lock:
            found = self._loaded.get(definition_id)
            if found is not None:
                self._loaded.move_to_end(definition_id)
                return found
        loaded = _load(unit, definition_id, self.plugins)
        with self._lock:
            self._loaded[definition_id] = loaded
            while len(self._loaded) > CACHED:
                self._loaded.popitem(last=False)
        return loaded

    def find(self, unit: Unit, process_id: str, version: int | None = None) -> Process:
        """Return a version of a process, the newest one by default; raises :class:`NotFound`."""
        return self.get(unit, _version(unit, process_id, version).id)

    def startable(self, unit: Unit, process_id: str, version: int | None = None) -> Process:
        """Return a version of a process, the newest one by default, of which an instance may start now.

        Raises :class:`NotFound`, and :class:`Conflict` where it is suspended.
        """
        row = _version(unit, process_id, version)
        process = self.get(unit, row.id)
        if row.suspended_at is not None:
            raise Conflict("process.suspended", process=process.name, at=row.suspended_at)
        return process

    def suspended_since(self, unit: Unit, definition_id: int) -> datetime | None:
        """Return since when no instance of a definition may start; None where it may."""
        found: datetime | None = unit.execute(_suspended_at, {"id": definition_id}).scalar()
        return found

    def ids(self, unit: Unit, process_id: str) -> Sequence[int]:
        """Return the ids of all versions of a process."""
        table = tables.definitions.c
        return unit.execute(select(table.id).where(table.process_id == process_id)).scalars().all()

    def newest(self, unit: Unit) -> list[Process]:
        """Return the newest version of each deployed process, by their ids."""
        table = tables.definitions.c
        ids = select(func.max(table.id)).group_by(table.process_id).order_by(table.process_id)
        return [self.get(unit, id) for id in unit.execute(ids).scalars().all()]

    def names(self, unit: Unit) -> dict[str, str]:
        """Return the deployed processes: id → name of the newest version."""
        table = tables.definitions.c
        newest = (
            select(table.process_id, func.max(table.version).label("version"))
            .group_by(table.process_id)
            .subquery()
        )
        query = select(table.process_id, table.name).join(
            newest, (newest.c.process_id == table.process_id) & (newest.c.version == table.version)
        )
        return {row.process_id: row.name for row in unit.execute(query.order_by(table.process_id))}


_definition = (
    select(tables.definitions, tables.resources.c.name.label("file"))
    .join(tables.resources, tables.resources.c.id == tables.definitions.c.resource_id)
    .where(tables.definitions.c.id == bindparam("id"))
)
_suspended_at = select(tables.definitions.c.suspended_at).where(tables.definitions.c.id == bindparam("id"))
_resources = select(tables.resources).where(tables.resources.c.deployment_id == bindparam("deployment"))


def _version(unit: Unit, process_id: str, version: int | None) -> Any:
    table = tables.definitions.c
    query = select(table.id, table.suspended_at).where(table.process_id == process_id)
    if version is not None:
        query = query.where(table.version == version)
    found = unit.execute(query.order_by(table.version.desc()).limit(1)).first()
    if found is None:
        raise NotFound("process.unknown", process=process_id, version=version)
    return found


@dataclass(frozen=True, slots=True)
class _Compiled:
    """What the files of a deployment say of one of its processes, whatever county they were deployed in."""

    definition: Definition
    decisions: Mapping[str, dmn.Model]
    declared: Mapping[str, frozenset[str]]


@lru_cache(maxsize=CACHED)
def _compiled(
    process_id: str,
    names: tuple[str, ...],
    given: tuple[tuple[str, str, str | None, bytes], ...],
    offering: Offering,
) -> _Compiled | None:
    """Compile a process of files, given as name, kind, key and content; None where the files don't have it.

    Counties of one server deploy the same files: they are compiled once.
    """
    plugins = offering.manager
    files = {name: content for name, _, _, content in given}
    models = {model.id: model for found, _ in read_files(files, plugins).values() for model in found}
    if process_id not in models:
        return None
    forms = {key: content for _, kind, key, content in given if kind == "form" and key is not None}
    decisions: dict[str, dmn.Model] = {}
    for found in dmn.parse_all({name: content for name, kind, _, content in given if kind == "dmn"}).values():
        if isinstance(found, dmn.Model):
            decisions.update(dict.fromkeys(found.decisions, found))

    def fields(form_id: str) -> list[str]:
        source = forms.get(form_id)
        if source is None:
            return []
        offers = plugins.hook.bihuan_form_fields(form_id=form_id, source=source)
        return [name for offer in offers for name in offer]

    definition = Definition.compile(models[process_id], models, names)
    declared = {
        name: names_given(compiled.model, models.values(), fields)
        for name, compiled in definition.processes.items()
    }
    return _Compiled(definition, decisions, declared)


def _load(unit: Unit, definition_id: int, plugins: Any) -> Process:
    row = unit.execute(_definition, {"id": definition_id}).first()
    if row is None:
        raise NotFound("definition.unknown", definition=definition_id)
    resources = unit.execute(_resources, {"deployment": row.deployment_id}).all()
    given = tuple(sorted((one.name, one.kind, one.key, one.content) for one in resources))
    found = _compiled(row.process_id, tuple(load_plain(row.names)), given, Offering.of(plugins))
    if found is None:
        raise BihuanError("definition.unreadable", process=row.process_id, version=row.version)
    return Process(
        row.id,
        row.process_id,
        row.version,
        row.name,
        row.deployment_id,
        next(one.content for one in resources if one.name == row.file),
        found.definition,
        {one.key: DeployedForm(one.key, one.id, one.content) for one in resources if one.kind == "form"},
        found.decisions,
        found.declared,
        {row.process_id: row.id, **load_plain(row.called)},
    )
