"""Deploying files that belong together: immutable versions under one hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import func, insert, select

from engine import history, tables
from engine.bpmn.checks import check_files, kind_of, read_files
from engine.bpmn.model import ProcessModel
from engine.commands import beginnings
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import Refused
from engine.history import Entry
from engine.plugins import Finding, Offering
from engine.runtime import Definition
from engine.values import canonical_json, digest, dump_json


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment made: ``created`` is False where the same files are what runs already.

    ``processes`` gives the version of each process, ``files`` the processes by file; ``findings`` are the warnings of the
    checks.
    """

    id: int
    sha256: str
    created: bool
    processes: Mapping[str, int]
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def main(self, file: str) -> str:
        """Return the process that a file is for: its first one."""
        return self.files[file][0]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that passed the checks: their processes by file, and the hash over all."""

    files: Mapping[str, bytes]
    models: Mapping[str, tuple[ProcessModel, ...]]
    sha256: str
    findings: tuple[Finding, ...]

    def processes(self) -> dict[str, tuple[str, ...]]:
        """Return the ids of the processes by file; those that can be executed come first."""
        return {
            name: tuple(model.id for model in sorted(models, key=lambda model: not model.executable))
            for name, models in self.models.items()
        }


def bundle(files: Mapping[str, bytes], plugins: Any, *, complete: bool = True) -> Bundle:
    """Check files and gather their processes; raises :class:`Refused` with every finding.

    ``complete`` says that a form, decision or called process that they name and that isn't among them is an error;
    else a token stops where it is needed. Counties of one server deploy the same files: they are checked once.
    """
    return _bundle(tuple(sorted(files.items())), Offering.of(plugins), complete)


@lru_cache(maxsize=64)
def _bundle(given: tuple[tuple[str, bytes], ...], offering: Offering, complete: bool) -> Bundle:
    files: Mapping[str, bytes] = dict(given)
    plugins = offering.manager
    reports = check_files(files, plugins, require=complete)
    findings = [found for report in reports for found in report.findings]
    errors = [found for found in findings if found.blocks]
    if errors:
        raise Refused("deploy.refused", tuple(findings), count=len(errors))
    models = {name: tuple(found) for name, (found, _) in read_files(files, plugins).items()}
    if not any(models.values()):
        raise Refused("deploy.no_process")
    inside = {
        f"{name}#{id}.form": source
        for name, found in models.items()
        for model in found
        for id, source in model.forms.items()
    }
    files = {**files, **inside}
    lines = sorted((name, digest(source)) for name, source in files.items())
    return Bundle(files, models, digest(canonical_json(lines)), tuple(findings))


def deploy(ports: Ports, unit: Unit, given: Bundle, actor: str) -> Deployment:
    """Store a bundle as new versions of its processes, unless it is what the newest versions are already."""
    by_id = {model.id: model for found in given.models.values() for model in found}
    newest = _newest(unit, list(by_id))
    shas = {sha for _, _, sha in newest.values()}
    if newest.keys() == by_id.keys() and shas == {given.sha256}:
        deployment = next(iter(newest.values()))[1]
        versions = {process: version for process, (version, _, _) in newest.items()}
        return Deployment(deployment, given.sha256, False, versions, given.processes(), given.findings)
    now = ports.clock.now()
    values = {"sha256": given.sha256, "deployed_at": now, "deployed_by": actor}
    id = unit.execute(insert(tables.deployments).returning(tables.deployments.c.id), values).scalar_one()
    resources = _store_files(unit, id, given.files)
    versions = {process: newest.get(process, (0, 0, ""))[0] + 1 for process in by_id}
    definitions: dict[str, int] = {}
    for name, models in given.models.items():
        for model in models:
            row = {
                "process_id": model.id,
                "version": versions[model.id],
                "name": (model.name or model.id)[:300],
                "deployment_id": id,
                "resource_id": resources[name],
                "names": dump_json(Definition.compile(model, by_id).names),
                "called": "{}",
            }
            query = insert(tables.definitions).returning(tables.definitions.c.id)
            definitions[model.id] = unit.execute(query, row).scalar_one()
    for model in by_id.values():
        called = {process: definitions[process] for process in sorted(_reached(model, by_id))}
        if called:
            unit.execute(
                tables.definitions.update().where(tables.definitions.c.id == definitions[model.id]),
                {"called": dump_json(called)},
            )
    beginnings.renew(ports, unit, by_id, definitions)
    body = {"deployment": id, "sha256": given.sha256, "processes": versions}
    history.record(unit, "deployments", Entry("deployed", actor, now, body=body))
    return Deployment(id, given.sha256, True, versions, given.processes(), given.findings)


def _newest(unit: Unit, processes: list[str]) -> dict[str, tuple[int, int, str]]:
    """Return the newest version of each process: version, deployment, hash of the deployment."""
    table, deployments = tables.definitions.c, tables.deployments.c
    top = (
        select(table.process_id, func.max(table.version).label("version"))
        .where(table.process_id.in_(processes))
        .group_by(table.process_id)
        .subquery()
    )
    query = (
        select(table.process_id, table.version, table.deployment_id, deployments.sha256)
        .join(top, (top.c.process_id == table.process_id) & (top.c.version == table.version))
        .join(tables.deployments, deployments.id == table.deployment_id)
    )
    return {row.process_id: (row.version, row.deployment_id, row.sha256) for row in unit.execute(query)}


def _store_files(unit: Unit, deployment: int, files: Mapping[str, bytes]) -> dict[str, int]:
    stored = {}
    query = insert(tables.resources).returning(tables.resources.c.id)
    for name, source in files.items():
        kind = kind_of(name)
        key = msgspec.json.decode(source)["id"] if kind == "form" else None
        row = {
            "deployment_id": deployment,
            "name": name,
            "kind": kind,
            "key": key,
            "content": source,
            "sha256": digest(source),
        }
        stored[name] = unit.execute(query, row).scalar_one()
    return stored


def _reached(model: ProcessModel, by_id: Mapping[str, ProcessModel]) -> set[str]:
    found: set[str] = set()
    todo = [model]
    while todo:
        for process in todo.pop().called():
            if process not in found and process in by_id:
                found.add(process)
                todo.append(by_id[process])
    return found - {model.id}
