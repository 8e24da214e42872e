"""Transactions (BPMN 2.0.2, 10.7 and 13.5.5): cancelled from inside, left by their cancel boundary event."""

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

PROCESS = """
startEvent start
transaction deal
    startEvent begin
    userTask offer
    userTask check
    exclusiveGateway fine
    endEvent agreed
    endEvent off | <bpmn:cancelEventDefinition/>
    begin -> offer -> fine
    begin -> check
    fine -> agreed: good
    fine -> off: default
boundaryEvent cancelled attachedToRef=deal | <bpmn:cancelEventDefinition/>
userTask after
userTask regret
start -> deal -> after
cancelled -> regret
"""


def test_a_transaction_that_is_not_cancelled_is_a_sub_process():
    board = play(PROCESS, reload=True, good=True).complete("offer", "check")
    assert board.waiting() == ["after"]


def test_a_cancel_end_event_gives_up_the_transaction():
    board = play(PROCESS, reload=True, good=False).complete("offer")
    assert board.waiting() == ["regret"]
    assert [entry[1] for entry in board.log if entry[0] == "cancelled"] == ["check", "deal"]


@at_each_place
def test_it_is_cancelled_wherever_it_stands(place):
    stage = put(place, PROCESS, good=False)
    assert stage.here == ["check", "offer"]
    assert stage.every("offer").here == ["regret"]
    assert stage.every("regret").over
