"""Random nested blocks through the whole engine: at each commit the data are sound and as the reference model says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Actor, Engine
from engine.calendar import SteppedClock, parse_time
from engine.commands.loading import load_instance
from engine.memory import empty_county
from engine.plugins import load_plugins
from engine.store import FolderStore
from tests.runtime.blocks import BLOCKS, Drawing, Model, Open, items_of

#: What interrupts nothing may happen again and again; so many steps are looked at.
STEPS = 20
#: A message is for those who await it when it is sent, as in the model: one that is kept would go on to a process that a
#: token enters because of it.
NOW = timedelta(0)
WHO = Actor("li", "李", frozenset({"user:li"}))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, SteppedClock]]:
    """An engine on a database in memory, for all examples."""
    plugins = load_plugins(entry_points=False)
    database = empty_county(plugins)
    clock = SteppedClock(parse_time("2026-01-05T09:00:00+08:00"))
    folder: Path = tmp_path_factory.mktemp("attachments")
    yield Engine(database, plugins=plugins, clock=clock, store=FolderStore(folder)), clock
    database.close()


class Case:
    """One instance in the engine."""

    def __init__(self, engine: Engine, clock: SteppedClock, block: tuple) -> None:
        self.engine, self.clock = engine, clock
        drawing = Drawing()
        source, self.named = drawing.whole(block)
        files = {"p.bpmn": source, **{f"{name}.bpmn": xml for name, xml in drawing.called.items()}}
        engine.deploy(files, actor="system")
        self.id = engine.start("p", actor=WHO, variables=drawing.variables).instance_id

    def open(self) -> dict[int, Open]:
        """Return what waits, by its token."""
        with self.engine.database.read() as unit:
            execution = load_instance(self.engine.ports, unit, self.id, "system", lock=False).execution
        return {token.id: (token.element.id, items_of(execution, token.id)) for token in execution.waiting()}

    def do(self, choose: st.DataObject) -> Open | None:
        """Complete a task, let the next timer go off, or send the message that is awaited longest; return which.

        A message that several processes await goes to each of them, in an order that the model doesn't tell: it isn't
        sent. Returns None where nothing else is left to do.
        """
        waiting = self.open()
        chances: dict[Open, tuple[str, int]] = {}
        for table, column, rest in (
            ("work_items", "id", "AND state = 'open' ORDER BY id"),
            ("jobs", "token", "ORDER BY due_at, id LIMIT 1"),
            ("subscriptions", "token", f"AND {self._one_awaits()} ORDER BY id LIMIT 1"),
        ):
            query = f"SELECT token, {column} AS key FROM {table} WHERE instance_id = {self.id} {rest}"
            with self.engine.database.read() as unit:
                chances |= {
                    waiting[row.token]: (table, row.key) for row in unit.connection.exec_driver_sql(query)
                }
        if not chances:
            return None
        at = choose.draw(st.sampled_from(sorted(chances)))
        getattr(self, f"_{chances[at][0]}")(chances[at][1])
        return at

    def _one_awaits(self) -> str:
        return f"(SELECT count(DISTINCT process_id) FROM subscriptions WHERE instance_id = {self.id}) = 1"

    def _work_items(self, item: int) -> None:
        version = self.engine.task(item, WHO).version
        self.engine.complete(item, actor=WHO, version=version)

    def _jobs(self, token: int) -> None:
        self.clock.set(self.clock.now() + timedelta(hours=2))
        while token in self.open():
            assert self.engine.run_due(limit=1) == 1

    def _subscriptions(self, _: int) -> None:
        before = self.open()
        self.engine.publish("M", time_to_live=NOW)
        assert self.open() != before

    def close(self) -> None:
        """End it, so that it takes no message from those that follow."""
        if self.open():
            self.engine.terminate(self.id, actor="system", reason="given up")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(BLOCKS, st.data())
def test_at_each_commit_the_data_are_sound_and_as_the_reference_model_says(world, block, data):
    case = Case(*world, block)
    try:
        play(case, Model(case.named), data)
    finally:
        case.close()
    assert case.engine.verify_history() == []


#: A race of events, the first of which leads into another process that begins with a race.
_LEAF = ("task", None, ())
RACE_IN_RACE = ("first", None, (("call", None, (("first", None, (_LEAF, _LEAF)),)), _LEAF))


@pytest.mark.parametrize(
    ("kept", "opened"), [(NOW, ["c3_0", "c3_1"]), (None, ["t4"])], ids=["not kept", "kept"]
)
def test_a_message_goes_on_to_a_process_that_it_leads_into_only_where_it_is_kept(world, kept, opened):
    """Found by a random process: each process gets a message once, also one that begins to wait for it afterwards."""
    case = Case(*world, RACE_IN_RACE)
    case.engine.publish("M", time_to_live=kept)
    assert sorted(name for name, _ in case.open().values()) == opened
    case.close()


def play(case: Case, model: Model, data: st.DataObject) -> None:
    for _ in range(STEPS):
        assert sorted(case.open().values()) == sorted(model.open())
        assert case.engine.doctor() == []
        if model.done:
            return
        done = case.do(data)
        if done is None:
            return
        assert model.complete(done)
