"""Workers are killed while timers come due and jobs run: each timer goes off once, no job is lost, none is doubled."""

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
from tests.engine.office import process, service
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
        self.ledger = home / "ledger.txt"
        command = [sys.executable, "-m", "tests.reliability.worker", str(home), str(self.ledger)]
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


@pytest.mark.quick_on_sqlite
@pytest.mark.parametrize(
    "kills", [pytest.param(2, id="2 kills"), pytest.param(15, id="15 kills", marks=pytest.mark.long)]
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
        assert wait_for(lambda: open_jobs(engine) == 0)
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


@pytest.mark.long
def test_a_job_whose_worker_is_killed_is_done_again_or_asks_a_person(new_home: Callable[[], Home]) -> None:
    home = new_home()
    engine = Engine(home.open(COUNTY), plugins=load_plugins())
    source = process(
        "parallelGateway fork",
        service("mail", "mail"),
        service("transfer", "transfer"),
        "endEvent e2",
        "s -> fork -> mail -> e",
        "fork -> transfer -> e2",
    )
    engine.deploy({"p.bpmn": source}, actor="system")
    with workers(home.path, 1) as running:
        ledger = running[0].ledger
        engine.start("p", actor="system", variables={})
        assert wait_for(lambda: ledger.exists() and ledger.read_text().count("begun") == 2)
        running[0].kill()
        assert "done" not in ledger.read_text()
        running[0] = Worker(home.path)
        running[0].wait()
        assert wait_for(lambda: "mail done" in ledger.read_text() and engine.incidents("system"))
        assert wait_for(lambda: open_jobs(engine) == 1)
    lines = [line.split() for line in ledger.read_text().splitlines()]
    assert Counter(tuple(line[:2]) for line in lines) == Counter(
        {("mail", "begun"): 2, ("mail", "done"): 1, ("transfer", "begun"): 1}
    )
    assert len({key for element, _, key in lines if element == "mail"}) == 1
    (incident,) = engine.incidents("system")
    assert (incident.element, incident.code) == ("transfer", "job.interrupted")
    assert engine.doctor() == []


def wait_for(holds: Callable[[], object], seconds: float = 60) -> bool:
    """Wait until something holds; tell whether it did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False
