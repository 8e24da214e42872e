"""Service tasks (BPMN 2.0.2, 10.3.3 and 13.3.3): done at once by a handler, or by a worker outside."""

from tests.runtime.game import Board, play
from tests.runtime.places import at_each_place, put

SERVICE = """
startEvent start
serviceTask pay | <zeebe:taskDefinition type="budget.pay"/>
endEvent end
start -> pay -> end
"""


def test_a_service_task_without_a_handler_waits_for_an_external_worker():
    board = play(SERVICE)
    assert (board.waiting(), board.log) == (["pay"], [("entered", "pay")])
    assert board.complete("pay").ended


def test_a_service_task_with_a_handler_is_done_at_once():
    def pay(board):
        board.variables["paid"] = True

    board = Board(SERVICE)
    board.handlers["budget.pay"] = pay
    board.run()
    assert board.ended
    assert board.variables["paid"] is True


@at_each_place
def test_a_worker_does_it_wherever_it_stands(place):
    stage = put(place, SERVICE)
    assert stage.here == ["pay"]
    assert stage.every("pay").over


@at_each_place
def test_a_handler_does_it_wherever_it_stands(place):
    calls = []
    stage = put(place, SERVICE, handlers={"budget.pay": calls.append})
    assert stage.over
    assert len(calls) == stage.copies
