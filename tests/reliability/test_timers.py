"""Workers are killed again and again while timers come due: each goes off once, and none is forgotten."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import Engine, Home, StartRequest, tables
from engine.history import chain_of
from engine.identity import SYSTEM
from engine.plugins import load_plugins
from tests.conftest import COUNTY
from tests.engine.office import process
from tests.engine.test_time import timer
from tests.services import ROOT

INSTANCES = 40
ROUNDS = 4
SOURCE = process(
    *[timer(f"wait_{number}", "timeDuration", "PT0.2S") for number in range(ROUNDS)],
    f"s -> {' -> '.join(f'wait_{number}' for number in range(ROUNDS))} -> e",
)


class Worker:
    """A worker process on a home."""

    def __init__(self, home: Path) -> None:
        command = [sys.executable, "-m", "tests.reliability.worker", str(home)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ)
        )

    def wait(self) -> None:
        """Wait until it works."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def workers(home: Path, count: int) -> Iterator[list[Worker]]:
    found = [Worker(home) for _ in range(count)]
    try:
        for worker in found:
            worker.wait()
        yield found
    finally:
        for worker in found:
            worker.kill()


def open_jobs(engine: Engine) -> int:
    with engine.database.read() as unit:
        return int(unit.execute(select(func.count()).select_from(tables.jobs)).scalar_one())


@pytest.mark.parametrize(
    "kills", [pytest.param(2, id="2 kills"), pytest.param(30, id="30 kills", marks=pytest.mark.long)]
)
def test_a_due_timer_goes_off_once_whatever_dies(new_home: Callable[[], Home], kills: int) -> None:
    home = new_home()
    engine = Engine(home.open(COUNTY), plugins=load_plugins())
    engine.deploy({"p.bpmn": SOURCE}, actor="system")
    chance = random.Random(kills)
    expected = 0
    with workers(home.path, 2) as running:
        for _ in range(kills):
            engine.start_many("p", [StartRequest({})] * (INSTANCES * 4 // kills), actor=SYSTEM)
            expected += INSTANCES * 4 // kills
            time.sleep(chance.uniform(0.05, 0.6))
            victim = chance.randrange(2)
            running[victim].kill()
            running[victim] = Worker(home.path)
            running[victim].wait()
        until = time.monotonic() + 60
        while open_jobs(engine) and time.monotonic() < until:
            time.sleep(0.1)
    assert open_jobs(engine) == 0
    events = tables.events.c
    with engine.database.read() as unit:
        query = select(events.chain, events.element).where(events.kind == "timer.fired")
        fired = Counter((row.chain, row.element) for row in unit.execute(query))
        states = {
            row.id: row.state for row in unit.execute(select(tables.instances.c.id, tables.instances.c.state))
        }
    assert len(states) == expected
    assert set(states.values()) == {"ended"}
    assert fired == Counter(
        {(chain_of(id), f"wait_{number}"): 1 for id in states for number in range(ROUNDS)}
    )
    assert engine.doctor() == []
    assert engine.verify_history() == []
