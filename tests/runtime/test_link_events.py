"""Link events (BPMN 2.0.2, 10.5.4, 10.5.5 and 13.5): a way on inside one scope that no flow draws."""

from tests.runtime.drawing import LINK
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put


def test_a_link_goes_on_at_the_catching_event_of_its_name():
    board = play(f"""
        startEvent start
        intermediateThrowEvent away | {LINK.format("page 2")}
        intermediateCatchEvent here | {LINK.format("page 2")}
        userTask work
        start -> away
        here -> work
    """)
    assert board.waiting() == ["work"]
    assert board.path == ["start", "away", "here"]


@at_each_place
def test_it_goes_on_in_its_own_scope_wherever_it_stands(place):
    stage = put(
        place,
        f"""
        startEvent start
        intermediateThrowEvent away | {LINK.format("page 2")}
        intermediateCatchEvent here | {LINK.format("page 2")}
        userTask work
        start -> away
        here -> work
    """,
    )
    assert stage.here == ["work"]
    assert stage.every("work").over
