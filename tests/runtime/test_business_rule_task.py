"""Business rule tasks (BPMN 2.0.2, 10.3.3 and 13.3.3): a decision, made at once."""

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

STEPS = """
startEvent start
businessRuleTask route | <zeebe:calledDecision decisionId="routing" resultVariable="route"/>
endEvent end
start -> route -> end
"""


def test_it_is_done_by_the_host():
    board = play(STEPS)
    assert board.ended
    assert ("perform", "route") in board.log


@at_each_place
def test_it_is_done_wherever_it_stands(place):
    stage = put(place, STEPS)
    assert stage.over
    assert stage.log.count(("perform", "route")) == stage.copies
