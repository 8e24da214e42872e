"""Processes that publish and deliver messages are killed at random moments: every message arrives, and arrives once."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from engine import tables
from engine.database import Home
from engine.engine import Engine
from engine.identity import SYSTEM
from engine.plugins import load_plugins
from engine.values import load_plain
from tests.conftest import COUNTY
from tests.engine.office import process, task
from tests.engine.test_correlation import ROOTS, WAIT
from tests.reliability.courier import NAME

MESSAGES = 150
KILLS = 6


@pytest.mark.long
def test_no_message_is_lost_or_doubled(home: Home) -> None:
    database = home.open(COUNTY)
    engine = Engine(database, plugins=load_plugins(entry_points=False))
    source = process(WAIT.format("wait", "paid"), task("last"), "s -> wait -> last -> e", roots=ROOTS)
    engine.deploy({"p.bpmn": source}, actor="system")
    assert NAME in ROOTS
    for order in range(MESSAGES):
        engine.start("p", actor=SYSTEM, variables={"order": order})
    acknowledged: list[int] = []
    chance = random.Random(7)
    for kill in range(KILLS + 1):
        first = acknowledged[-1] + 1 if acknowledged else 0
        command = [
            sys.executable,
            "-m",
            "tests.reliability.courier",
            str(home.path),
            COUNTY,
            str(first),
            str(MESSAGES),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as courier:
            assert courier.stdout is not None
            for line in courier.stdout:
                acknowledged.append(int(line))
                if kill < KILLS and len(acknowledged) >= (kill + 1) * MESSAGES // (KILLS + 2):
                    time.sleep(chance.uniform(0, 0.02))
                    courier.kill()
    assert acknowledged == sorted(set(acknowledged)) == list(range(MESSAGES))
    while engine.run_due():
        pass
    with database.read() as unit:
        events = tables.events.c
        bodies = unit.execute(select(events.chain, events.body).where(events.kind == "message.received"))
        received = sorted((int(load_plain(row.body)["key"]), row.chain) for row in bodies)
    assert [key for key, _ in received] == list(range(MESSAGES))
    assert len({chain for _, chain in received}) == MESSAGES
    assert engine.doctor() == []
    assert engine.verify_history() == []
