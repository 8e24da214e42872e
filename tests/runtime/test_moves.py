"""Moving a token: each row of the table "Where a token may be returned to", on saved and reloaded state."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from tests.runtime.drawing import draw, many
from tests.runtime.game import Board, play

DAY = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
LINE = "startEvent s\nuserTask a\nuserTask b\nendEvent e\ns -> a -> b -> e"
BRANCHES = """
startEvent s
userTask first
parallelGateway split
userTask a1
userTask a2
userTask b1
userTask b2
parallelGateway join
userTask last
endEvent e
s -> first -> split -> a1 -> a2 -> join -> last -> e
split -> b1 -> b2 -> join
"""
THREE = """
startEvent s
parallelGateway split
userTask a
userTask b
userTask c
parallelGateway half
userTask d
parallelGateway join
userTask last
endEvent e
s -> split -> a -> half -> d -> join -> last -> e
split -> b -> half
split -> c -> join
"""


def moved(source: str, *steps: str, **options) -> Board:
    return play(source, reload=True, **options).complete(*steps)


def test_back_along_a_line() -> None:
    board = moved(LINE, "a")
    move = board.examine("b", "a")
    assert move.straight
    assert (move.refusal, move.cancelled, move.needs) == (None, (), frozenset())
    assert board.move("b", "a").where() == ["a"]
    assert board.complete("a", "b").ended


def test_inside_a_branch_the_others_go_on() -> None:
    board = moved(BRANCHES, "first", "a1")
    move = board.examine("a2", "a1")
    assert (move.straight, move.needs) == (True, frozenset())
    assert board.move("a2", "a1").where() == ["a1", "b1"]
    assert board.complete("b1", "a1", "b2", "a2", "last").ended


def test_before_the_split_the_other_branches_are_cancelled_when_allowed() -> None:
    board = moved(BRANCHES, "first", "a1")
    move = board.examine("a2", "first")
    assert move.needs == {"branches"}
    assert [token.element.id for token in move.cancelled] == ["b1"]
    assert board.move("a2", "first").where() == ["first"]
    assert board.complete("first", "a1", "b1", "b2", "a2", "last").ended


def test_before_the_split_a_branch_that_waits_at_the_join_is_done_again() -> None:
    board = moved(BRANCHES, "first", "b1", "b2")
    move = board.examine("a1", "first")
    assert (move.needs, move.cancelled) == ({"branches"}, ())
    assert board.move("a1", "first").where() == ["first"]
    assert board.complete("first").where() == ["a1", "b1"]


def test_into_another_branch_is_refused() -> None:
    board = moved(BRANCHES, "first", "b1")
    assert board.examine("b2", "a1").refusal == "move.other_branch"
    with pytest.raises(Refused):
        board.move("b2", "a1")


def test_after_a_join_the_other_branches_count_as_arrived() -> None:
    board = moved(BRANCHES, "first", "a1", "b1", "a2", "b2")
    move = board.examine("last", "a1")
    assert (move.refusal, move.joined, move.cancelled) == (None, True, ())
    assert board.move("last", "a1").where() == ["a1", "join"]
    assert board.complete("a1", "a2").where() == ["last"]
    assert board.complete("last").ended


def test_after_a_join_the_other_branches_are_opened_again() -> None:
    board = moved(BRANCHES, "first", "a1", "b1", "a2", "b2").move("last", "a2", again=True)
    assert board.where() == ["a2", "b1"]
    assert board.complete("a2", "b1", "b2", "last").ended


def test_a_join_of_some_of_the_branches_is_a_block_of_its_own() -> None:
    board = moved(THREE, "a", "b")
    assert board.where() == ["c", "d"]
    assert board.move("d", "b").where() == ["b", "c", "half"]
    assert board.complete("c", "b").where() == ["d", "join"]
    assert board.complete("d").where() == ["last"]
    assert board.move("last", "a").where() == ["a", "half", "join"]
    assert board.complete("a", "d", "last").ended


def test_opened_again_inside_a_partial_join_leaves_the_third_branch_alone() -> None:
    board = moved(THREE, "a", "b").move("d", "b", again=True)
    assert board.where() == ["a", "b", "c"]
    assert board.complete("a", "b", "c", "d", "last").ended


def test_an_inclusive_join_waits_for_what_was_moved_and_for_nobody_else() -> None:
    source = """
