"""Migrating running instances between the versions of their process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.commands import migrating, migration_runs
from engine.commands.migrating import Choice, Fate, MigrationPlan
from engine.commands.migration_runs import MigrationRun
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.errors import BihuanError
from engine.faces.operating import operator
from engine.identity import Actor


class Migrating:
    """The engine's migrations; they need the right of an operator."""

    database: Database
    ports: Ports

    def plan_migration(
        self, process_id: str, source: int, target: int, *, actor: Actor | str
    ) -> MigrationPlan:
        """Propose how instances of version ``source`` become instances of version ``target``; it may be edited.

        Raises :class:`Forbidden`, :class:`NotFound`, and :class:`Refused` for one version twice.
        """
        operator(actor)
        with self.database.read() as unit:
            return migrating.plan(self.ports, unit, process_id, source, target)

    def migration_choices(self, plan: MigrationPlan, *, actor: Actor | str) -> list[Choice]:
        """Return what each element of a plan may be mapped to."""
        operator(actor)
        with self.database.read() as unit:
            return migrating.choices(self.ports, unit, plan)

    def instances_to_migrate(self, plan: MigrationPlan, *, actor: Actor | str) -> list[int]:
        """Return the running instances of a plan's old version, the oldest first."""
        operator(actor)
        with self.database.read() as unit:
            return migration_runs.instances_of(self.ports, unit, plan)

    def dry_run_migration(
        self, plan: MigrationPlan, instances: Sequence[int] | None = None, *, actor: Actor | str
    ) -> list[Fate]:
        """Say for each instance (all running ones of the old version by default) where its tokens would go, or why not.

        Each is really migrated, in a transaction that is then undone.
        """
        who = operator(actor)
        wanted = self.instances_to_migrate(plan, actor=actor) if instances is None else list(instances)
        return [self._try(plan, instance, who) for instance in wanted]

    def _try(self, plan: MigrationPlan, instance: int, actor: str) -> Fate:
        def command(unit: Unit) -> None:
            raise _Tried(migrating.migrate(self.ports, unit, plan, instance, actor)[0])

        try:
            self.database.retry(command)
        except _Tried as tried:
            return tried.fate
        except BihuanError as error:
            return Fate(instance, {}, error.code, error.params)
        raise AssertionError("a dry run never ends well")

    def migrate(
        self,
        plan: MigrationPlan,
        instances: Sequence[int] | None = None,
        *,
        actor: Actor | str,
        progress: Callable[[int], None] | None = None,
    ) -> MigrationRun:
        """Migrate instances (all running ones of the old version by default), each in a transaction of its own.

        ``progress`` is told how many are through. What is interrupted goes on with :meth:`run_migrations`.
        """
        run = self.begin_migration(plan, instances, actor=actor)
        count = 0
        while self._step(run):
            count += 1
            if progress is not None:
                progress(count)
        return self.migration(run)

    def begin_migration(
        self, plan: MigrationPlan, instances: Sequence[int] | None = None, *, actor: Actor | str
    ) -> int:
        """Note a migration that :meth:`run_migrations` then carries out; return its id."""
        who = operator(actor)
        return self.database.retry(lambda unit: migration_runs.begin(self.ports, unit, plan, instances, who))

    def run_migrations(self, limit: int = 100) -> int:
        """Carry on with migrations that aren't finished, at most ``limit`` instances; return how many were taken up."""
        count = 0
        while count < limit:
            with self.database.read() as unit:
                run = migration_runs.unfinished(unit)
            if run is None:
                break
            count += self._step(run)
        return count

    def migration(self, migration_id: int) -> MigrationRun:
        """Return how far a migration is; raises :class:`NotFound`."""
        with self.database.read() as unit:
            return migration_runs.view(unit, migration_id)

    def migrations(self, actor: Actor | str, *, limit: int = 50) -> list[MigrationRun]:
        """Return the last migrations, the newest first; raises :class:`Forbidden`."""
        operator(actor)
        with self.database.read() as unit:
            return migration_runs.recent(unit, limit)

    def refused_migrations(self, migration_id: int) -> list[Fate]:
        """Return the instances of a migration that stayed as they were, or could not be put back, each with the reason."""
        with self.database.read() as unit:
            return migration_runs.refusals(unit, migration_id)

    def ask_undo_migration(self, migration_id: int, *, actor: Actor | str) -> int:
        """Let :meth:`run_migrations` put all migrated instances back, each as it was before; return how many.

        One that somebody or something has gone on with since stays, with the reason among :meth:`refused_migrations`.
        """
        who = operator(actor)
        return self.database.retry(lambda unit: migration_runs.ask_undo(unit, migration_id, who))

    def undo_migration(
        self, migration_id: int, instances: Sequence[int] | None = None, *, actor: Actor | str
    ) -> list[Fate]:
        """Put instances of a migration back (all by default), each as it was before; return what became of each.

        One that somebody or something has gone on with since stays where it is, with the reason in its fate.
        """
        who = operator(actor)
        with self.database.read() as unit:
            wanted = migration_runs.done(unit, migration_id) if instances is None else list(instances)
        return [self._undo(migration_id, instance, who) for instance in wanted]

    def _undo(self, run: int, instance: int, actor: str) -> Fate:
        try:
            self.database.retry(lambda unit: migration_runs.undo(self.ports, unit, run, instance, actor))
        except BihuanError as error:
            return Fate(instance, {}, error.code, error.params)
        return Fate(instance)

    def _step(self, run: int) -> bool:
        """Take up the next instance of a run; tell whether there was one."""
        with self.database.read() as unit:
            instance = migration_runs.next_of(unit, run)
        if instance is None:
            self.database.retry(lambda unit: migration_runs.finish(self.ports, unit, run))
            return False
        try:
            self.database.retry(lambda unit: migration_runs.step(self.ports, unit, run, instance))
        except BihuanError as error:
            refusal = error
            self.database.retry(lambda unit: migration_runs.refuse(self.ports, unit, run, instance, refusal))
        return True


class _Tried(Exception):
    """Undoes the transaction of a dry run, and brings what it found."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(fate)
        self.fate = fate
