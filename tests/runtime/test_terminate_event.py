"""Terminate end events (BPMN 2.0.2, 10.5.3 and 13.5.6): they end their scope with all that is open in it."""

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put
from tests.runtime.test_timer_events import DURATION, boundary


def test_a_terminate_end_event_cancels_what_is_open():
    board = play("""
        startEvent start
        userTask a
        userTask b
        endEvent stop | <bpmn:terminateEventDefinition/>
        start -> a -> stop
        start -> b
    """)
    board.complete("a")
    assert board.ended
    assert board.execution.terminated
    assert ("cancelled", "b") in board.log


def test_a_terminate_end_event_ends_only_its_own_sub_process():
    board = play("""
        startEvent start
        subProcess inner
            startEvent s
            userTask a
            userTask b
            endEvent stop | <bpmn:terminateEventDefinition/>
            s -> a -> stop
            s -> b
        userTask after
        start -> inner -> after
    """, reload=True)  # fmt: skip
    assert board.complete("a").waiting() == ["after"]
    assert not board.execution.terminated


def test_an_operator_terminates_an_instance():
    board = play(boundary(DURATION), reload=True)
    board.execution.terminate()
    board.run()
    assert board.ended
    assert board.execution.terminated
    assert sorted(entry[1] for entry in board.log if entry[0] == "cancelled") == ["late", "work"]


@at_each_place
def test_it_ends_its_own_scope_wherever_it_stands(place):
    stage = put(
        place,
        """
        startEvent start
        userTask a
        userTask b
        endEvent stop | <bpmn:terminateEventDefinition/>
        start -> a -> stop
        start -> b
    """,
    )
    assert stage.every("a").over
    assert stage.log.count(("cancelled", "b")) == stage.copies
