"""Due work on many machines: Celery carries the word that a county may have some, and its workers do it.

The table of jobs stays the truth. A message says no more than "look": one that is lost is followed by the next, one that
comes twice finds nothing left to do. So the broker needs neither to be durable nor to be backed up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from celery import Celery

from engine.database import Home
from engine.engine import Engine
from engine.jobs.runner import SECONDS
from engine.jobs.work import types
from engine.search.refresh import BATCH

log = logging.getLogger(__name__)

LOOK, DUE, BULKS, MIGRATIONS = "bihuan.look", "bihuan.due", "bihuan.bulks", "bihuan.migrations"
TELL, JOBS, ERRANDS = "bihuan.tell", "bihuan.jobs", "bihuan.errands"


class Cluster:
    """The Celery application of a home; any number of processes on any number of machines make one each.

    ``engines`` opens the engine of a county by its code. :meth:`work` runs a worker, which also says "look" every few
    seconds.
    """

    def __init__(
        self, home: Home, broker: str, engines: Callable[[str], Engine], *, seconds: float = SECONDS
    ) -> None:
        self.home = home
        self.seconds = seconds
        self._make = engines
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.app = Celery("bihuan", broker=broker)
        self.app.conf.update(
            task_default_queue="bihuan",
            task_ignore_result=True,
            worker_redirect_stdouts=False,
            worker_prefetch_multiplier=1,
            broker_connection_retry_on_startup=True,
            worker_hijack_root_logger=False,
        )
        work = {
            LOOK: self._look,
            DUE: self._due,
            BULKS: self._bulks,
            MIGRATIONS: self._migrations,
            JOBS: self._jobs,
            TELL: self._tell,
            ERRANDS: self._errands,
        }
        for name, do in work.items():
            self.app.task(name=name, shared=False)(do)

    def look(self) -> None:
        """Ask some worker to look what is due; a word that nobody has heard when the next is said is dropped."""
        self._send(LOOK)

    def work(self, threads: int = 4) -> None:
        """Run a worker until the process is told to stop."""
        ticking = threading.Thread(target=self._tick, name="bihuan looks", daemon=True)
        ticking.start()
        try:
            options = {"pool": "threads", "concurrency": threads, "quiet": True}
            self.app.Worker(**options, without_gossip=True, without_mingle=True).start()
        finally:
            self._stopping.set()
            ticking.join()

    def _tick(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:
                # The broker is away, for example: say so, and try again.
                log.exception("nobody could be asked to look what is due")
            self._stopping.wait(self.seconds)

    def _send(self, name: str, *arguments: Any) -> None:
        self.app.send_task(name, arguments, expires=self.seconds)

    def _look(self) -> None:
        """Send each county's work on its way; its timers don't wait for its jobs."""
        for code in self.home.counties():
            self._send(DUE, code)
            self._send(BULKS, code)
            self._send(MIGRATIONS, code)
            self._send(TELL, code)
            if types(self._engine(code)):
                self._send(JOBS, code)
            if self._engine(code).makers:
                self._send(ERRANDS, code)

    def _due(self, code: str) -> None:
        engine = self._engine(code)
        while engine.run_due() and not self._stopping.is_set():
            pass
        engine.run_routines()
        while engine.index(BATCH) and not self._stopping.is_set():
            pass

    def _bulks(self, code: str) -> None:
        """Carry on with bulk runs; several workers share the tasks of one."""
        engine = self._engine(code)
        while engine.run_bulks() and not self._stopping.is_set():
            pass

    def _migrations(self, code: str) -> None:
        """Carry on with migrations between versions; several workers share the cases of one."""
        engine = self._engine(code)
        while engine.run_migrations() and not self._stopping.is_set():
            pass

    def _tell(self, code: str) -> None:
        engine = self._engine(code)
        while (engine.run_telling() or engine.run_deliveries()) and not self._stopping.is_set():
            pass

    def _jobs(self, code: str) -> None:
        """Run one job and, where there was one, ask for the next, so that others share in the rest."""
        if self._engine(code).run_jobs(limit=1):
            self._send(JOBS, code)

    def _errands(self, code: str) -> None:
        """Make one of the files that people wait for and, where there was one, ask for the next."""
        if self._engine(code).run_errands():
            self._send(ERRANDS, code)

    def _engine(self, code: str) -> Engine:
        with self._lock:
            if code not in self._engines:
                self._engines[code] = self._make(code)
            return self._engines[code]
