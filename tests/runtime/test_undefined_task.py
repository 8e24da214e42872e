"""Tasks without a type (BPMN 2.0.2, 10.3.3): nothing is to be done, so they are passed."""

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

STEPS = "startEvent start\ntask think\nendEvent end\nstart -> think -> end"


def test_it_is_passed():
    assert play(STEPS).path == ["start", "think", "end"]


@at_each_place
def test_it_is_passed_wherever_it_stands(place):
    stage = put(place, STEPS)
    assert stage.over
    assert stage.path.count("think") == stage.copies
