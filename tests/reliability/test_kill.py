"""The server is killed again and again while people submit: what was acknowledged is there, once, and all is sound."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from bench.processes import STEPS, line
from engine import tables
from engine.calendar import SystemClock
from engine.commands.start import StartRequest
from engine.database import Home
from engine.engine import Engine
from engine.identity import SYSTEM
from engine.plugins import load_plugins
from engine.store import FolderStore
from engine.values import load_plain
from tests.conftest import COUNTY
from tests.services.server import Server
from tests.services.visitor import Lost, Submission, Visitor

PASSWORD = "correct horse battery"
CLERKS = 4
INSTANCES = 120
KILLS = 50


@dataclass(slots=True)
class Ledger:
    """What people saw: the items whose submission the server acknowledged, by whom."""

    acknowledged: list[tuple[int, str]] = field(default_factory=list)
    lost: int = 0
    repeated: int = 0
    unexpected: list[str] = field(default_factory=list)
    under_way: threading.Event = field(default_factory=threading.Event)


def clerk(number: int, server: Server, ledger: Ledger, stop: threading.Event) -> None:
    """Work off the inbox; send a submission that got no answer again until it gets one."""
    account = f"clerk{number}"
    visitor = Visitor(server.url)
    chance = random.Random(number)
    signed_in = False
    while not stop.is_set():
        try:
            if not signed_in:
                visitor.sign_in(account, PASSWORD)
                signed_in = True
            items = visitor.waiting()
            submission = visitor.prepare(chance.choice(items)) if items else None
        except Lost:
            time.sleep(0.05)
            continue
        if submission is not None:
            send(visitor, account, submission, ledger, stop)


def send(
    visitor: Visitor, account: str, submission: Submission, ledger: Ledger, stop: threading.Event
) -> None:
    """Submit until there is an answer, and write it down."""
    attempts = 0
    while attempts == 0 or not stop.is_set():
        attempts += 1
        ledger.under_way.set()
        try:
            answer = visitor.submit(submission)
        except Lost:
            ledger.lost += 1
            time.sleep(0.05)
            continue
        if answer.status == 303:
            ledger.acknowledged.append((submission.item, account))
            ledger.repeated += attempts > 1
        elif answer.status not in {403, 404, 409, 422}:
            ledger.unexpected.append(f"{answer.status}: {answer.body.decode()[:500]}")
        return


@pytest.mark.long
@pytest.mark.timeout(900)
def test_no_acknowledged_submission_is_lost_or_doubled(new_home: Callable[[], Home]):
    home = new_home()
    engine = Engine(
        home.open(COUNTY),
        plugins=load_plugins(),
        clock=SystemClock(),
        store=FolderStore(home.folder(COUNTY) / "attachments"),
    )
    prepare(engine)
    ledger, stop = Ledger(), threading.Event()
    server = Server(home.path, environment={"BIHUAN_RATELIMIT_ENABLED": "0"})
    seed = int(os.environ.get("BIHUAN_SEED", "0")) or random.randrange(1, 10**6)
    print(f"BIHUAN_SEED={seed}")
    chance = random.Random(seed)
    server.start()
    people = [
        threading.Thread(target=clerk, args=(number, server, ledger, stop)) for number in range(1, CLERKS + 1)
    ]
    for person in people:
        person.start()
    try:
        for _ in range(KILLS):
            # Near a submission, before or after its answer, however long the machine takes to come to one.
            assert ledger.under_way.wait(120), "nobody submits anything"
            time.sleep(chance.uniform(0, 0.5))
            server.kill()
            ledger.under_way.clear()
            server.start()
        time.sleep(1)
    finally:
        stop.set()
        for person in people:
            person.join(60)
        server.stop()
    print(
        f"{len(ledger.acknowledged)} acknowledged, {ledger.lost} without an answer, {ledger.repeated} sent again"
    )
    assert ledger.unexpected == []
    assert ledger.acknowledged, "nobody got anything done"
    assert ledger.lost > 0, "no submission was under way at any kill: the test proves nothing"
    judge(engine, ledger)


def prepare(engine: Engine) -> None:
    """Deploy the line, start instances, and let clerks in."""
    engine.deploy({"line.bpmn": line()}, actor="system")
    engine.people.add_org("S01", "业务股", "section")
    for number in range(1, CLERKS + 1):
        engine.people.create_person(f"clerk{number}", f"经办{number}", PASSWORD, must_change=False)
        engine.people.add_post(f"clerk{number}", "section_staff", "S01")
    engine.start_many("line", [StartRequest({})] * INSTANCES, actor=SYSTEM)


def judge(engine: Engine, ledger: Ledger) -> None:
    """Compare what was acknowledged with what is there."""
    assert engine.doctor() == []
    assert engine.verify_history() == []
    once = Counter(item for item, _account in ledger.acknowledged)
    assert [item for item, count in once.items() if count > 1] == []
    items, events = tables.work_items.c, tables.events.c
    with engine.database.read() as unit:
        done = {
            row.id: row
            for row in unit.execute(
                select(items.id, items.instance_id, items.element, items.completed_by).where(
                    items.state == "completed"
                )
            )
        }
        states = {
            row.id: (row.instance_id, row.element)
            for row in unit.execute(
                select(items.id, items.instance_id, items.element).where(items.state == "open")
            )
        }
        completions = Counter(
            load_plain(row.body)["item"]
            for row in unit.execute(select(events.body).where(events.kind == "item.completed"))
        )
        query = select(tables.instances.c.id, tables.instances.c.state)
        instances = {row.id: row.state for row in unit.execute(query)}
    for item, account in ledger.acknowledged:
        assert item in done, f"item {item} was acknowledged to {account} and is not done"
        assert done[item].completed_by == f"user:{account}"
    # Each completion is one event, whether its answer arrived or not, and each instance stands on its next step.
    assert completions == Counter(dict.fromkeys(done, 1))
    steps = Counter(row.instance_id for row in done.values())
    assert len({(row.instance_id, row.element) for row in done.values()}) == len(done)
    for instance, state in instances.items():
        following = [element for owner, element in states.values() if owner == instance]
        expected = [] if steps[instance] == STEPS else [f"step_{steps[instance] + 1}"]
        assert (following, state) == (expected, "waiting" if expected else "ended")
