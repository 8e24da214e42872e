"""User tasks (BPMN 2.0.2, 10.3.3 and 13.3.3): they wait until a person has done them."""

import pytest

from engine.errors import NotFound
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

LINE = """
startEvent start
userTask fill
userTask review
endEvent end
start -> fill -> review -> end
"""


def test_a_user_task_waits_until_it_is_completed():
    board = play(LINE)
    assert board.waiting() == ["fill"]
    board.complete("fill")
    assert (board.path, board.waiting(), board.ended) == (["start", "fill"], ["review"], False)
    board.complete("review")
    assert (board.path, board.waiting(), board.ended) == (["start", "fill", "review", "end"], [], True)


def test_a_task_is_completed_once():
    board = play(LINE)
    token = board.token("fill")
    board.complete("fill")
    with pytest.raises(NotFound):
        board.execution.complete(token.id)


def test_a_token_tells_by_which_flow_it_came_and_in_which_process_it_is():
    token = play(LINE).complete("fill").token("review")
    assert (token.flows, token.scope, token.process_id) == (("f2",), 0, "p")


def test_each_token_that_arrives_at_a_task_starts_it_anew():
    board = play("""
        startEvent start
        parallelGateway fork
        userTask a
        userTask b
        userTask both
        endEvent end
        start -> fork -> a -> both -> end
        fork -> b -> both
    """)
    board.complete("a", "b")
    assert board.waiting() == ["both", "both"]
    assert board.complete("both", "both").ended


def test_a_task_with_two_ways_out_takes_both_and_a_conditional_one_where_it_holds():
    board = play("""
        startEvent start
        userTask review
        userTask always
        userTask large
        userTask small
        start -> review -> always
        review -> large: amount > 100
        review -> small: amount <= 100
    """, amount=500)  # fmt: skip
    assert board.complete("review").waiting() == ["always", "large"]


@at_each_place
def test_it_waits_wherever_it_stands(place):
    stage = put(place, LINE)
    assert stage.here == ["fill"]
    assert stage.every("fill").here == ["review"]
    assert stage.every("review").over
