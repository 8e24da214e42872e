"""Event-based gateways (BPMN 2.0.2, 13.4.4): the first event decides."""

import pytest

from engine.errors import NotFound
from tests.runtime.drawing import DURATION
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

DATE = "<bpmn:timerEventDefinition><bpmn:timeDate>2026-05-31T09:00:00+08:00</bpmn:timeDate></bpmn:timerEventDefinition>"
RACE = f"""
startEvent start
eventBasedGateway race
intermediateCatchEvent soon | {DURATION}
intermediateCatchEvent may | {DATE}
userTask early
userTask late
start -> race -> soon -> early
race -> may -> late
"""


def test_several_timers_wait_each_with_its_own_time():
    board = play(RACE, reload=True)
    assert board.waiting() == ["may", "soon"]
    assert board.where() == ["race"]
    assert {board.token(name).element.timer.type for name in ("may", "soon")} == {"date", "duration"}


def test_the_first_goes_on_and_the_others_are_withdrawn():
    board = play(RACE, reload=True)
    other = board.token("may").id
    board.fire("soon")
    assert board.waiting() == ["early"]
    assert ("cancelled", "may") in board.log
    assert board.path == ["start", "race", "soon"]
    with pytest.raises(NotFound):
        board.execution.fire(other)
    assert board.complete("early").ended


def test_interrupting_around_it_withdraws_its_events():
    board = play(f"""
        startEvent start
        subProcess inner
            startEvent begin
            eventBasedGateway race
            intermediateCatchEvent soon | {DURATION}
            intermediateCatchEvent may | {DATE}
            begin -> race -> soon
            race -> may
        boundaryEvent stop attachedToRef=inner | {DURATION}
        userTask after
        start -> inner
        stop -> after
    """, reload=True)  # fmt: skip
    assert board.fire("stop").waiting() == ["after"]
    cancelled = sorted(entry[1] for entry in board.log if entry[0] == "cancelled")
    assert cancelled == ["inner", "may", "race", "soon"]


def test_in_a_loop_it_waits_anew():
    board = play(f"""
        startEvent start
        exclusiveGateway again
        eventBasedGateway race
        intermediateCatchEvent soon | {DURATION}
        intermediateCatchEvent may | {DATE}
        endEvent end
        start -> again -> race -> soon -> again
        race -> may -> end
    """, reload=True)  # fmt: skip
    for _ in range(3):
        assert board.fire("soon").waiting() == ["may", "soon"]
    assert board.fire("may").ended


@at_each_place
def test_the_first_event_decides_wherever_it_stands(place):
    stage = put(place, RACE)
    assert stage.here == ["may", "soon"]
    assert stage.every("may").here == ["late"]
    assert stage.every("late").over
