"""Several processes work on one county: of a race one wins and the others are told so, and no token is lost or doubled."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import SYSTEM, Conflict, Engine, Home, InboxQuery, NotFound, StartRequest, tables
from engine.history import chain_of
from engine.plugins import load_plugins
from engine.values import load_plain
from tests.conftest import COUNTY
from tests.engine.office import CHIEFS, Office, process, service, task
from tests.engine.test_time import timer

PROCESSES = 3
_barrier: Any = None
RACES = 25
INSTANCES = 12

RACE = process(task("fill"), task("review", CHIEFS), "s -> fill -> review -> e")
WIDE = process(
    "parallelGateway fork",
    "parallelGateway join",
    task("left"),
    service("right", "pay"),
    timer("middle", "timeDuration", "PT0.2S"),
    task("last"),
    "s -> fork",
    "fork -> left -> join",
    "fork -> right -> join",
    "fork -> middle -> join",
    "join -> last -> e",
)
#: Everything that goes through WIDE, once an instance.
STEPS = {"s": 1, "fork": 1, "left": 1, "right": 1, "middle": 1, "join": 1, "last": 1, "e": 1}


def engine_at(folder: str, url: str | None) -> Engine:
    return Engine(Home(folder, url).open(COUNTY), plugins=load_plugins())


def race(folder: str, url: str | None, items: list[int]) -> list[tuple[int, str]]:
    """Complete each item, as all other processes try to do at the same time; return what came of each."""
    engine = engine_at(folder, url)
    li, found = engine.actor("li"), []
    for item in items:
        try:
            engine.complete(item, actor=li, version=1, opinion=f"from {id(engine)}")
            found.append((item, "done"))
        except Conflict as error:
            found.append((item, f"{error.code} by {error.params.get('by')}"))
    return found


def repeat(folder: str, url: str | None, items: list[int]) -> list[tuple[int, Any]]:
    """Complete each item under the same request key as all other processes; return the answers."""
    engine = engine_at(folder, url)
    li = engine.actor("li")
    return [(item, engine.complete(item, actor=li, version=1, request_key=f"once-{item}")) for item in items]


def work(folder: str, url: str | None, seed: int) -> int:
    """Do whatever waits, in an order of one's own, until nothing does; return how much was done."""
    engine = engine_at(folder, url)
    li, chance, done = engine.actor("li"), random.Random(seed), 0
    while unfinished(engine):
        done += engine.run_due(limit=3)
        for job in engine.activate_jobs("pay", f"worker-{seed}", limit=2, seconds=30):
            engine.complete_job(job.id, f"worker-{seed}", {"paid": True})
            done += 1
        rows = engine.inbox(li, InboxQuery(limit=20)).rows
        for row in chance.sample(rows, min(3, len(rows))):
            try:
                engine.complete(row.item_id, actor=li, version=row.version)
                done += 1
            except (Conflict, NotFound):
                continue
    return done


def unfinished(engine: Engine) -> int:
    with engine.database.read() as unit:
        query = (
            select(func.count()).select_from(tables.instances).where(tables.instances.c.ended_at.is_(None))
        )
        return int(unit.execute(query).scalar_one())


def meet(barrier: Any) -> None:
    """Keep, in a process of the pool, where all of them wait for each other."""
    global _barrier
    _barrier = barrier


def started(act: Callable[..., Any], *arguments: Any) -> Any:
    """Run ``act`` when all processes are there."""
    _barrier.wait(120)
    return act(*arguments)


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Processes that begin together; made once, because a new one has everything to import."""
    context = get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=meet, initargs=(barrier,)) as found:
        yield found


def together(
    pool: ProcessPoolExecutor, home: Home, act: Callable[..., Any], given: Sequence[Any]
) -> list[Any]:
    """Run ``act`` in all processes at once, each with its own of ``given``; return what they returned."""
    running = [pool.submit(started, act, str(home.path), home.database_url, own) for own in given]
    return [one.result(timeout=240) for one in running]


@pytest.fixture
def office(home: Home) -> Office:
    return Office.open(Engine(home.open(COUNTY), plugins=load_plugins()))


def fill_inbox(office: Office) -> list[int]:
    office.engine.deploy({"p.bpmn": RACE}, actor="system")
    office.engine.start_many("p", [StartRequest({})] * RACES, actor=SYSTEM)
    return [row.item_id for row in office.engine.inbox(office.who("li"), InboxQuery(limit=RACES)).rows]


def completions(office: Office) -> Counter[int]:
    events = tables.events.c
    with office.engine.database.read() as unit:
        bodies = unit.execute(select(events.body).where(events.kind == "item.completed")).scalars()
        return Counter(load_plain(body)["item"] for body in bodies)


def test_of_several_who_complete_one_task_one_wins_and_the_others_are_told(
    pool: ProcessPoolExecutor, home: Home, office: Office
) -> None:
    items = fill_inbox(office)
    found = [outcome for outcomes in together(pool, home, race, [items] * PROCESSES) for outcome in outcomes]
    assert Counter(found) == Counter(
        {
            **{(item, "done"): 1 for item in items},
            **{(item, "item.completed by 李"): PROCESSES - 1 for item in items},
        }
    )
    assert completions(office) == Counter(dict.fromkeys(items, 1))
    assert len(office.engine.inbox(office.who("wang"), InboxQuery(limit=100)).rows) == RACES
    office.sound()


def test_a_request_key_that_all_of_them_send_is_answered_alike(
    pool: ProcessPoolExecutor, home: Home, office: Office
) -> None:
    items = fill_inbox(office)
    first, *others = together(pool, home, repeat, [items] * PROCESSES)
    assert all(other == first for other in others)
    assert completions(office) == Counter(dict.fromkeys(items, 1))
    office.sound()


def test_workers_interleave_without_a_lost_or_doubled_token(
    pool: ProcessPoolExecutor, home: Home, office: Office
) -> None:
    office.engine.deploy({"p.bpmn": WIDE}, actor="system")
    begun = office.engine.start_many("p", [StartRequest({})] * INSTANCES, actor=SYSTEM)
    done = together(pool, home, work, range(PROCESSES))
    assert sum(done) == 4 * INSTANCES
    events = tables.events.c
    with office.engine.database.read() as unit:
        for one in begun:
            bodies = unit.execute(
                select(events.body).where(events.chain == chain_of(one.instance_id))
            ).scalars()
            assert Counter(node for body in bodies for node in load_plain(body).get("path", ())) == STEPS
    office.sound()
