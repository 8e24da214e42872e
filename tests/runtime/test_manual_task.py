"""Manual tasks (BPMN 2.0.2, 10.3.3 and 13.3.3): done outside of the system, they are passed as Camunda 8 does."""

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

STEPS = "startEvent start\nmanualTask post\nendEvent end\nstart -> post -> end"


def test_it_is_passed():
    board = play(STEPS)
    assert board.ended
    assert board.path == ["start", "post", "end"]


@at_each_place
def test_it_is_passed_wherever_it_stands(place):
    stage = put(place, STEPS)
    assert stage.over
    assert stage.path.count("post") == stage.copies
