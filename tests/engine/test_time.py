"""Timers are rows that fire once, whoever runs them; sign-in locks after five failures and opens again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.errors import Forbidden
from tests.engine.office import open_office, process, user_task

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine


def timer(kind: str, value: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition>"


WAIT = process(
    f'<bpmn:intermediateCatchEvent id="wait">{timer("timeDuration", "P3D")}</bpmn:intermediateCatchEvent>'
    + user_task("check"),
    "start -> wait",
    "wait -> check",
    "check -> end",
)


def test_a_timer_fires_when_it_is_due_and_only_once(engine: Engine, clock: SteppedClock) -> None:
    instance = open_office(engine, WAIT)
    clock.advance(timedelta(days=2, hours=23))
    assert engine.run_due() == 0
    clock.advance(timedelta(hours=1))
    assert engine.run_due() == 1
    assert engine.run_due() == 0
    assert [h.element for h in engine.instance(instance, engine.actor("li")).holders] == ["check"]
    assert engine.doctor() == []


def test_sign_in_is_locked_after_five_failures_and_opens_after_a_while(
    engine: Engine, clock: SteppedClock
) -> None:
    open_office(engine)
    engine.people.create_person("zhou", "周会计", "correct-horse-7")
    for _ in range(5):
        with pytest.raises(Forbidden):
            engine.people.authenticate("zhou", "wrong")
    with pytest.raises(Forbidden) as locked:
        engine.people.authenticate("zhou", "correct-horse-7")
    assert locked.value.code == "login.locked"
    clock.advance(timedelta(minutes=16))
    assert engine.people.authenticate("zhou", "correct-horse-7").person == "zhou"
