"""Several processes that serve one address: an interpreter does one thing at a time, a machine has several processors.

The parent only watches. It forks before anything is opened, so that no child shares a connection or a thread with another;
a child that dies is replaced, and children whose parent was killed end by themselves.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

#: A child that lived shorter than this many seconds could not begin; so many in a row end the whole.
TOO_SHORT, TOO_OFTEN = 2.0, 3

Work = Callable[[], int]


class Processes:
    """Runs each of ``works`` in a process of its own, until this one is told to stop."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works = works
        self._running: dict[int, tuple[int, float]] = {}
        self._ending = False
        self._alive, self._life = os.pipe()

    def run(self) -> int:
        """Watch over the children; return 0 after an orderly end, the status of a child that can't begin otherwise."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        for place in range(len(self._works)):
            self._start(place)
        failures, failed = 0, 0
        while self._running:
            child, status = os.wait()
            place, began = self._running.pop(child)
            if self._ending:
                continue
            failures = failures + 1 if time.monotonic() - began < TOO_SHORT else 0
            if failures == TOO_OFTEN:
                failed = os.waitstatus_to_exitcode(status) or 1
                self._end(signal.SIGTERM, None)
            else:
                self._start(place)
        return abs(failed)

    def _start(self, place: int) -> None:
        if child := os.fork():
            self._running[child] = (place, time.monotonic())
            if self._ending:  # the order came while this one was born
                os.kill(child, signal.SIGTERM)
            return
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, _leave)
            os.close(self._life)
            threading.Thread(target=self._end_with_parent, daemon=True).start()
            status = self._works[place]()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        finally:
            os._exit(status)

    def _end_with_parent(self) -> None:
        """Wait for the end of the pipe, which only the parent holds open."""
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True
        for child in self._running:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
