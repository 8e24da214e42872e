"""Timer events (BPMN 2.0.2, 10.5.4, 10.5.5 and 13.5): caught in the flow, and at the border of an activity."""

import pytest

from engine.errors import NotFound
from tests.runtime.drawing import CYCLE, DURATION
from tests.runtime.game import Board, play
from tests.runtime.places import at_each_place, put


def test_a_timer_event_waits_until_it_is_fired():
    board = play(f"""
        startEvent start
        intermediateCatchEvent later | {DURATION}
        userTask remind
        start -> later -> remind
    """, reload=True)  # fmt: skip
    assert board.waiting() == ["later"]
    timer = board.token("later").element.timer
    assert (timer.type, timer.value.literal) == ("duration", "P5D")
    assert board.fire("later").waiting() == ["remind"]


def boundary(definition: str, cancel: str = "true") -> str:
    return f"""
        startEvent start
        userTask work
        boundaryEvent late attachedToRef=work cancelActivity={cancel} | {definition}
        userTask after
        userTask escalate
        start -> work -> after
        late -> escalate
    """


def test_an_interrupting_timer_cancels_its_task():
    board = play(boundary(DURATION), reload=True)
    assert board.waiting() == ["late", "work"]
    board.fire("late")
    assert board.waiting() == ["escalate"]
    assert ("cancelled", "work") in board.log
    assert board.path == ["start", "late"]


def test_completing_the_task_disarms_its_timer():
    board = play(boundary(DURATION), reload=True)
    token = board.token("late")
    assert board.complete("work").waiting() == ["after"]
    assert ("cancelled", "late") in board.log
    with pytest.raises(NotFound):
        board.execution.fire(token.id)


def test_a_non_interrupting_timer_leaves_its_task_open():
    board = play(boundary(DURATION, "false"), reload=True)
    board.fire("late")
    assert board.waiting() == ["escalate", "work"]
    assert board.complete("work").waiting() == ["after", "escalate"]


def test_a_cycle_fires_again_and_again_until_the_last_time():
    board = play(boundary(CYCLE, "false"), reload=True)
    for times in (1, 2):
        board.fire("late")
        assert board.waiting() == ["escalate"] * times + ["late", "work"]
    board.fire("late", last=True)
    assert board.waiting() == ["escalate"] * 3 + ["work"]
    assert board.path.count("late") == 3


def test_a_boundary_event_is_not_completed_like_a_task():
    board = play(boundary(DURATION))
    with pytest.raises(NotFound):
        board.execution.complete(board.token("late").id)


def test_a_timer_whose_time_cannot_be_told_is_parked_beside_its_open_task():
    board = Board(boundary(DURATION), reload=True)
    board.breaks["late"] = "entered"
    board.run()
    assert board.waiting() == ["work"]
    assert ("failed", "late", "test.broken") in board.log
    board.breaks.clear()
    assert board.resume("late").waiting() == ["late", "work"]


def test_an_armed_event_throws_no_error_after_it_is_gone():
    board = play(boundary(DURATION), reload=True)
    armed = board.token("late").id
    board.complete("work")
    with pytest.raises(NotFound):
        board.execution.throw_error(armed, "NO_MONEY")


@at_each_place
def test_a_timer_in_the_flow_waits_wherever_it_stands(place):
    steps = (
        f"startEvent start\nintermediateCatchEvent later | {DURATION}\nendEvent end\nstart -> later -> end"
    )
    stage = put(place, steps)
    assert stage.here == ["later"]
    assert stage.every("later").over


@at_each_place
def test_a_timer_at_a_border_interrupts_wherever_it_stands(place):
    stage = put(place, boundary(DURATION)).every("late")
    assert stage.here == ["escalate"]
    assert stage.every("escalate").over


@at_each_place
def test_a_cycle_at_a_border_fires_again_wherever_it_stands(place):
    stage = put(place, boundary(CYCLE, "false")).every("late").every("late")
    assert stage.here == ["escalate", "escalate", "late", "work"]
    assert stage.every("work").here == ["after", "escalate", "escalate"]
