"""Threads that do what is due: timers, bulk runs, migrations between versions, the search, messages to people, handlers
that are jobs; on many machines at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from engine.jobs.work import types
from engine.search.refresh import BATCH

if TYPE_CHECKING:
    from engine.engine import Engine

log = logging.getLogger(__name__)

SECONDS = 5.0
#: What was saved is found so many seconds later at most, where there is not much.
SEARCH_SECONDS = 1.0
#: How long the county's calendar waits to be looked at again.
ROUTINE_SECONDS = 30.0
#: How many jobs run at once; they wait for networks, mostly.
THREADS = 2
_LONGEST_REST = 60.0


class Runner:
    """Runs an engine's due work every few seconds: ``with Runner(engine): …``, or :meth:`start` and :meth:`stop`.

    The table of jobs is the truth: a runner that dies loses nothing, and two of them do nothing twice. A slow job
    delays no timer. ``threads`` run jobs, where any handler here is one.
    """

    def __init__(self, engine: Engine, *, seconds: float = SECONDS, threads: int = THREADS) -> None:
        self.engine = engine
        self.seconds = seconds
        self._jobs = threads if types(engine) else 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Runner:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to work in threads."""
        self._stopping.clear()
        code = self.engine.database.code
        work: list[tuple[Callable[[], int], float]] = [
            (self.engine.run_due, self.seconds),
            (self.engine.run_bulks, self.seconds),
            (self.engine.run_migrations, self.seconds),
            (self.engine.run_routines, max(self.seconds, ROUTINE_SECONDS)),
            (lambda: self.engine.index(BATCH), min(self.seconds, SEARCH_SECONDS)),
            (self.engine.run_telling, self.seconds),
            (self.engine.run_deliveries, self.seconds),
            *[(lambda: self.engine.run_jobs(limit=1), self.seconds)] * self._jobs,
            *[(self.engine.run_errands, self.seconds)] * bool(self.engine.makers),
        ]
        self._threads = [
            threading.Thread(target=self._run, args=one, name=f"jobs of {code}", daemon=True) for one in work
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the jobs under way, and end."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _run(self, do: Callable[[], int], seconds: float) -> None:
        rest = seconds
        while not self._stopping.is_set():
            try:
                while do() and not self._stopping.is_set():
                    pass
                rest = seconds
            except Exception:
                # The database is away, for example: say so, and try again later.
                log.exception("due work of county %s could not be run", self.engine.database.code)
                rest = min(_LONGEST_REST, rest * 2)
            self._stopping.wait(rest)
