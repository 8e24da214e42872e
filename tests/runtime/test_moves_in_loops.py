"""Moving a token inside, out of and past activities that repeat: a run is a line of its own, the whole is one step."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from engine.runtime import moves
from tests.runtime.drawing import again, many
from tests.runtime.game import Board, play

SOURCE = """
startEvent s
userTask first
subProcess each | {}
    startEvent s1
    userTask a
    userTask b
    endEvent e1
    s1 -> a -> b -> e1
userTask last
endEvent e
s -> first -> each -> last -> e
"""
ITEMS = SOURCE.format(many("units"))


def at(board: Board, element: str, place: int) -> int:
    tokens = [token for token in board.execution.waiting() if token.element.id == element]
    return next(token.id for token in tokens if token.item == place)


def complete(board: Board, element: str, place: int) -> Board:
    board.execution.complete(at(board, element, place))
    return board.run()


def begun() -> Board:
    board = play(ITEMS, reload=True, units=["x", "y"]).complete("first")
    return complete(complete(board, "a", 0), "a", 1)


def test_back_inside_an_item_leaves_the_others_alone():
    board = begun()
    move = moves.examine(board.execution, at(board, "b", 1), "p", "a")
    assert (move.refusal, move.straight, move.cancelled) == (None, True, ())
    moves.perform(board.execution, move)
    board.run()
    assert board.waiting() == ["a", "b"]
    for element, place in (("b", 0), ("a", 1), ("b", 1)):
        complete(board, element, place)
    assert board.complete("last").ended


def test_out_of_an_item_ends_all_items_where_the_file_allows_it():
    board = begun()
    move = moves.examine(board.execution, at(board, "b", 1), "p", "first")
    assert (move.refusal, move.needs) == (None, {moves.BRANCHES})
    assert [token.id for token in move.cancelled] == [at(board, "b", 0)]
    moves.perform(board.execution, move)
    assert board.run().where() == ["first"]
    assert board.complete("first").waiting() == ["a", "a"]


@pytest.mark.parametrize("marker", [many("units"), again("true")])
def test_into_a_run_nothing_can_be_moved_but_to_the_whole(marker):
    board = play(SOURCE.format(marker), reload=True, units=["x"]).complete("first", "a")
    token = board.token("b").id
    whole = moves.examine(board.execution, token, "p", "each")
    assert whole.refusal is None
    moves.perform(board.execution, moves.examine(board.execution, token, "p", "last"))
    board.run()
    assert board.examine("last", "a").refusal == "move.into_items"
    assert board.move("last", "each").waiting() == ["a"]


def test_a_run_that_is_over_left_nothing_that_could_be_withdrawn():
    source = f"startEvent s\nuserTask a | {again(maximum=2)}\nuserTask b\ns -> a -> b"
    board = play(source)
    scope = board.token("a").scope
    board.complete("a")
    assert moves.descendants(board.execution, scope, "p", "a") is None


def test_no_target_is_found_by_the_name_of_a_run():
    board = begun()
    for name in ("each*", "each**"):
        with pytest.raises(Refused, match="no step"):
            moves.examine(board.execution, at(board, "b", 0), "p", name)
