"""None start, intermediate and end events (BPMN 2.0.2, 10.5 and 13.5.1, 13.5.6): where tokens begin, pass and end."""

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put


def test_a_process_ends_only_when_its_last_token_is_gone():
    board = play("""
        startEvent start
        userTask a
        userTask b
        endEvent end
        start -> a -> end
        start -> b
    """)
    assert not board.complete("a").ended
    assert board.complete("b").ended


def test_an_ordinary_end_is_not_a_termination():
    board = play("startEvent start\nendEvent end\nstart -> end")
    assert board.ended
    assert not board.execution.terminated


@at_each_place
def test_a_token_passes_from_start_to_end_wherever_they_stand(place):
    steps = "startEvent start\nintermediateThrowEvent half\nendEvent end\nstart -> half -> end"
    stage = put(place, steps)
    assert stage.over
    assert [stage.path.count(name) for name in ("start", "half", "end")] == [stage.copies] * 3


@at_each_place
def test_an_end_event_ends_only_its_own_token(place):
    steps = "startEvent start\nuserTask a\nendEvent end\nstart -> end\nstart -> a -> end"
    stage = put(place, steps)
    assert stage.here == ["a"]
    assert stage.every("a").over
