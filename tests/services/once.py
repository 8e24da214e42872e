"""What costs seconds to make is made by one of the processes of a test run, and copied by all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder ``name`` of the test run, which the first process to ask for it fills with ``make``.

    A process that asks meanwhile waits. A folder that ``make`` did not finish is made again by the next who asks.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, done = base / name, base / f"{name}.done"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            attempt = factory.mktemp(name) / "made"
            make(attempt)
            attempt.rename(folder)
            done.touch()
    return folder
