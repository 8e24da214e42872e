"""Start, end, terminate, timer, link and error events (BPMN 2.0.2, 10.5 and 13.5)."""

import pytest

from engine.errors import NotFound
from tests.runtime.game import play

DURATION = "<bpmn:timerEventDefinition><bpmn:timeDuration>P5D</bpmn:timeDuration></bpmn:timerEventDefinition>"
CYCLE = "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>"
LINK = '<bpmn:linkEventDefinition name="{}"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="{}"/>'
ERRORS = '<bpmn:error id="poor" errorCode="NO_MONEY"/><bpmn:error id="ill" errorCode="ILL"/>'


def test_a_terminate_end_event_cancels_what_is_open():
    board = play("""
        startEvent start
        userTask a
        userTask b
        endEvent stop | <bpmn:terminateEventDefinition/>
        start -> a -> stop
        start -> b
    """)
    board.complete("a")
    assert board.ended
    assert board.execution.terminated
    assert ("cancelled", "b") in board.log


def test_an_ordinary_end_is_not_a_termination():
    board = play("startEvent start\nendEvent end\nstart -> end")
    assert board.ended
    assert not board.execution.terminated


def test_a_timer_event_waits_until_it_is_fired():
    board = play(f"""
        startEvent start
        intermediateCatchEvent later | {DURATION}
        userTask remind
        start -> later -> remind
    """, reload=True)  # fmt: skip
    assert board.waiting() == ["later"]
    timer = board.token("later").element.timer
    assert (timer.type, timer.value.literal) == ("duration", "P5D")
    assert board.fire("later").waiting() == ["remind"]


def boundary(definition: str, cancel: str = "true") -> str:
    return f"""
        startEvent start
        userTask work
        boundaryEvent late attachedToRef=work cancelActivity={cancel} | {definition}
        userTask after
        userTask escalate
        start -> work -> after
        late -> escalate
    """


def test_an_interrupting_timer_cancels_its_task():
    board = play(boundary(DURATION), reload=True)
    assert board.waiting() == ["late", "work"]
    board.fire("late")
    assert board.waiting() == ["escalate"]
    assert ("cancelled", "work") in board.log
    assert board.path == ["start", "late"]


def test_completing_the_task_disarms_its_timer():
    board = play(boundary(DURATION), reload=True)
    token = board.token("late")
    assert board.complete("work").waiting() == ["after"]
    assert ("cancelled", "late") in board.log
    with pytest.raises(NotFound):
        board.execution.fire(token.id)


def test_a_non_interrupting_timer_leaves_its_task_open():
    board = play(boundary(DURATION, "false"), reload=True)
    board.fire("late")
    assert board.waiting() == ["escalate", "work"]
    assert board.complete("work").waiting() == ["after", "escalate"]


def test_a_cycle_fires_again_and_again_until_the_last_time():
    board = play(boundary(CYCLE, "false"), reload=True)
    for times in (1, 2):
        board.fire("late")
        assert board.waiting() == ["escalate"] * times + ["late", "work"]
    board.fire("late", last=True)
    assert board.waiting() == ["escalate"] * 3 + ["work"]
    assert board.path.count("late") == 3


def test_a_boundary_event_is_not_completed_like_a_task():
    board = play(boundary(DURATION))
    with pytest.raises(NotFound):
        board.execution.complete(board.token("late").id)


def test_a_timer_whose_time_cannot_be_told_is_parked_beside_its_open_task():
    from tests.runtime.game import Board

    board = Board(boundary(DURATION), reload=True)
    board.breaks["late"] = "entered"
    board.run()
    assert board.waiting() == ["work"]
    assert ("failed", "late", "test.broken") in board.log
    board.breaks.clear()
    assert board.resume("late").waiting() == ["late", "work"]


def test_a_link_goes_on_at_the_catching_event_of_its_name():
    board = play(f"""
        startEvent start
        intermediateThrowEvent away | {LINK.format("page 2")}
        intermediateCatchEvent here | {LINK.format("page 2")}
        userTask work
        start -> away
        here -> work
    """)
    assert board.waiting() == ["work"]
    assert board.path == ["start", "away", "here"]


def failing(catch: str, attributes: str = "") -> str:
    return f"""
        startEvent start
        subProcess inner
            startEvent begin
            userTask check
            userTask beside
            endEvent fail | {ERROR.format("poor")}
            begin -> check -> fail
            begin -> beside
        boundaryEvent caught attachedToRef=inner {attributes} | {catch}
        userTask repair
        endEvent end
        start -> inner -> end
        caught -> repair
    """


@pytest.mark.parametrize("catch", [ERROR.format("poor"), "<bpmn:errorEventDefinition/>"])
def test_an_error_is_caught_by_its_code_or_by_an_event_for_all(catch):
    board = play(failing(catch), roots=ERRORS, reload=True)
    board.complete("check")
    assert board.waiting() == ["repair"]
    assert board.log[-3:] == [("cancelled", "beside"), ("cancelled", "inner"), ("entered", "repair")]
    assert board.path == ["start", "begin", "check", "fail", "caught"]


def test_an_error_that_nothing_catches_is_parked_before_its_end_event():
    board = play(failing(ERROR.format("ill")), roots=ERRORS, reload=True)
    board.complete("check")
    assert board.waiting() == ["beside"]
    assert board.log[-1] == ("failed", "fail", "error.not_caught")


def test_an_error_goes_outwards_to_the_nearest_that_catches_it():
    board = play(f"""
        startEvent start
        subProcess outer
            startEvent s1
            subProcess inner
                startEvent s2
                endEvent fail | {ERROR.format("poor")}
                s2 -> fail
            boundaryEvent other attachedToRef=inner | {ERROR.format("ill")}
            userTask wrong
            s1 -> inner
            other -> wrong
        boundaryEvent caught attachedToRef=outer | {ERROR.format("poor")}
        userTask repair
        start -> outer
        caught -> repair
    """, roots=ERRORS, reload=True)  # fmt: skip
    assert board.waiting() == ["repair"]


def test_a_worker_throws_an_error_out_of_its_job():
    board = play(f"""
        startEvent start
        serviceTask pay | <zeebe:taskDefinition type="pay"/>
        boundaryEvent caught attachedToRef=pay | {ERROR.format("poor")}
        userTask repair
        start -> pay
        caught -> repair
    """, roots=ERRORS)  # fmt: skip
    job = board.token("pay")
    assert not board.execution.throw_error(job.id, "SOMETHING_ELSE")
    assert board.waiting() == ["pay"]
    assert board.execution.throw_error(job.id, "NO_MONEY")
    assert board.run().waiting() == ["repair"]


def test_an_operator_terminates_an_instance():
    board = play(boundary(DURATION), reload=True)
    board.execution.terminate()
    board.run()
    assert board.ended
    assert board.execution.terminated
    assert sorted(entry[1] for entry in board.log if entry[0] == "cancelled") == ["late", "work"]


def test_an_armed_event_throws_no_error_after_it_is_gone():
    board = play(boundary(DURATION), reload=True)
    armed = board.token("late").id
    board.complete("work")
    with pytest.raises(NotFound):
        board.execution.throw_error(armed, "NO_MONEY")
