"""Random nested blocks with two workers, and with a fault at every statement: nothing is lost, doubled or half done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from engine import Conflict, Engine, Home, NotFound
from engine.calendar import SteppedClock
from tests.conftest import COUNTY
from tests.engine.test_incidents import fault_at
from tests.engine.test_random_processes import NOW, WHO, Case, play
from tests.runtime.blocks import BLOCKS, Model

#: No command of these processes sends more statements than this.
STATEMENTS = 60
RANDOM = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


class Raced(Case):
    """One instance on which two workers do the same step at the same time, or take turns."""

    def __init__(self, workers: tuple[Engine, Engine], clock: SteppedClock, block: tuple) -> None:
        super().__init__(workers[0], clock, block)
        self.workers = workers
        self.messages = count(1)

    def at_once(self, act: Callable[[Engine], Any]) -> list[Any]:
        """Let both workers do ``act`` at the same time; return what came of it, or the error that says why not."""

        def attempt(worker: Engine) -> Any:
            try:
                return act(worker)
            except (Conflict, NotFound) as error:
                return error

        with ThreadPoolExecutor(len(self.workers)) as pool:
            return list(pool.map(attempt, self.workers))

    def _work_items(self, item: int) -> None:
        version = self.engine.task(item, WHO).version
        found = self.at_once(lambda worker: worker.complete(item, actor=WHO, version=version))
        assert sum(isinstance(one, Conflict | NotFound) for one in found) == 1, found

    def _jobs(self, token: int) -> None:
        self.workers = self.workers[::-1]
        self.engine = self.workers[0]
        super()._jobs(token)

    def _subscriptions(self, _: int) -> None:
        before, name = self.open(), f"{self.id}/{next(self.messages)}"
        found = self.at_once(lambda worker: worker.publish("M", message_id=name, time_to_live=NOW))
        assert sorted(one.fresh for one in found) == [False, True]
        assert self.open() != before


class Faulty(Case):
    """One instance whose every completion is tried with a fault at each statement before it succeeds."""

    faults = 0

    def _work_items(self, item: int) -> None:
        before, version = self.open(), self.engine.task(item, WHO).version
        for number in range(1, STATEMENTS):
            try:
                with fault_at(self.engine, number):
                    self.engine.complete(item, actor=WHO, version=version)
            except OperationalError:
                type(self).faults += 1
                assert self.open() == before
                assert self.engine.doctor() == []
            else:
                return
        raise AssertionError("it never succeeds")


def test_two_workers_lose_and_double_nothing(engine: Engine, home: Home, clock: SteppedClock) -> None:
    rival_home = Home(home.path, home.database_url)
    rival = Engine(rival_home.open(COUNTY), plugins=engine.plugins, clock=clock)

    @RANDOM
    @given(BLOCKS, st.data())
    def examples(block: tuple, data: st.DataObject) -> None:
        case = Raced((engine, rival), clock, block)
        try:
            play(case, Model(case.named), data)
        finally:
            case.close()

    try:
        examples()
        assert engine.verify_history() == []
    finally:
        rival_home.close()


@pytest.mark.long
def test_a_fault_at_any_statement_leaves_the_old_state_or_the_new(
    engine: Engine, clock: SteppedClock
) -> None:
    @RANDOM
    @given(BLOCKS, st.data())
    def examples(block: tuple, data: st.DataObject) -> None:
        case = Faulty(engine, clock, block)
        try:
            play(case, Model(case.named), data)
        finally:
            case.close()

    examples()
    assert Faulty.faults > 0
    assert engine.verify_history() == []
