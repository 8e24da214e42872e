"""Embedded sub-processes (BPMN 2.0.2, 10.3.5 and 13.3.4): a scope that is over when its last token is."""

from tests.runtime.drawing import DURATION
from tests.runtime.game import Board, play
from tests.runtime.places import at_each_place, put

NESTED = f"""
startEvent start
subProcess outer
    startEvent s1
    userTask a
    subProcess inner
        startEvent s2
        userTask b
        endEvent e2
        s2 -> b -> e2
    endEvent e1
    s1 -> a -> inner -> e1
boundaryEvent late attachedToRef=outer | {DURATION}
userTask after
userTask escalate
start -> outer -> after
late -> escalate
"""


def test_a_sub_process_completes_after_its_inner_nodes():
    board = play(NESTED, reload=True).complete("a", "b")
    assert board.path == ["start", "s1", "a", "s2", "b", "e2", "inner", "e1", "outer"]
    assert board.waiting() == ["after"]
    assert board.log.index(("closed", "inner")) < board.log.index(("closed", "outer"))


def test_a_token_tells_the_scope_that_it_is_in():
    board = play(NESTED, reload=True)
    outer = next(token for token in board.execution.tokens() if token.element.id == "outer")
    assert board.token("a").scope == outer.id
    board.complete("a")
    inner = next(token for token in board.execution.tokens() if token.element.id == "inner")
    assert (inner.scope, board.token("b").scope) == (outer.id, inner.id)


def test_interrupting_a_sub_process_cancels_what_is_inside_inner_ones_first():
    board = play(NESTED, reload=True).complete("a")
    board.fire("late")
    assert board.waiting() == ["escalate"]
    cancelled = [name for what, name, *_ in board.log if what == "cancelled"]
    assert cancelled == ["b", "inner", "outer"]


def test_two_tokens_in_one_sub_process_have_a_scope_each():
    board = play("""
        startEvent start
        parallelGateway fork
        exclusiveGateway merge
        subProcess inner
            startEvent s
            parallelGateway split
            userTask a
            userTask b
            parallelGateway join
            endEvent e
            s -> split -> a -> join -> e
            split -> b -> join
        start -> fork -> merge -> inner
        fork -> merge
    """, reload=True)  # fmt: skip
    first, second = [token for token in board.execution.waiting() if token.element.id == "a"]
    assert first.scope != second.scope
    board.complete("a", "a")
    assert board.waiting() == ["b", "b"]
    board.complete("b")
    assert board.path.count("join") == 1, "the tokens of two scopes never join"
    assert board.complete("b").ended


def test_a_failure_to_open_the_scope_is_parked_before_the_sub_process():
    board = Board(NESTED, reload=True)
    board.breaks["outer"] = "opened"
    board.run()
    assert board.where() == ["outer"]
    board.breaks.clear()
    assert board.resume("outer").waiting() == ["a", "late"]


@at_each_place
def test_it_is_over_when_all_in_it_is_wherever_it_stands(place):
    stage = put(place, NESTED)
    assert stage.here == ["a", "late"]
    assert stage.every("a", "b").here == ["after"]
    assert stage.every("after").over


@at_each_place
def test_it_is_interrupted_wherever_it_stands(place):
    stage = put(place, NESTED).every("a", "late")
    assert stage.here == ["escalate"]
    assert stage.every("escalate").over
