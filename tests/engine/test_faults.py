"""The database fails at every statement of an operator's or a worker's command: the old state is there, or the new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from engine import Engine, tables
from engine.commands import jobs, timers
from tests.engine.office import CHIEFS, Office, process, service, task
from tests.engine.test_incidents import fault_at
from tests.engine.test_time import timer

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import SteppedClock

SOURCE = process(
    "parallelGateway fork",
    "parallelGateway join",
    task("fill"),
    timer("late", "timeDuration", "PT1H", "fill", interrupting=False),
    task("chase", CHIEFS),
    "endEvent e2",
    service("pay", "pay"),
    task("lost", '<zeebe:assignmentDefinition candidateGroups="=[]"/>'),
    "s -> fork -> fill -> join",
    "fork -> pay -> join",
    "fork -> lost -> join",
    "join -> e",
    "late -> chase -> e2",
)
WORKER = "one"


def fire(engine: Engine, instance: int) -> Any:  # noqa: ARG001
    with engine.database.read() as unit:
        id = unit.execute(select(tables.jobs.c.id).where(tables.jobs.c.kind == "timer")).scalar_one()
    return engine.database.retry(lambda unit: timers.fire(engine.ports, unit, id, WORKER))


def job_of(engine: Engine) -> int:
    with engine.database.read() as unit:
        return int(
            unit.execute(select(tables.jobs.c.id).where(tables.jobs.c.kind == "external")).scalar_one()
        )


def incident_of(engine: Engine) -> int:
    with engine.database.read() as unit:
        query = select(tables.incidents.c.id).where(tables.incidents.c.state == "open")
        return int(unit.execute(query).scalar_one())


COMMANDS: dict[str, Callable[[Engine, int], Any]] = {
    "a timer goes off": fire,
    "a job is completed": lambda engine, _: engine.complete_job(job_of(engine), WORKER, {"paid": True}),
    "a job fails": lambda engine, _: engine.fail_job(job_of(engine), WORKER, "busy"),
    "a job fails for good": lambda engine, _: engine.fail_job(job_of(engine), WORKER, "busy", retries=0),
    "a job throws an error": lambda engine, _: engine.throw_job_error(job_of(engine), WORKER, "NO"),
    "an incident is tried again": lambda engine, _: engine.retry(incident_of(engine), "system"),
    "an element is skipped": lambda engine, _: engine.skip(incident_of(engine), "system", reason="x"),
    "a variable is set": lambda engine, one: engine.set_variables(one, {"n": 2}, actor="system", reason="x"),
    "it is suspended": lambda engine, one: engine.suspend(one, actor="system", reason="x"),
    "it is terminated": lambda engine, one: engine.terminate(one, actor="system", reason="x"),
    "its process is suspended": lambda engine, _: engine.suspend_process("p", actor="system", reason="x"),
}


def content(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.database.read() as unit:
        return {
            table.name: [
                tuple(row) for row in unit.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables.metadata.sorted_tables
        }


def begin(office: Office, clock: SteppedClock) -> int:
    """Start a case with a timer and a job that a worker has leased, and an incident."""
    instance = office.run(SOURCE, {"n": 1})
    clock.advance(timedelta(hours=1))
    with office.engine.database.write() as unit:
        for kind in (jobs.TIMER, jobs.EXTERNAL):
            jobs.lease(unit, kind, WORKER, clock.now(), 1)
    return instance


@pytest.mark.parametrize("name", COMMANDS)
def test_a_fault_at_any_statement_leaves_the_old_state_or_the_new(
    office: Office, clock: SteppedClock, name: str
) -> None:
    instance = begin(office, clock)
    before = content(office.engine)
    for number in range(1, 40):
        try:
            with fault_at(office.engine, number):
                COMMANDS[name](office.engine, instance)
        except OperationalError:
            assert content(office.engine) == before
        else:
            break
    else:
        pytest.fail("the command never came through")
    assert number > 4
    assert content(office.engine) != before
