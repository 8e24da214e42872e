"""Inclusive gateways (BPMN 2.0.2, 13.4.3): the join is defined on live tokens and the graph of flows."""

import pytest

from tests.runtime.drawing import DURATION
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

BLOCK = """
startEvent start
inclusiveGateway fork
userTask a
userTask b
userTask otherwise
inclusiveGateway join
userTask c
start -> fork
fork -> a: x > 0
fork -> b: y > 0
fork -> otherwise: default
a -> join -> c
b -> join
otherwise -> join
"""


@pytest.mark.parametrize(
    ("x", "y", "open_tasks"), [(1, 1, ["a", "b"]), (1, 0, ["a"]), (0, 1, ["b"]), (0, 0, ["otherwise"])]
)
def test_the_fork_takes_every_flow_whose_condition_holds(x, y, open_tasks):
    board = play(BLOCK, reload=True, x=x, y=y)
    assert board.waiting() == open_tasks
    board.complete(*open_tasks)
    assert board.waiting() == ["c"]
    assert board.path.count("join") == 1


def test_the_join_waits_only_for_branches_that_were_taken():
    board = play(BLOCK, reload=True, x=1, y=1).complete("a")
    assert board.waiting() == ["b"]
    assert board.complete("b").waiting() == ["c"]


def test_without_a_default_flow_the_token_is_parked_before_the_fork():
    board = play("""
        startEvent start
        inclusiveGateway fork
        userTask a
        userTask b
        start -> fork
        fork -> a: x > 0
        fork -> b: x > 1
    """, x=0)  # fmt: skip
    assert board.log == [("failed", "fork", "gateway.no_flow")]
    assert board.path == ["start"]


LOOP = """
startEvent start
exclusiveGateway again
inclusiveGateway fork
userTask a
userTask b
inclusiveGateway join
exclusiveGateway enough
endEvent end
start -> again -> fork
fork -> a: x
fork -> b: y
a -> join -> enough
b -> join
enough -> again: more
enough -> end: default
"""


def test_in_the_second_lap_the_join_waits_for_both_branches_again():
    board = play(LOOP, reload=True, x=True, y=True, more=True).complete("a", "b")
    assert board.waiting() == ["a", "b"]
    board.complete("a")
    assert board.waiting() == ["b"], "the join must not fire while its other branch is open"
    assert board.complete("b").waiting() == ["a", "b"]


def test_a_branch_that_leaves_the_block_releases_the_join():
    board = play("""
        startEvent start
        parallelGateway fork
        userTask a
        userTask b
        exclusiveGateway way
        endEvent gone
        inclusiveGateway join
        userTask c
        start -> fork -> a -> join -> c
        fork -> b -> way
        way -> gone: leave
        way -> join: default
    """, reload=True, leave=True)  # fmt: skip
    board.complete("a")
    assert board.waiting() == ["b"], "b may still come"
    assert board.complete("b").waiting() == ["c"]


def test_a_token_that_can_only_reach_a_flow_that_already_has_one_is_not_waited_for():
    board = play("""
        startEvent start
        parallelGateway fork
        userTask a
        userTask a2
        exclusiveGateway merge
        userTask b
        inclusiveGateway join
        userTask c
        start -> fork -> a -> merge -> join -> c
        fork -> a2 -> merge
        b -> join
        fork -> b
    """, reload=True)  # fmt: skip
    board.complete("b")
    assert board.waiting() == ["a", "a2"]
    board.complete("a")
    assert board.waiting() == ["a2", "c"], (
        "both flows have a token; a2 brings another to the first, for the next time"
    )
    assert board.complete("a2").waiting() == ["c", "c"]


def test_a_parked_token_is_waited_for():
    board = play("""
        startEvent start
        parallelGateway fork
        userTask a
        exclusiveGateway broken
        userTask b
        inclusiveGateway join
        userTask c
        start -> fork -> a -> join -> c
        fork -> broken
        broken -> b: flag
        broken -> join: not(flag)
        b -> join
    """, reload=True)  # fmt: skip
    board.complete("a")
    assert board.waiting() == []
    assert board.where() == ["broken", "join"]
    board.variables["flag"] = False
    assert board.resume("broken").waiting() == ["c"]


def test_a_boundary_event_is_a_way_to_the_join_while_its_activity_is_open():
    board = play(f"""
        startEvent start
        parallelGateway fork
        userTask a
        userTask slow
        boundaryEvent late attachedToRef=slow | {DURATION}
        endEvent gone
        inclusiveGateway join
        userTask c
        start -> fork -> a -> join -> c
        fork -> slow -> gone
        late -> join
    """, reload=True)  # fmt: skip
    board.complete("a")
    assert board.waiting() == ["late", "slow"]
    assert board.complete("slow").waiting() == ["c"]


def test_a_join_waits_for_a_token_that_must_pass_another_join():
    board = play("""
        startEvent start
        parallelGateway fork
        parallelGateway inner
        userTask a
        userTask b
        userTask c
        parallelGateway pair
        inclusiveGateway join
        userTask d
        start -> fork -> inner
        inner -> a -> pair -> join -> d
        inner -> b -> pair
        fork -> c -> join
    """, reload=True)  # fmt: skip
    board.complete("c", "a")
    assert board.waiting() == ["b"]
    assert board.complete("b").waiting() == ["d"]


@at_each_place
def test_it_waits_for_the_chosen_branches_of_its_own_scope_wherever_it_stands(place):
    stage = put(
        place,
        """
        startEvent start
        inclusiveGateway split
        userTask a
        userTask b
        userTask c
        inclusiveGateway join
        userTask after
        start -> split
        split -> a: true
        split -> b: true
        split -> c: false
        a -> join -> after
        b -> join
        c -> join
    """,
    )
    assert stage.here == ["a", "b"]
    assert stage.every("a").here == ["b"]
    assert stage.every("b").here == ["after"]
