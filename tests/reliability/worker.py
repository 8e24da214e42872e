"""A worker in a process of its own, whose leases are short so that a test needn't wait: ``python -m … HOME``."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from pathlib import Path

from engine.commands import jobs
from engine.database import Home
from engine.engine import Engine
from engine.jobs import Runner
from engine.plugins import load_plugins
from tests.conftest import COUNTY

LEASE = timedelta(seconds=1)


def main(folder: str) -> None:
    """Run what is due until killed."""
    jobs.LEASE = LEASE
    engine = Engine(Home(Path(folder)).open(COUNTY), plugins=load_plugins())
    print("ready", flush=True)
    with Runner(engine, seconds=0.05):
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
