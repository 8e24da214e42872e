"""Workers are killed in the middle of a bulk run, again and again: each task is done once, and none is forgotten."""

from __future__ import annotations

import random
import time

import pytest
from sqlalchemy import func, select

from engine import Engine, Home, StartRequest, Wish, tables
from engine.identity import SYSTEM, Organisation
from engine.plugins import load_plugins
from tests.conftest import COUNTY
from tests.engine.office import CHIEFS, process, task
from tests.reliability.test_workers import Worker, wait_for, workers

pytestmark = pytest.mark.long

TASKS, KILLS = 300, 3
SOURCE = process(task("review", CHIEFS, outcomes="同意"), task("after", CHIEFS), "s -> review -> after -> e")


def test_what_killed_workers_leave_others_finish_and_nothing_is_done_twice(home: Home) -> None:
    engine = Engine(home.open(COUNTY), plugins=load_plugins())
    engine.people.add_orgs([Organisation("S1", "一股", "", None)])
    engine.people.create_person("wang", "王")
    engine.people.add_post("wang", "chief", "S1")
    engine.deploy({"p.bpmn": SOURCE}, actor="system")
    engine.start_many("p", [StartRequest({})] * TASKS, actor=SYSTEM)
    wang = engine.actor("wang")
    with engine.database.read() as unit:
        items = [(id, 1) for id in unit.execute(select(tables.work_items.c.id)).scalars()]
    run = engine.choose_bulk(items, actor=wang)
    ticked = [item for item, _ in items]
    engine.confirm_bulk(run, actor=wang, wish=Wish("complete", "同意"), ticked=ticked)
    chance, cut_off = random.Random(7), 0

    def waiting() -> int:
        return engine.bulk_run(run, actor=wang).waiting

    with workers(home.path, 2) as running:
        for _ in range(KILLS):
            before = waiting()
            assert wait_for(lambda before=before: waiting() < before or not before)
            time.sleep(chance.uniform(0, 0.1))
            victim = chance.randrange(2)
            running[victim].kill()
            cut_off += waiting() > 0
            running[victim] = Worker(home.path)
            running[victim].wait()
        assert wait_for(lambda: engine.bulk_run(run, actor=wang).finished_at is not None)
    assert cut_off  # at least one died in the middle
    assert engine.bulk_run(run, actor=wang).counts == {"done": TASKS}
    with engine.database.read() as unit:
        done = select(func.count()).where(tables.events.c.kind == "item.completed")
        assert unit.execute(done).scalar_one() == TASKS
    assert engine.doctor() == []
    assert engine.verify_history() == []
