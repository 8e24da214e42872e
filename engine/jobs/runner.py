"""A thread that lets timers go off when they are due; any number of them may run on one county, on many machines."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.engine import Engine

log = logging.getLogger(__name__)

SECONDS = 5.0
_LONGEST_REST = 60.0


class Runner:
    """Runs an engine's due work every few seconds: ``with Runner(engine): …``, or :meth:`start` and :meth:`stop`.

    The table of jobs is the truth: a runner that dies loses nothing, and two of them do nothing twice.
    """

    def __init__(self, engine: Engine, *, seconds: float = SECONDS) -> None:
        self.engine = engine
        self.seconds = seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Runner:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to work in a thread."""
        self._stopping.clear()
        name = f"jobs of {self.engine.database.code}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the job under way, and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        rest = self.seconds
        while not self._stopping.is_set():
            try:
                while self.engine.run_due() and not self._stopping.is_set():
                    pass
                rest = self.seconds
            except Exception:
                # The database is away, for example: say so, and try again later.
                log.exception("due work of county %s could not be run", self.engine.database.code)
                rest = min(_LONGEST_REST, rest * 2)
            self._stopping.wait(rest)
