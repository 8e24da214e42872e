"""The database fails at every statement of a delivery, a broadcast or a start: the old state is there, or the new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from engine import Engine, tables
from engine.commands import beginnings, delivering, publishing
from tests.engine.office import Office, process, task
from tests.engine.test_correlation import ROOTS
from tests.engine.test_faults import content
from tests.engine.test_incidents import fault_at
from tests.engine.test_sending import PAID, SIGNALS, G

if TYPE_CHECKING:
    from engine import SteppedClock

TIMER = "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>"
SOURCE = process(
    task("fill"),
    f"boundaryEvent told attachedToRef=fill | {PAID}",
    f"boundaryEvent closed attachedToRef=fill | {G}",
    f"startEvent begun | {PAID}",
    f"startEvent due | {TIMER}",
    task("handle"),
    "s -> fill -> e",
    "told -> handle",
    "closed -> handle",
    "begun -> handle",
    "due -> handle -> e",
    roots=ROOTS + SIGNALS,
)


def first(engine: Engine, table: Any) -> int:
    with engine.database.read() as unit:
        return int(unit.execute(select(table.c.id).order_by(table.c.id)).scalars().first() or 0)


def deliver(engine: Engine) -> Any:
    message = first(engine, tables.messages)
    return engine.database.retry(lambda unit: delivering.deliver(engine.ports, unit, message))


def start(engine: Engine) -> Any:
    timer, now = first(engine, tables.start_timers), engine.clock.now()
    return engine.database.retry(lambda unit: beginnings.fire(engine.ports, unit, timer, now))


def publish(engine: Engine, key: str = "7") -> Any:
    given = ("Paid", key, {"amount": 1}, "id", timedelta(days=1), "system")
    return engine.database.retry(lambda unit: publishing.publish(engine.ports, unit, *given))


def throw(engine: Engine) -> Any:
    return engine.database.retry(
        lambda unit: publishing.signal(engine.ports, unit, "year closed", {}, "system")
    )


#: What is done before, and what is done while the database fails.
COMMANDS: dict[str, tuple[Callable[[Engine], Any], Callable[[Engine], Any]]] = {
    "a message is published": (lambda _: None, publish),
    "a signal is thrown": (lambda _: None, throw),
    "a message is delivered": (publish, deliver),
    "a message starts an instance": (lambda engine: publish(engine, "8"), deliver),
    "a signal is delivered": (throw, deliver),
    "a timer starts an instance": (lambda _: None, start),
    "a new version takes the place of the old": (
        lambda _: None,
        lambda engine: engine.deploy({"p.bpmn": SOURCE + b" "}, actor="user:root"),
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_fault_at_any_statement_leaves_the_old_state_or_the_new(
    office: Office, clock: SteppedClock, name: str
) -> None:
    prepare, command = COMMANDS[name]
    office.run(SOURCE, {"order": 7})
    clock.advance(timedelta(hours=1))
    prepare(office.engine)
    before = content(office.engine)
    for number in range(1, 40):
        try:
            with fault_at(office.engine, number):
                command(office.engine)
        except OperationalError:
            assert content(office.engine) == before
        else:
            break
    else:
        pytest.fail("the command never came through")
    assert number > 2
    assert content(office.engine) != before
