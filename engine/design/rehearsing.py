"""Rehearses the migration that a release would begin: its files are deployed, cases are moved, and all of it is undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NoReturn

from engine.catalogue import Catalogue
from engine.commands import deploy as deploying
from engine.commands import migrating, migration_runs
from engine.commands.migrating import Fate, MigrationPlan
from engine.commands.ports import Ports
from engine.database import Unit
from engine.design import releasing
from engine.errors import BihuanError
from engine.monitoring import processes

#: So many cases of a version are moved at most; the migration itself takes all.
TRIED = 50


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a migration would do to the cases of one version: how many run, how many were tried and went well, where their
    tokens would go (old step and new step, by their labels, and how many cases), and which could not be moved.
    """

    process_id: str
    source: int
    running: int
    tried: int
    moves: Mapping[tuple[str, str], int] = field(default_factory=dict)
    refused: Sequence[Fate] = ()

    @property
    def well(self) -> int:
        """How many of those that were tried went well."""
        return self.tried - len(self.refused)


class Rehearsed(Exception):
    """The end of a rehearsal, which undoes its transaction; ``found`` is what it was for."""

    def __init__(self, found: Sequence[Rehearsal]) -> None:
        super().__init__("nothing of a rehearsal stays")
        self.found = found


def rehearse(ports: Ports, unit: Unit, files: Mapping[str, bytes], actor: str) -> NoReturn:
    """Deploy files and move cases inside a transaction; always raises, :class:`Rehearsed` with what came of it.

    Raises :class:`Refused` for files that can't be deployed.
    """
    own = Ports(Catalogue(ports.plugins), ports.clock, ports.plugins)  # keeps nothing of what is undone
    made = [deploying.deploy(own, unit, one, actor) for one in releasing.bundles(unit, files, ports.plugins)]
    found = []
    for process, version in (pair for one in made for pair in one.processes.items()):
        (row,) = processes.processes(unit, own.clock.now(), process)
        for earlier in row.versions:
            if earlier.version < version and earlier.running:
                plan = migrating.plan(own, unit, process, earlier.version, version)
                found.append(_tried(own, unit, plan, actor))
    raise Rehearsed(found)


def _tried(ports: Ports, unit: Unit, plan: MigrationPlan, actor: str) -> Rehearsal:
    running = migration_runs.instances_of(ports, unit, plan)
    fates = [_fate(ports, unit, plan, instance, actor) for instance in islice(running, TRIED)]
    old, new = (
        ports.catalogue.find(unit, plan.process_id, version) for version in (plan.source, plan.target)
    )
    labels = [
        {
            element.id: element.label
            for model in process.definition.processes.values()
            for element in model.model.elements.values()
        }
        for process in (old, new)
    ]
    moves = Counter(
        (labels[0].get(before, before), labels[1].get(after, after))
        for fate in fates
        for before, after in fate.moves.items()
    )
    refused = [fate for fate in fates if fate.refusal is not None]
    return Rehearsal(plan.process_id, plan.source, len(running), len(fates), moves, refused)


def _fate(ports: Ports, unit: Unit, plan: MigrationPlan, instance: int, actor: str) -> Fate:
    try:
        with unit.attempt():
            return migrating.migrate(ports, unit, plan, instance, actor)[0]
    except BihuanError as error:
        return Fate(instance, {}, error.code, error.params)
