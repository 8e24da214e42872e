"""How long things are kept: archiving finished cases, deleting their contents when that is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.commands import errands, retention
from engine.commands.ports import Ports
from engine.commands.retention import Archivable, Pruned
from engine.database import Database
from engine.errors import Conflict
from engine.faces.operating import operator
from engine.identity import Actor
from engine.store import Store

BATCH = 200


class Keeping:
    """The engine's retention; an operator's or the system's."""

    database: Database
    ports: Ports
    store: Store | None

    def archive(self, instance_id: int, *, actor: Actor | str) -> datetime | None:
        """Archive a finished case (归档); return when its contents may be deleted: the process's property ``retention``
        after its end, None where the process says nothing and it is kept for ever.

        Raises :class:`Conflict` for a case that runs or is archived.
        """
        who = operator(actor)
        return self.database.retry(lambda unit: retention.archive(self.ports, unit, instance_id, who))

    def archivable(self, ended_before: datetime, *, actor: Actor | str) -> list[Archivable]:
        """Return what :meth:`archive_ended` would archive, by process."""
        operator(actor)
        with self.database.read() as unit:
            return retention.preview(unit, ended_before)

    def archive_ended(
        self,
        ended_before: datetime,
        *,
        actor: Actor | str,
        process_id: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Archive all cases (of a process) that ended before a moment; return how many were archived."""
        done, last = 0, 0
        while True:
            with self.database.read() as unit:
                ids = retention.archivable(unit, ended_before, process_id, last, BATCH)
            if not ids:
                return done
            for id in ids:
                last = id
                try:
                    self.archive(id, actor=actor)
                except Conflict:
                    continue  # somebody else archived it just now
                done += 1
                if progress is not None:
                    progress(done)

    def prune(self, *, actor: Actor | str, progress: Callable[[int], None] | None = None) -> list[Pruned]:
        """Delete the contents of archived cases whose time of retention is over, each in a transaction of its own.

        The heads of events, the hashes and who did what when stay, so that the history still verifies.
        """
        who, now = operator(actor), self.ports.clock.now()
        done: list[Pruned] = []
        while True:
            with self.database.read() as unit:
                ids = retention.prunable(unit, now, BATCH)
            if not ids:
                break
            for id in ids:
                one = self._prune(id, who)
                if one is not None:
                    done.append(one)
                    if progress is not None:
                        progress(len(done))
        if self.store is not None:
            with self.database.read() as unit:
                retention.sweep(unit, self.store, now)
            store = self.store
            self.database.retry(lambda unit: errands.forget(unit, store, now))
        return done

    def _prune(self, instance_id: int, actor: str) -> Pruned | None:
        return self.database.retry(lambda unit: retention.prune(self.ports, unit, instance_id, actor))
