"""Send tasks (BPMN 2.0.2, 10.3.3 and 13.3.3): they send a message, or let a worker send it, and are done."""

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put
from tests.runtime.test_receive_task import MESSAGES

JOB = """
startEvent start
sendTask tell | <zeebe:taskDefinition type="send"/>
endEvent end
start -> tell -> end
"""


OWN = "startEvent start\nsendTask tell messageRef=m_sent\nendEvent end\nstart -> tell -> end"


def test_a_message_that_a_job_sends_is_a_job():
    message = '<bpmn:extensionElements><zeebe:taskDefinition type="send"/></bpmn:extensionElements>'
    board = play(f"""
        startEvent start
        intermediateThrowEvent tell | <bpmn:messageEventDefinition/>{message}
        endEvent end | <bpmn:messageEventDefinition/>{message}
        start -> tell -> end
    """, reload=True)  # fmt: skip
    assert board.waiting() == ["tell"]
    assert board.complete("tell").waiting() == ["end"]
    assert board.complete("end").ended


def test_without_a_worker_it_sends_its_message_and_goes_on():
    board = play(OWN, roots=MESSAGES)
    assert (board.ended, board.path) == (True, ["start", "tell", "end"])


@at_each_place
def test_a_worker_sends_wherever_it_stands(place):
    stage = put(place, JOB)
    assert stage.here == ["tell"]
    assert stage.every("tell").over


@at_each_place
def test_it_sends_its_message_wherever_it_stands(place):
    stage = put(place, OWN, roots=MESSAGES)
    assert stage.over
    assert stage.path.count("tell") == stage.copies
