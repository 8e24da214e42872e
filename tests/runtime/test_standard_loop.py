"""Standard loops (BPMN 2.0.2, 13.3.6 and 10.3.8): an activity that runs again while its condition holds."""

import pytest

from tests.runtime.drawing import SCRIPT, again, draw, many
from tests.runtime.game import Board, play
from tests.runtime.test_multi_instance import BOUNDARY


def loop(**options) -> str:
    return f"startEvent start\nuserTask work | {again(**options)}\nuserTask after\nstart -> work -> after"


@pytest.mark.parametrize("reload", [False, True])
def test_the_condition_is_asked_after_each_run(reload):
    board = play(loop(condition="more"), reload=reload, more=False)
    assert board.waiting() == ["work"]
    board.complete("work", more=True)
    assert board.waiting() == ["work"]
    board.complete("work", more=False)
    assert board.waiting() == ["after"]
    assert board.path == ["start", "work"]


@pytest.mark.parametrize("reload", [False, True])
def test_with_test_before_it_is_asked_before_each_run_and_there_may_be_none(reload):
    assert play(loop(condition="more", before=True), more=False).waiting() == ["after"]
    board = play(loop(condition="more", before=True), reload=reload, more=True)
    assert board.complete("work").waiting() == ["work"]
    assert board.complete("work", more=False).waiting() == ["after"]


@pytest.mark.parametrize("before", [False, True])
def test_there_are_at_most_as_many_runs_as_the_maximum(before):
    board = play(loop(condition="true", before=before, maximum=3), reload=True)
    for _ in range(3):
        assert board.waiting() == ["work"]
        board.complete("work")
    assert board.waiting() == ["after"]


def test_without_a_condition_there_are_as_many_runs_as_the_maximum():
    board = play(loop(maximum=2)).complete("work", "work")
    assert board.waiting() == ["after"]


@pytest.mark.parametrize("before", [False, True])
def test_the_counter_is_the_number_of_runs_begun(before):
    board, seen = play(loop(condition="loopCounter < 3", before=before), reload=True), []
    while "work" in board.waiting():
        seen.append(board.visible(board.token("work"))["loopCounter"])
        board.complete("work")
    assert seen == [1, 2, 3]


def test_scripts_repeat_without_waiting():
    doubled = again("n < 100", zeebe=SCRIPT.format("n * 2", "n"))
    source = f"startEvent start\nscriptTask double | {doubled}\nuserTask after\nstart -> double -> after"
    board = play(source, n=1)
    assert (board.variables["n"], board.waiting()) == (128, ["after"])


def test_a_loop_that_never_stops_is_stopped():
    source = f"startEvent start\ntask work | {again('true')}\nstart -> work"
    assert ("failed", "work", "run.step_limit") in play(source).log


SUB = f"""
startEvent start
subProcess lap | {again("more")}
    startEvent s
    parallelGateway split
    userTask a
    userTask b
    endEvent e
    s -> split -> a -> e
    split -> b -> e
userTask after
start -> lap -> after
"""


@pytest.mark.parametrize("reload", [False, True])
def test_a_sub_process_repeats_when_all_in_it_is_done(reload):
    board = play(SUB, reload=reload, more=True).complete("a")
    assert board.waiting() == ["b"]
    assert board.complete("b").waiting() == ["a", "b"]
    assert board.complete("b", "a", more=False).waiting() == ["after"]
    assert board.path.count("a") == 2
    assert board.path.count("lap") == 1


def test_a_call_activity_repeats():
    called = draw("startEvent s\nuserTask inner\nendEvent e\ns -> inner -> e", process="called")
    call = again(maximum=2, zeebe='<zeebe:calledElement processId="called"/>')
    source = f"startEvent start\ncallActivity lap | {call}\nuserTask after\nstart -> lap -> after"
    assert play(source, called, reload=True).complete("inner", "inner").waiting() == ["after"]


@pytest.mark.parametrize("reload", [False, True])
def test_a_boundary_event_is_armed_once_for_all_runs(reload):
    source = loop(condition="true") + BOUNDARY.format(host="work", rest="")
    board = play(source, reload=reload).complete("work", "work")
    assert board.waiting() == ["late", "work"]
    assert [name for what, name, *_ in board.log if what == "entered"].count("late") == 1
    assert board.fire("late").waiting() == ["meanwhile"]


def test_a_condition_that_is_no_boolean_stops_the_loop_until_it_is_mended():
    board = play(loop(condition="more"), reload=True, more=None).complete("work")
    assert ("failed", "work", "loop.not_boolean") in board.log
    board.variables["more"] = False
    assert board.resume("work").waiting() == ["after"]
    assert [entry for entry in board.log if entry == ("entered", "work")] == [("entered", "work")]


def test_a_loop_inside_an_item_and_items_inside_a_loop():
    source = f"""
    startEvent start
    subProcess outer | {again(maximum=2)}
        startEvent s
        subProcess each | {many("units")}
            startEvent s1
            scriptTask add | {again(maximum=3, zeebe=SCRIPT.format("n + 1", "n"))}
            endEvent e1
            s1 -> add -> e1
        endEvent e
        s -> each -> e
    userTask after
    start -> outer -> after
    """
    board = play(source, units=["x", "y"], n=0)
    assert (board.variables["n"], board.waiting()) == (12, ["after"])


def test_the_state_stays_flat_over_many_runs():
    board, sizes = play(loop(condition="true"), reload=True), set()
    for _ in range(200):
        board.complete("work")
        sizes.add(len(board.execution.dump()))
    assert max(sizes) - min(sizes) <= 6
    assert max(sizes) < 60


def test_an_interrupted_loop_leaves_nothing():
    source = SUB + BOUNDARY.format(host="lap", rest="")
    board = Board(source, reload=True, more=True).run().complete("a", "b", "a").fire("late")
    assert [token.element.id for token in board.execution.tokens()] == ["meanwhile"]
