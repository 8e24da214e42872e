"""Connections are lost at every statement and at the commit, PostgreSQL crashes: all happens once, or can be repeated."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError

from bench.counties import ORG
from bench.processes import ROLE, line
from engine import Engine, Home, StartRequest, tables
from engine.calendar import SystemClock
from engine.identity import SYSTEM
from engine.plugins import load_plugins
from engine.values import load_plain
from tests.conftest import COUNTY
from tests.engine.office import FILL_AND_REVIEW, Office
from tests.services.postgres import Postgres, PostgresUnavailable


@pytest.fixture
def office(engine: Engine) -> Office:
    found = Office.open(engine)
    found.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    return found


Act = Callable[[], Any]


def starting(office: Office, key: str) -> Act:
    """Return an act that starts an instance."""
    li = office.who("li")
    return lambda: office.engine.start("p", actor=li, variables={"title": "x"}, request_key=key)


def completing(office: Office, key: str) -> Act:
    """Start an instance and return an act that completes its first step, with a document."""
    starting(office, f"start of {key}")()
    row, li = office.row("li"), office.who("li")
    return lambda: office.engine.complete(
        row.item_id, actor=li, version=row.version, answers={"a": "b"}, request_key=key
    )


COMMANDS = pytest.mark.parametrize(
    ("prepare", "kind"),
    [
        pytest.param(starting, "instance.started", id="start"),
        pytest.param(completing, "item.completed", id="complete"),
    ],
)


def happened(engine: Engine, kind: str) -> int:
    """Return how many events of a kind there are."""
    with engine.database.read() as unit:
        return len(unit.execute(select(tables.events.c.seq).where(tables.events.c.kind == kind)).all())


@contextmanager
def lost_at(engine: Engine, number: int) -> Iterator[list[int]]:
    """Close the connection under the ``number``-th statement of the block; the list tells whether it came to that."""
    seen: list[int] = []
    done: list[int] = []

    def lose(connection: Any, *_: Any) -> None:
        seen.append(number)
        if len(seen) == number:
            done.append(number)
            connection.connection.dbapi_connection.close()

    event.listen(engine.database.engine, "before_cursor_execute", lose)
    try:
        yield done
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", lose)


@COMMANDS
def test_a_connection_lost_at_any_statement_does_nothing_or_all_and_the_repetition_does_it_once(
    office: Office, prepare: Callable[[Office, str], Act], kind: str
):
    engine, lost = office.engine, 0
    while True:
        before = happened(engine, kind)
        act = prepare(office, f"key {lost}")
        with lost_at(engine, lost + 1) as done:
            try:
                answer = act()
            except (
                DBAPIError
            ):  # a connection that was only reading; what the command itself lost is tried again
                assert happened(engine, kind) == before
                answer = act()
        assert act() == answer, "the repetition is answered as the first was"
        assert happened(engine, kind) == before + 1
        if not done:
            break
        lost += 1
    assert lost > 6
    office.sound()


@COMMANDS
@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
def test_a_connection_lost_at_the_commit_is_settled_by_the_request_key(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Office, str], Act],
    kind: str,
    committed: bool,
):
    engine = office.engine
    act, before = prepare(office, "key"), happened(engine, kind)
    dialect = engine.database.engine.dialect
    commit, error = dialect.do_commit, dialect.loaded_dbapi.OperationalError
    wrote: list[str] = []

    def lose(connection: Any) -> None:
        if committed or not wrote:
            commit(connection)
        if wrote:
            connection.dbapi_connection.close()
            raise error("server closed the connection unexpectedly")

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("SELECT"):
            wrote.append(statement)

    event.listen(engine.database.engine, "before_cursor_execute", note)
    with monkeypatch.context() as patch:
        patch.setattr(dialect, "do_commit", lose)
        with pytest.raises(DBAPIError):
            act()
    assert happened(engine, kind) == before + committed
    answer = act()
    assert act() == answer
    assert happened(engine, kind) == before + 1
    office.sound()


PEOPLE = 4
INSTANCES = 40
#: What was committed survives the crash of the server's processes; the machine itself stays up.
CRASHES = ("-c", "fsync=off")


@pytest.mark.postgres
def test_nothing_that_was_acknowledged_is_lost_or_doubled_when_postgresql_crashes(tmp_path: Path):
    try:
        server = Postgres(CRASHES).__enter__()
    except PostgresUnavailable as reason:
        pytest.skip(str(reason))
    try:
        home = Home(tmp_path, server.create("crash"))
        engine = Engine(
            home.create_county(COUNTY, "测试县", load_plugins()), plugins=load_plugins(), clock=SystemClock()
        )
        acknowledged = _crash(engine, server)
        completed = Counter(
            load_plain(body)["item"]
            for body in _column(engine, tables.events.c.body, tables.events.c.kind == "item.completed")
        )
        assert len(acknowledged) > 100, "hardly anything was done"
        assert set(acknowledged) <= set(completed)
        assert set(completed.values()) == {1}
        done = _column(engine, tables.work_items.c.id, tables.work_items.c.state == "completed")
        assert set(done) == set(completed)
        assert engine.doctor() == []
        assert engine.verify_history() == []
        home.close()
    finally:
        server.close()


def _crash(engine: Engine, server: Postgres) -> list[int]:
    """Let people work while the server crashes thrice; return the items whose completion was acknowledged."""
    engine.deploy({"line.bpmn": line()}, actor="system")
    engine.people.add_org(ORG, "业务股", "section")
    acknowledged: list[int] = []
    stop, unanswered = threading.Event(), Counter[int]()
    engine.people.create_person("clerk", "经办")
    engine.people.add_post("clerk", ROLE.removeprefix("role:").partition("@")[0], ORG)
    actor = engine.actor("clerk")
    engine.start_many("line", [StartRequest({})] * PEOPLE * INSTANCES, actor=SYSTEM)
    items = _column(engine, tables.work_items.c.id, tables.work_items.c.state == "open")

    def work(mine: list[int]) -> None:
        while mine and not stop.is_set():
            item = mine.pop(0)
            try:
                done = engine.complete(item, actor=actor, version=1, request_key=f"item {item}")
            except DBAPIError:
                unanswered[item] += 1
                mine.insert(0, item)
                time.sleep(0.02)
                continue
            acknowledged.append(item)
            mine += [one.item_id for one in done.open_items]

    threads = [threading.Thread(target=work, args=(list(items[person::PEOPLE]),)) for person in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(0.4)
        server.stop(signal.SIGQUIT)
        server.start()
    time.sleep(0.4)
    stop.set()
    for thread in threads:
        thread.join()
    assert unanswered, "nobody was at work when the server crashed: the test proves nothing"
    assert len(acknowledged) == len(set(acknowledged))
    return acknowledged


def _column(engine: Engine, column: Any, condition: Any) -> list[Any]:
    with engine.database.read() as unit:
        return list(unit.execute(select(column).where(condition).order_by(column)).scalars())
