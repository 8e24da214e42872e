"""Event sub-processes (BPMN 2.0.2, 10.3.5 and 13.5.4): started by a timer, an error or an escalation around them."""

import pytest

from tests.runtime.drawing import CYCLE, DURATION, ERROR, ERRORS
from tests.runtime.game import Board, play
from tests.runtime.places import at_each_place, put
from tests.runtime.test_escalations import ESCALATIONS

ESCALATION = '<bpmn:escalationEventDefinition escalationRef="{}"/>'


def beside(trigger: str, interrupting: str = "true") -> str:
    return f"""
        startEvent start
        userTask work
        endEvent end
        start -> work -> end
        subProcess handler triggeredByEvent=true
            startEvent begin isInterrupting={interrupting} | {trigger}
            userTask handle
            endEvent done
            begin -> handle -> done
    """


def test_its_timer_waits_from_the_start_of_the_scope():
    board = play(beside(DURATION), reload=True)
    assert board.waiting() == ["begin", "work"]
    assert board.where() == ["work"], "what is only armed is no token"
    assert board.token("begin").element.timer.value.literal == "P5D"


def test_an_interrupting_one_cancels_the_rest_of_its_scope():
    board = play(beside(DURATION), reload=True).fire("begin")
    assert board.waiting() == ["handle"]
    assert ("cancelled", "work") in board.log
    assert ("opened", "handler") in board.log
    board.complete("handle")
    assert board.ended
    assert board.path == ["start", "begin", "handle", "done", "handler"]


def test_a_process_that_ends_withdraws_the_timer():
    board = play(beside(DURATION), reload=True).complete("work")
    assert board.ended
    assert board.log[-1] == ("cancelled", "begin")
    assert board.execution.tokens() == []


def test_a_non_interrupting_one_runs_beside_its_scope_again_and_again():
    board = play(beside(CYCLE, "false"), reload=True).fire("begin").fire("begin")
    assert board.waiting() == ["begin", "handle", "handle", "work"]
    board.complete("work", "handle")
    assert not board.ended, "the scope waits for what its event sub-processes still do"
    board.fire("begin", last=True)
    assert board.waiting() == ["handle", "handle"]
    assert board.complete("handle", "handle").ended


def test_a_timer_that_is_no_cycle_starts_it_once():
    board = play(beside(DURATION, "false"), reload=True).fire("begin")
    assert board.waiting() == ["handle", "work"]
    assert board.complete("handle", "work").ended


NESTED = f"""
startEvent start
subProcess inner
    startEvent begin
    userTask check
    userTask other
    endEvent fail | {ERROR.format("poor")}
    begin -> check -> fail
    begin -> other
    subProcess handler triggeredByEvent=true
        startEvent caught | {ERROR.format("poor")}
        userTask repair
        endEvent done
        caught -> repair -> done
boundaryEvent outside attachedToRef=inner | {ERROR.format("poor")}
userTask after
userTask elsewhere
start -> inner -> after
outside -> elsewhere
"""


def test_an_error_is_caught_in_its_own_scope_before_the_border():
    board = play(NESTED, reload=True, roots=ERRORS).complete("check")
    assert board.waiting() == ["repair"]
    assert ("cancelled", "other") in board.log
    assert board.complete("repair").waiting() == ["after"], (
        "the sub-process itself completes in the usual way"
    )


def test_an_error_inside_the_handler_goes_outwards():
    source = NESTED.replace("caught -> repair -> done", "caught -> repair -> again").replace(
        "endEvent done", f"endEvent again | {ERROR.format('poor')}"
    )
    board = play(source, reload=True, roots=ERRORS).complete("check", "repair")
    assert board.waiting() == ["elsewhere"]


def test_an_escalation_starts_one_without_stopping_the_scope():
    board = play(f"""
        startEvent start
        intermediateThrowEvent tell | {ESCALATION.format("late")}
        userTask work
        endEvent end
        start -> tell -> work -> end
        subProcess handler triggeredByEvent=true
            startEvent told isInterrupting=false | {ESCALATION.format("late")}
            userTask note
            told -> note
    """, reload=True, roots=ESCALATIONS)  # fmt: skip
    assert board.waiting() == ["note", "work"]
    assert board.complete("work", "note").ended


def test_an_escalation_that_its_handler_throws_again_goes_outwards_not_to_the_handler():
    board = play(f"""
        startEvent start
        subProcess inner
            startEvent begin
            intermediateThrowEvent tell | {ESCALATION.format("late")}
            userTask work
            begin -> tell -> work
            subProcess handler triggeredByEvent=true
                startEvent told isInterrupting=false | {ESCALATION.format("late")}
                userTask note
                endEvent again | {ESCALATION.format("late")}
                told -> note -> again
        boundaryEvent outside attachedToRef=inner | {ESCALATION.format("late")}
        userTask chief
        start -> inner
        outside -> chief
    """, reload=True, roots=ESCALATIONS)  # fmt: skip
    assert board.complete("note").waiting() == ["chief"], "it cancels the sub-process with its handler"


@pytest.mark.parametrize("reload", [True, False])
def test_laps_under_an_event_sub_process_stay_flat(reload):
    board = Board(
        f"""
        startEvent start
        exclusiveGateway again
        userTask fill
        exclusiveGateway good
        endEvent end
        start -> again -> fill -> good
        good -> again: rework
        good -> end: default
        subProcess handler triggeredByEvent=true
            startEvent begin isInterrupting=false | {CYCLE}
            endEvent done
            begin -> done
        """,
        reload=reload,
        rework=True,
    ).run()
    size, live = len(board.execution.dump()), len(board.execution.process.tasks)
    for lap in range(1000):
        board.complete("fill")
        if lap % 100 == 0:
            board.fire("begin")
    assert len(board.execution.dump()) <= size + 8
    assert len(board.execution.process.tasks) == live
    assert board.complete("fill", rework=False).ended


def test_a_timer_that_cannot_be_armed_does_not_hold_the_process():
    board = Board(beside(DURATION), reload=True)
    board.breaks["begin"] = "entered"
    board.run()
    assert board.waiting() == ["work"]
    assert [token.element.id for token in board.execution.parked()] == ["begin"]
    assert board.complete("work").ended


@at_each_place
def test_an_interrupting_one_cancels_its_own_scope_wherever_it_stands(place):
    stage = put(place, beside(DURATION)).every("begin")
    assert stage.here == ["handle"]
    assert stage.every("handle").over


@at_each_place
def test_one_that_interrupts_nothing_runs_beside_its_own_scope_wherever_it_stands(place):
    stage = put(place, beside(CYCLE, "false")).every("begin")
    assert stage.here == ["begin", "handle", "work"]
    assert stage.every("work").here == ["begin", "handle"]
    assert stage.every("handle").over
