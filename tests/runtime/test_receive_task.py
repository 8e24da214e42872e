"""Receive tasks (BPMN 2.0.2, 10.3.3 and 13.3.3): they wait for their message, and complete when it has come."""

from tests.runtime.drawing import DURATION
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

MESSAGES = (
    '<bpmn:message id="m_paid" name="Paid"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:message id="m_sent" name="Sent"/>'
)
RECEIVE = "receiveTask wait messageRef=m_paid"


def test_it_waits_for_its_message_and_then_goes_on():
    board = play(f"startEvent s\n{RECEIVE}\nuserTask after\ns -> wait -> after", reload=True, roots=MESSAGES)
    assert board.waiting() == ["wait"]
    awaited = board.token("wait").element.awaits
    assert awaited.name.text == "Paid"
    assert awaited.key.text == "order"
    assert board.fire("wait").waiting() == ["after"]
    assert board.path == ["s", "wait"]


def test_what_is_attached_to_it_waits_beside_it_and_goes_with_it():
    board = play(
        f"""
        startEvent s
        {RECEIVE}
        boundaryEvent late attachedToRef=wait | {DURATION}
        userTask after
        userTask chase
        s -> wait -> after
        late -> chase
        """,
        reload=True,
        roots=MESSAGES,
    )
    assert board.waiting() == ["late", "wait"]
    assert board.fire("wait").waiting() == ["after"]
    assert ("cancelled", "late") in board.log


def test_a_boundary_event_takes_it_away():
    board = play(
        f"""
        startEvent s
        {RECEIVE}
        boundaryEvent late attachedToRef=wait | {DURATION}
        userTask chase
        s -> wait
        late -> chase
        """,
        reload=True,
        roots=MESSAGES,
    ).fire("late")
    assert board.waiting() == ["chase"]
    assert ("cancelled", "wait") in board.log


def test_inside_a_sub_process_it_holds_the_scope_open():
    board = play(
        f"""
        startEvent s
        subProcess sub
            startEvent in
            {RECEIVE}
            endEvent out
            in -> wait -> out
        userTask after
        s -> sub -> after
        """,
        reload=True,
        roots=MESSAGES,
    )
    assert board.where() == ["sub", "wait"]
    assert board.fire("wait").waiting() == ["after"]
    assert board.path == ["s", "in", "wait", "out", "sub"]


@at_each_place
def test_it_waits_for_its_message_wherever_it_stands(place):
    stage = put(place, f"startEvent s\n{RECEIVE}\nendEvent e\ns -> wait -> e", roots=MESSAGES)
    assert stage.here == ["wait"]
    assert stage.every("wait").over


@at_each_place
def test_at_each_place_it_completes_when_its_message_has_come(place):
    stage = put(place, f"startEvent s\n{RECEIVE}\nuserTask after\ns -> wait -> after", roots=MESSAGES)
    assert stage.every("wait").here == ["after"]
    assert stage.every("after").over
