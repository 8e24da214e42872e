"""A worker in a process of its own, whose leases are short so that a test needn't wait: ``python -m … HOME LEDGER``."""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from engine import hookimpl, job_handler
from engine.commands import jobs
from engine.database import Home
from engine.engine import Engine
from engine.jobs import Runner
from engine.plugins import Handler, JobContext, load_plugins
from tests.conftest import COUNTY

LEASE = timedelta(seconds=1)
#: How long its handlers take, in seconds.
TAKES = 1.0


class Post:
    """A plug-in with two handlers that write down when they begin and when they are done; one may be repeated."""

    def __init__(self, ledger: Path) -> None:
        self.ledger = ledger

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        def write(line: str) -> None:
            with self.ledger.open("a") as file:
                file.write(f"{line}\n")

        def work(context: JobContext) -> None:
            write(f"{context.element} begun {context.key}")
            time.sleep(TAKES)
            write(f"{context.element} done {context.key}")

        return [
            job_handler("mail", idempotent=True, seconds=2)(work),
            job_handler("transfer", idempotent=False, seconds=2)(work),
        ]


def main(folder: str, ledger: str) -> None:
    """Run what is due until killed."""
    jobs.LEASE = LEASE
    plugins = load_plugins(Post(Path(ledger)))
    engine = Engine(Home(Path(folder)).open(COUNTY), plugins=plugins)
    print("ready", flush=True)
    with Runner(engine, seconds=0.05):
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