startEvent s
inclusiveGateway split
userTask a
userTask b
inclusiveGateway join
userTask last
endEvent e
s -> split
split -> a: x
split -> b: y
a -> join -> last -> e
b -> join
"""
    board = moved(source, "a", "b", x=True, y=True)
    assert board.move("last", "a").where() == ["a"]
    assert board.complete("a").where() == ["last"]
    assert board.move("last", "a", again=True).where() == ["a", "b"]
    assert board.complete("b", "a", "last").ended
    alone = moved(source, "a", x=True, y=False).move("last", "a", again=True)
    assert alone.where() == ["a"]


SUB = """
startEvent s
userTask before
subProcess sub
  startEvent i
  userTask in1
  userTask in2
  endEvent o
  i -> in1 -> in2 -> o
userTask after
endEvent e
s -> before -> sub -> after -> e
"""


def test_out_of_a_sub_process_it_is_cancelled() -> None:
    board = moved(SUB, "before", "in1")
    move = board.examine("in2", "before")
    assert (move.refusal, move.straight, move.needs) == (None, False, frozenset())
    board.move("in2", "before")
    assert board.where() == ["before"]
    assert ("cancelled", "sub") in board.log
    assert board.complete("before", "in1", "in2", "after").ended


def test_into_a_completed_sub_process_it_is_opened_again() -> None:
    board = moved(SUB, "before", "in1", "in2").move("after", "in2")
    assert board.where() == ["in2", "sub"]
    assert board.complete("in2", "after").ended


def test_out_of_a_sub_process_with_other_work_needs_leave() -> None:
    source = """
startEvent s
userTask before
subProcess sub
  startEvent i
  parallelGateway fork
  userTask x
  userTask y
  parallelGateway meet
  endEvent o
  i -> fork -> x -> meet -> o
  fork -> y -> meet
endEvent e
s -> before -> sub -> e
"""
    move = moved(source, "before").examine("x", "before")
    assert move.needs == {"branches"}
    assert [token.element.id for token in move.cancelled] == ["y"]


def test_the_task_of_a_boundary_event_when_it_was_interrupted() -> None:
    source = f"""
startEvent s
userTask a
boundaryEvent late attachedToRef=a | {DAY}
userTask chase
endEvent e
endEvent e2
s -> a -> e
late -> chase -> e2
"""
    board = play(source, reload=True).fire("late")
    assert board.move("chase", "a").waiting() == ["a", "late"]
    assert board.complete("a").ended


def test_the_task_of_a_boundary_event_while_it_is_still_open() -> None:
    source = f"""
startEvent s
userTask a
boundaryEvent late attachedToRef=a cancelActivity=false | {DAY}
userTask chase
userTask b
endEvent e
endEvent e2
s -> a -> b -> e
late -> chase -> e2
"""
    board = play(source, reload=True).fire("late")
    assert board.examine("chase", "a").refusal == "move.side_path"
    board.complete("a")
    assert board.examine("chase", "a").refusal == "move.side_path"
    assert board.examine("b", "chase").refusal == "move.other_branch"
    assert board.move("b", "a").where() == ["a", "chase"]
    board.complete("a", "b")
    assert board.move("chase", "a").where() == ["a"]


CALLER = """
startEvent s
userTask before
callActivity call | <zeebe:calledElement processId="q"/>
userTask after
endEvent e
s -> before -> call -> after -> e
"""
CALLED = draw("startEvent qs\nuserTask q1\nuserTask q2\nendEvent qe\nqs -> q1 -> q2 -> qe", "q")


def test_out_of_a_called_process_needs_leave_and_ends_it() -> None:
    board = play(CALLER, CALLED, reload=True).complete("before", "q1")
    assert board.examine("q2", "before").needs == {"call"}
    assert board.examine("q2", "q1", process="q").straight
    assert board.move("q2", "before").where() == ["before"]
    assert ("cancelled", "call") in board.log


def test_into_a_completed_called_process_is_refused_and_the_call_itself_is_not() -> None:
    board = play(CALLER, CALLED, reload=True).complete("before", "q1", "q2")
    assert board.examine("after", "q2", process="q").refusal == "move.in_call"
    assert board.move("after", "call").where() == ["call", "q1"]


def event_sub_process(interrupting: str) -> str:
    return f"""
