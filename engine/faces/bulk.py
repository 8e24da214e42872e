"""Many tasks at once (批量办理): a list is chosen, looked at, confirmed once, and done slice by slice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from engine.calendar import ZONE, Clock
from engine.commands import bulk, bulk_records, bulk_runs, drafts
from engine.commands.bulk import EVERYTHING, Candidate, Look, Wish
from engine.commands.bulk_records import BulkLine, BulkRun
from engine.commands.complete import Outdated, Stopped
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.errors import BihuanError, Refused
from engine.identity import Actor, load_actor
from engine.posts import in_post
from engine.tasks import inbox
from engine.tasks.query import InboxQuery

log = logging.getLogger(__name__)

#: How many commands one transaction has at most, and for how many seconds it takes up new ones: others wait for it.
GROUP = 50
SECONDS = 0.1
#: How long to wait for another worker that has the last tasks of a run, in seconds.
LOOK = 0.05


class Bulk:
    """The engine's bulk runs: a record each, whose tasks are done by whoever has time, and never twice.

    A task's command and the note of what became of it are one transaction, so nothing is lost or repeated when a server
    dies; the tasks of a slice are commands of one transaction with a savepoint each, so none of them undoes another.
    """

    database: Database
    ports: Ports
    clock: Clock

    def choose_bulk(
        self, items: Sequence[tuple[int, int]], *, actor: Actor, request_key: str | None = None
    ) -> int:
        """Keep a list of tasks, given as (item, version); return the run's id. Nothing is done before it is confirmed.

        Raises :class:`Refused` for none and for more than :data:`~engine.commands.bulk_runs.MAX_ITEMS`.
        """
        return self.database.retry(lambda unit: bulk_runs.choose(self.ports, unit, actor, items, request_key))

    def listed_now(self, query: InboxQuery, *, actor: Actor) -> tuple[list[tuple[int, int]], bool]:
        """Return the tasks (item, version) that an inbox query lists at this moment, in the list's order, as many as a run
        may have, and whether there are more.
        """
        found: list[tuple[int, int]] = []
        query = replace(query, cursor=None, limit=inbox.MAX_PAGE)
        with self.database.read() as unit:
            while True:
                page = inbox.inbox(unit, actor, query, self.clock.now())
                found.extend((row.item_id, row.version) for row in page.rows)
                if page.next_cursor is None or len(found) > bulk_runs.MAX_ITEMS:
                    break
                query = replace(query, cursor=page.next_cursor)
        return found[: bulk_runs.MAX_ITEMS], len(found) > bulk_runs.MAX_ITEMS

    def open_items(self, instances: Sequence[int], *, actor: Actor) -> list[tuple[int, int]]:
        """Return the open tasks (item, version) of cases, as far as the actor may know of them."""
        with self.database.read() as unit:
            return bulk_runs.open_items(unit, actor, instances)

    def candidates(self, items: Sequence[int], *, actor: Actor) -> list[Candidate]:
        """Return tasks as they are now, with what the actor may do with each, and with which outcomes."""
        with self.database.read() as unit:
            return bulk.candidates(self.ports, unit, actor, [(item, None) for item in items], None)

    def preview_bulk(self, run: int, *, actor: Actor, wish: Wish | None = None) -> list[Candidate]:
        """Return the tasks of a chosen list; with a wish each says why it would be left out. Nothing is changed.

        That an opinion isn't written yet, or a box not ticked that is ticked once for all, is no reason. Raises
        :class:`NotFound` for a run that isn't the actor's.
        """
        with self.database.read() as unit:
            bulk_records.view(unit, run, actor)
            entries = bulk_runs.entries(unit, run)
            return bulk.candidates(self.ports, unit, actor, entries, _as_if_written(wish))

    def confirm_bulk(self, run: int, *, actor: Actor, wish: Wish, ticked: Iterable[int]) -> None:
        """Let a wish be done to the ``ticked`` tasks of a chosen list by :meth:`run_bulks`; the same again changes nothing.

        Of the others the record says why they are left out. Raises :class:`Conflict` where something else was confirmed
        before, and :class:`Refused` for what is wrong with the wish as such.
        """
        chosen = list(ticked)
        with self.database.read() as unit:
            bulk_records.view(unit, run, actor)
            mine = bulk_runs.entries(unit, run)
            others = [entry for entry in mine if entry[0] not in set(chosen)]
            found = bulk.candidates(self.ports, unit, actor, others, _as_if_written(wish))
        left_out = {one.item_id: one.refusal for one in found if one.refusal is not None}
        self.database.retry(
            lambda unit: bulk_runs.confirm(self.ports, unit, run, actor, wish, chosen, left_out)
        )

    def begin_listed(
        self,
        items: Sequence[tuple[int, int]],
        wish: Wish,
        *,
        actor: Actor,
        request_key: str | None = None,
    ) -> int:
        """Let a deadline be moved, or tasks be handed over, as a page has listed them: (item, version) each; return the run,
        which :meth:`run_bulks` carries out. The same ``request_key`` again returns the same run.

        Raises :class:`Refused` for none, for too many, and where a reason is missing.
        """
        return self.database.retry(
            lambda unit: bulk_runs.begin(self.ports, unit, actor, items, wish, request_key)
        )

    def do_many(
        self,
        items: Sequence[tuple[int, int]],
        wish: Wish,
        *,
        actor: Actor,
        request_key: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[BulkLine]:
        """Do a wish to many tasks at once and return what became of each; ``progress`` is told how many are through.

        The same ``request_key`` again does nothing twice and returns the same; what was interrupted goes on.
        """
        run = self.choose_bulk(items, actor=actor, request_key=request_key)
        self.confirm_bulk(run, actor=actor, wish=wish, ticked=[item for item, _ in items])
        count = 0
        while (found := self.bulk_run(run, actor=actor)).finished_at is None:
            done = self.run_bulk(run)
            count += done
            if progress is not None:
                progress(count)
            if not done and found.waiting:
                time.sleep(LOOK)  # another worker has what is left
        return self.bulk_lines(run, actor=actor)

    def run_bulks(self, limit: int = 1000) -> int:
        """Carry on with bulk runs that aren't finished, in turns; return how many tasks were taken up, about ``limit``."""
        count = 0
        while count < limit:
            with self.database.read() as unit:
                runs = bulk_runs.unfinished(unit)
            done = sum(self.run_bulk(run) for run in runs)
            if not done:
                break
            count += done
        return count

    def run_bulk(self, run: int, *, seconds: float = 0) -> int:
        """Do the next slice of a run, or slices for so many seconds; return how many tasks were taken up."""
        until = time.monotonic() + seconds
        count = 0
        while done := self._slice(run):
            count += done
            if time.monotonic() >= until:
                break
        return count

    def bulk_run(self, run: int, *, actor: Actor) -> BulkRun:
        """Return how far a run of the actor is; raises :class:`NotFound`."""
        with self.database.read() as unit:
            return bulk_records.view(unit, run, actor)

    def bulks(self, *, actor: Actor, before: int | None = None, limit: int = 20) -> list[BulkRun]:
        """Return the runs that the actor has confirmed, the newest first; ``before`` is the last one of the page before."""
        with self.database.read() as unit:
            return bulk_records.listed(unit, actor, before, limit)

    def bulk_lines(self, run: int, *, actor: Actor, states: Iterable[str] | None = None) -> list[BulkLine]:
        """Return what became of each task of a run, in the order of its list."""
        with self.database.read() as unit:
            return bulk_records.lines(unit, run, actor, states)

    def stop_bulk(self, run: int, *, actor: Actor) -> None:
        """Stop a run: what waits for its turn stays undone."""
        self.database.retry(lambda unit: bulk_runs.stop(self.ports, unit, run, actor))

    def retry_bulk(self, run: int, *, actor: Actor, request_key: str | None = None) -> int:
        """Choose anew what of a run wasn't done and is still open, as it is now; return the new run, to be confirmed.

        Raises :class:`Refused` where there is nothing.
        """

        def command(unit: Unit) -> int:
            found = bulk_runs.failures(unit, run, actor)
            if not found:
                raise Refused("bulk.nothing_left")
            return bulk_runs.choose(self.ports, unit, actor, found, request_key, run)

        return self.database.retry(command)

    def _slice(self, run: int) -> int:
        """Do the next tasks of a run: look at them all, then do them in one transaction; return how many got a result."""
        with self.database.read() as unit:
            head = bulk_runs.head_of(unit, run)
            if head is None:
                return 0
            batch = bulk_runs.next_of(unit, run, GROUP)
            found = self._looks(unit, head, batch)
        return self.database.retry(lambda unit: self._do(unit, run, head, batch, found))

    def _looks(
        self, unit: Unit, head: bulk_runs.Head, batch: Sequence[tuple[int, int]]
    ) -> tuple[Actor | None, dict[int, Look | BihuanError | None]]:
        """Look at tasks before the lock is taken, as who asked for them is today."""
        try:
            today = self.clock.now().astimezone(ZONE).date()
            actor = in_post(load_actor(unit, head.person, today), head.post)
        except BihuanError as error:
            return None, {item: error for item, _ in batch}
        looks: dict[int, Look | BihuanError | None] = {}
        for item, version in batch:
            try:
                looks[item] = bulk.look(self.ports, unit, actor, item, version, head.wish)
            except BihuanError as error:
                looks[item] = error
            except Exception:
                log.exception("task %s of a bulk run can't be checked", item)
                looks[item] = BihuanError("bulk.failed")
        return actor, looks

    def _do(
        self,
        unit: Unit,
        run: int,
        head: bulk_runs.Head,
        batch: Sequence[tuple[int, int]],
        found: tuple[Actor | None, dict[int, Look | BihuanError | None]],
    ) -> int:
        actor, looks = found
        unit.bulk = run
        until = time.monotonic() + SECONDS
        waiting = bulk_runs.still_waiting(unit, run, [item for item, _ in batch]) if batch else set()
        results: dict[int, BihuanError | None] = {}
        for item, version in batch:
            look = looks[item]
            if item not in waiting:
                continue
            if isinstance(look, BihuanError):
                results[item] = look
                if isinstance(look, Stopped):
                    drafts.erase(unit, item)
            elif actor is not None:
                try:
                    results[item] = self._one(unit, actor, item, version, head.wish, look)
                except Outdated:
                    continue  # it is looked at again in the next slice
            if time.monotonic() > until:
                break
        bulk_runs.note(unit, run, results, self.clock.now())
        return len(results)

    def _one(
        self, unit: Unit, actor: Actor, item: int, version: int, wish: Wish, look: Look | None
    ) -> BihuanError | None:
        """Do one task's command in a savepoint; return why it could not be done."""
        try:
            with unit.attempt():
                bulk.do(self.ports, unit, actor, item, version, wish, look)
        except BihuanError as error:
            return error
        except Exception as error:
            if isinstance(error, DBAPIError) and not isinstance(error, (IntegrityError, DataError)):
                raise  # the database's own trouble concerns the whole transaction
            if isinstance(error, Outdated):
                raise
            log.exception("task %s of a bulk run failed", item)
            return BihuanError("bulk.failed")
        return None


def _as_if_written(wish: Wish | None) -> Wish | None:
    """Return a wish with some opinion, where none is written yet, and with everything confirmed that can be."""
    return None if wish is None else replace(wish, opinion=wish.opinion.strip() or "…", confirmed=EVERYTHING)
