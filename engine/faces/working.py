"""What the clock and workers do: timers that go off, handlers that are jobs, and jobs of workers outside."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from engine.calendar import Clock
from engine.commands import calendar, jobs, timers
from engine.commands.calendar import Imported
from engine.commands.jobs import Failure, Job
from engine.commands.ports import Ports
from engine.database import Database
from engine.errors import Conflict
from engine.jobs import work

if TYPE_CHECKING:
    from engine.engine import Engine

log = logging.getLogger(__name__)

#: How often a worker that waits for jobs looks again, in seconds.
LOOK = 0.2


class Working:
    """The engine's timers and jobs."""

    database: Database
    ports: Ports
    clock: Clock
    worker: str

    def run_due(self, now: datetime | None = None, limit: int = 100) -> int:
        """Let timers go off that are due, the oldest first, start events too, and deliver messages; return how many did.

        Each is a transaction of its own. A timer whose command fails for a reason outside the process is tried again
        later, and is an incident at last.
        """
        moment = now or self.clock.now()
        engine = cast("Engine", self)
        engine.admin.sweep(moment)
        started = engine.start_due(moment, limit)
        return started + self._run_timers(moment, limit) + engine.deliver(moment, limit)

    def run_routines(self) -> int:
        """Do what the county's calendar and designers ask for by now; return how much was done."""
        engine = cast("Engine", self)
        released = engine.design.run_due()  # first: what the calendar begins runs as it was released
        done: int = sum(engine.plugins.hook.bihuan_routine(engine=engine))
        return released + done

    def _run_timers(self, moment: datetime, limit: int) -> int:
        with self.database.read() as unit:
            if not jobs.any_ready(unit, jobs.TIMER, moment):
                return 0
        leased = self.database.retry(lambda unit: jobs.lease(unit, jobs.TIMER, self.worker, moment, limit))
        fired = 0
        earliest: datetime | None = None
        while leased:
            row, _ = leased.pop(0)
            if earliest is not None and earliest < row.due_at:  # what went off left that behind: look again
                self._release([row.id, *[later.id for later, _ in leased]])
                break
            done = self._fire(row.id)
            fired += done is not None
            if done is not None and done.next_due is not None:
                earliest = min(done.next_due, earliest or done.next_due)
        return fired

    def _release(self, job_ids: Sequence[int]) -> None:
        self.database.retry(lambda unit: jobs.release(unit, job_ids, self.worker))

    def _fire(self, job_id: int) -> timers.Fired | None:
        try:
            return self.database.retry(lambda unit: timers.fire(self.ports, unit, job_id, self.worker))
        except Conflict:
            return None
        except Exception as error:
            log.exception("timer %s of county %s failed", job_id, self.database.code)
            reason = f"{type(error).__name__}: {error}"
            self.database.retry(lambda unit: jobs.fail_timer(self.ports, unit, job_id, self.worker, reason))
            return None

    def import_working_days(self, days: Mapping[date, bool], *, actor: str) -> Imported:
        """Take over the official calendar of whole years: the days that differ from Monday to Friday, worked or not.

        Due times that were provisional, because they lay beyond the calendar known so far, are worked out again, and
        history keeps the old ones.
        """
        return calendar.import_days(self.ports, self.database, days, actor)

    def run_jobs(self, now: datetime | None = None, limit: int = 100) -> int:
        """Run the handlers of jobs that are ready, outside any transaction; return how many were taken up."""
        return work.run(cast("Engine", self), now or self.clock.now(), limit)

    def activate_jobs(
        self,
        kind: str,
        worker: str,
        *,
        limit: int = 10,
        seconds: int = 60,
        wait: float = 0,
        fetch: Sequence[str] | None = None,
    ) -> list[Job]:
        """Lease jobs of service tasks of type ``kind`` to a worker outside; it has ``seconds`` to finish each.

        Where there is none it waits up to ``wait`` seconds for one. ``fetch`` names the variables that the worker wants.
        """
        lasting, until = timedelta(seconds=seconds), time.monotonic() + wait
        while True:
            now = self.clock.now()
            with self.database.read() as unit:
                ready = jobs.any_ready(unit, jobs.EXTERNAL, now, [kind])
            found = (
                self.database.retry(
                    lambda unit: jobs.activate(self.ports, unit, kind, worker, limit, lasting, fetch)
                )
                if ready
                else []
            )
            left = until - time.monotonic()
            if found or left <= 0:
                return found
            time.sleep(min(LOOK, left))

    def complete_job(
        self,
        job_id: int,
        worker: str | None,
        variables: Mapping[str, Any] | None = None,
        *,
        request_key: str | None = None,
    ) -> None:
        """Finish a job that ``worker`` holds; raises :class:`NotFound`, or :class:`Conflict` where another has it.

        The variables go through the task's output mappings, or all of them to the scopes around it (Camunda 8's rule).
        """
        given = variables or {}
        self.database.retry(lambda unit: jobs.finish(self.ports, unit, job_id, worker, given, request_key))

    def fail_job(
        self,
        job_id: int,
        worker: str | None,
        reason: str,
        *,
        retries: int | None = None,
        rest: timedelta | None = None,
        variables: Mapping[str, Any] | None = None,
        request_key: str | None = None,
    ) -> None:
        """Say that a job could not be done this time; ``retries`` attempts are left (one less than before by default).

        It is offered again after ``rest`` (the task's own back-off by default); where no attempt is left there is an
        incident. ``variables`` are kept at the task itself, for the next attempt to see.
        """
        failure = Failure(reason, retries, rest, variables or {})
        self.database.retry(lambda unit: jobs.fail(self.ports, unit, job_id, worker, failure, request_key))

    def throw_job_error(
        self,
        job_id: int,
        worker: str | None,
        code: str,
        variables: Mapping[str, Any] | None = None,
        *,
        request_key: str | None = None,
    ) -> None:
        """Throw a BPMN error out of a job; the event that catches it is given the variables."""
        given = variables or {}
        self.database.retry(
            lambda unit: jobs.throw(self.ports, unit, job_id, worker, code, given, request_key)
        )

    def extend_job(self, job_id: int, worker: str, seconds: int) -> datetime:
        """Give the worker that holds a job ``seconds`` more from now; return until when."""
        now, lasting = self.clock.now(), timedelta(seconds=seconds)
        return self.database.retry(lambda unit: jobs.extend(unit, job_id, worker, now, lasting))