startEvent s
userTask a
userTask b
endEvent e
subProcess esp triggeredByEvent=true
  startEvent t isInterrupting={interrupting} | {DAY}
  userTask inside
  endEvent te
  t -> inside -> te
s -> a -> b -> e
"""


def test_out_of_an_event_sub_process_only_by_intervention() -> None:
    board = play(event_sub_process("true"), reload=True).complete("a").fire("t")
    assert board.examine("inside", "a").refusal == "move.event_sub_process"
    assert board.move("inside", "a", intervention=True).waiting() == ["a", "t"]
    assert board.complete("a", "b").ended


def test_out_of_an_event_sub_process_never_beside_the_main_line() -> None:
    board = play(event_sub_process("false"), reload=True).fire("t")
    assert board.examine("inside", "a", intervention=True).refusal == "move.side_path"
    board.complete("a", "b")
    assert board.move("inside", "a", intervention=True).where() == ["a"]


def test_forward_out_of_a_block_it_ends() -> None:
    board = moved(BRANCHES, "first").move("a1", "last")
    assert board.where() == ["last"]
    assert board.complete("last").ended


def test_forward_into_a_branch_the_others_count_as_arrived() -> None:
    board = moved(BRANCHES).move("first", "b2")
    assert board.where() == ["b2", "join"]
    assert board.complete("b2", "last").ended


def test_gateways_and_events_of_start_are_no_targets() -> None:
    board = moved(BRANCHES, "first")
    for target in ("split", "join", "s"):
        assert board.examine("a1", target).refusal == "move.bad_target"
    with pytest.raises(Refused):
        board.examine("a1", "nowhere")


def test_a_token_goes_straight_back() -> None:
    board = moved(BRANCHES, "first", "a1")
    board.move("a2", "a1")
    board.detours["a1"] = "a2"
    assert board.complete("a1").where() == ["a2", "b1"]
    assert board.path.count("split") == 1


def test_after_a_rework_loop_a_block_stays_whole() -> None:
    source = BRANCHES.replace("join -> last -> e", "join -> last -> gate").replace(
        "endEvent e\n", "endEvent e\nexclusiveGateway gate\n"
    )
    board = moved(source + "gate -> first: again\ngate -> e: default\n", again=True)
    for _ in range(3):
        board.complete("first", "b1", "b2", "a1", "a2", "last")
    board.complete("first", "a1", "b1")
    assert board.move("a2", "a1").where() == ["a1", "b2"]
    board.complete("a1", "a2", "b2")
    assert board.move("last", "b1").where() == ["b1", "join"]
    assert board.complete("b1", "b2", again=False).complete("last").ended


def test_into_a_block_of_a_completed_sub_process_its_other_branches_count_as_arrived() -> None:
    source = """
startEvent s
subProcess sub
  startEvent i
  parallelGateway fork
  userTask x
  userTask y
  parallelGateway meet
  endEvent o
  i -> fork -> x -> meet -> o
  fork -> y -> meet
userTask after
endEvent e
s -> sub -> after -> e
"""
    board = moved(source, "x", "y").move("after", "x")
    assert board.where() == ["meet", "sub", "x"]
    assert board.complete("x").where() == ["after"]
    assert board.move("after", "x", again=True).waiting() == ["x", "y"]
    assert board.complete("y", "x", "after").ended


ITEMS = f"""
startEvent s
userTask before
subProcess each | {many("units", "unit")}
  startEvent i
  userTask x
  userTask y
  endEvent o
  i -> x -> y -> o
userTask after
endEvent e
s -> before -> each -> after -> e
"""


def test_inside_an_item_the_other_items_go_on() -> None:
    board = moved(ITEMS, "before", "x", units=[1, 2, 3])
    assert board.waiting() == ["x", "x", "y"]
    assert board.examine("y", "x").straight
    assert board.move("y", "x").waiting() == ["x", "x", "x"]


def test_out_of_an_item_all_items_end_and_into_one_nothing_leads() -> None:
    board = moved(ITEMS, "before", "x", units=[1, 2, 3])
    move = board.examine("y", "before")
    assert (move.needs, [token.element.id for token in move.cancelled]) == ({"branches"}, ["x", "x"])
    assert board.move("y", "before").where() == ["before"]
    board.complete("before", "x", "x", "x", "y", "y", "y")
    assert board.examine("after", "y").refusal == "move.into_items"
    assert board.move("after", "each").waiting() == ["x", "x", "x"]
