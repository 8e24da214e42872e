"""Parallel gateways (BPMN 2.0.2, 13.4.1)."""

import pytest

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

BLOCK = """
startEvent start
parallelGateway fork
userTask a
userTask b
parallelGateway join
userTask c
start -> fork -> a -> join -> c
fork -> b -> join
"""


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_the_join_waits_for_both_branches_in_either_order(order):
    board = play(BLOCK, reload=True)
    assert board.complete(order[0]).waiting() == [order[1]]
    assert board.where() == sorted([order[1], "join"])
    assert board.complete(order[1]).waiting() == ["c"]
    assert board.path.count("join") == 1
    assert sorted(board.token("c").flows) == ["f4"]


def test_the_joined_token_tells_all_flows_that_it_came_by():
    board = play(BLOCK)
    seen = {}
    board.completed = lambda token: seen.setdefault(token.element.id, token.flows)
    board.complete("a", "b")
    assert sorted(seen["join"]) == ["f3", "f6"]


def test_a_second_token_on_the_same_flow_does_not_replace_the_missing_one():
    board = play("""
        startEvent start
        parallelGateway fork
        userTask a
        userTask a2
        exclusiveGateway merge
        userTask b
        parallelGateway join
        userTask c
        start -> fork -> a -> merge -> join -> c
        fork -> a2 -> merge
        fork -> b -> join
    """, reload=True)  # fmt: skip
    board.complete("a", "a2")
    assert board.waiting() == ["b"]
    board.complete("b")
    assert board.waiting() == ["c"]
    assert board.where() == ["c", "join"]


def test_a_join_in_a_loop_joins_again_in_each_lap():
    board = play("""
        startEvent start
        exclusiveGateway again
        parallelGateway fork
        userTask a
        userTask b
        parallelGateway join
        exclusiveGateway enough
        endEvent end
        start -> again -> fork -> a -> join -> enough
        fork -> b -> join
        enough -> again: more
        enough -> end: default
    """, reload=True, more=True)  # fmt: skip
    for _ in range(3):
        board.complete("a")
        assert board.waiting() == ["b"]
        board.complete("b")
        assert board.waiting() == ["a", "b"]
    board.variables["more"] = False
    assert board.complete("b", "a").ended


def test_two_flows_between_the_same_gateways_count_as_two():
    board = play("""
        startEvent start
        parallelGateway fork
        parallelGateway join
        userTask c
        start -> fork -> join -> c
        fork -> join
    """)
    assert board.waiting() == ["c"]


def test_fifty_branches_join():
    branches = "\n".join(f"userTask t{n}\nfork -> t{n} -> join" for n in range(50))
    nodes = "startEvent start\nparallelGateway fork\nparallelGateway join\nendEvent end"
    ends = f"{nodes}\nstart -> fork\njoin -> end"
    board = play(f"{ends}\n{branches}")
    assert len(board.waiting()) == 50
    for n in range(50):
        board.complete(f"t{n}")
    assert board.ended


@at_each_place
def test_it_waits_for_all_branches_of_its_own_scope_wherever_it_stands(place):
    stage = put(
        place,
        """
        startEvent start
        parallelGateway split
        userTask a
        userTask b
        parallelGateway join
        userTask after
        start -> split -> a -> join -> after
        split -> b -> join
    """,
    )
    assert stage.every("a").here == ["b"]
    assert stage.every("b").here == ["after"]
    assert stage.every("after").over
