"""Error events (BPMN 2.0.2, 10.5.3 to 10.5.7 and 13.5): thrown by an end event or a worker, caught by the nearest."""

import pytest

from tests.runtime.drawing import ERROR, ERRORS
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put


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


@at_each_place
def test_it_is_caught_wherever_it_stands(place):
    stage = put(place, failing(ERROR.format("poor")), roots=ERRORS).every("check")
    assert stage.here == ["repair"]
    assert stage.every("repair").over
