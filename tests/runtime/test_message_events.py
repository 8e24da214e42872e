"""Message events (BPMN 2.0.2, 10.5.4, 10.5.5, 13.5): caught in the flow, at a border, in a scope; thrown; at a start."""

import pytest

from engine.errors import NotFound
from tests.runtime.drawing import DURATION, draw
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put
from tests.runtime.test_receive_task import MESSAGES

PAID = '<bpmn:messageEventDefinition messageRef="m_paid"/>'
SENT = '<bpmn:messageEventDefinition messageRef="m_sent"/>'


def test_an_intermediate_one_waits_for_its_message():
    board = play(
        f"startEvent s\nintermediateCatchEvent wait | {PAID}\nuserTask after\ns -> wait -> after",
        reload=True,
        roots=MESSAGES,
    )
    assert board.waiting() == ["wait"]
    assert board.fire("wait").waiting() == ["after"]


BORDER = f"""
startEvent s
userTask work
boundaryEvent told attachedToRef=work cancelActivity={{}} | {PAID}
userTask handle
endEvent e
s -> work -> e
told -> handle
"""


def test_an_interrupting_one_at_a_border_takes_the_activity_away():
    board = play(BORDER.format("true"), reload=True, roots=MESSAGES)
    assert board.waiting() == ["told", "work"]
    assert board.fire("told").waiting() == ["handle"]
    assert ("cancelled", "work") in board.log
    assert board.complete("handle").path == ["s", "told", "handle"]


def test_a_non_interrupting_one_at_a_border_happens_again_and_again():
    board = play(BORDER.format("false"), reload=True, roots=MESSAGES).fire("told").fire("told").fire("told")
    assert board.waiting() == ["handle", "handle", "handle", "told", "work"]
    board.complete("work")
    assert board.waiting() == ["handle", "handle", "handle"], "it is gone with its activity"
    assert board.complete("handle", "handle", "handle").ended


def test_a_non_interrupting_one_at_a_sub_process_happens_again_and_again():
    board = play(
        f"""
        startEvent s
        subProcess sub
            startEvent in
            userTask work
            in -> work
        boundaryEvent told attachedToRef=sub cancelActivity=false | {PAID}
        endEvent noted
        endEvent e
        s -> sub -> e
        told -> noted
        """,
        reload=True,
        roots=MESSAGES,
    )
    size = len(board.execution.dump())
    for _ in range(200):
        board.fire("told")
    assert len(board.execution.dump()) <= size + 8
    assert board.complete("work").ended
    assert board.path.count("noted") == 200


HANDLER = f"""
startEvent s
userTask work
endEvent e
s -> work -> e
subProcess handler triggeredByEvent=true
    startEvent told isInterrupting={{}} | {PAID}
    userTask handle
    told -> handle
"""


def test_one_that_starts_an_event_sub_process_interrupts_its_scope():
    board = play(HANDLER.format("true"), reload=True, roots=MESSAGES)
    assert board.waiting() == ["told", "work"]
    board.fire("told")
    assert board.waiting() == ["handle"]
    assert ("cancelled", "work") in board.log
    assert board.complete("handle").ended


def test_one_that_does_not_interrupt_starts_it_each_time():
    board = play(HANDLER.format("false"), reload=True, roots=MESSAGES).fire("told").fire("told")
    assert board.waiting() == ["handle", "handle", "told", "work"]
    board.complete("work")
    assert not board.ended
    board.fire("told")
    assert board.complete("handle", "handle", "handle").ended


def test_inside_a_sub_process_it_is_armed_with_that_scope_only():
    inner = "\n".join(f"    {line}" for line in HANDLER.format("true").strip().splitlines())
    board = play(
        f"startEvent first\nuserTask before\nsubProcess sub\n{inner}\nuserTask after\n"
        "first -> before -> sub -> after",
        reload=True,
        roots=MESSAGES,
    )
    assert board.waiting() == ["before"]
    board.complete("before")
    assert board.waiting() == ["told", "work"]
    armed = board.token("told").id
    board.fire("told").complete("handle")
    assert board.waiting() == ["after"]
    with pytest.raises(NotFound):
        board.execution.fire(armed)


def test_in_a_called_process_it_waits_inside_the_caller():
    called = draw(
        f"startEvent in\nintermediateCatchEvent wait | {PAID}\nin -> wait", process="q", roots=MESSAGES
    )
    board = play(
        "startEvent s\ncallActivity call calledElement=q\nuserTask after\ns -> call -> after",
        called,
        reload=True,
    )
    assert board.token("wait").process_id == "q"
    assert board.fire("wait").waiting() == ["after"]


def test_messages_and_times_race_behind_an_event_based_gateway():
    source = f"""
        startEvent s
        eventBasedGateway race
        intermediateCatchEvent paid | {PAID}
        intermediateCatchEvent sent | {SENT}
        intermediateCatchEvent late | {DURATION}
        userTask a
        userTask b
        userTask c
        s -> race -> paid -> a
        race -> sent -> b
        race -> late -> c
    """
    for winner, after in (("paid", "a"), ("sent", "b"), ("late", "c")):
        board = play(source, reload=True, roots=MESSAGES)
        assert board.waiting() == ["late", "paid", "sent"]
        assert board.fire(winner).waiting() == [after]
        assert board.path == ["s", "race", winner]


def test_receive_task_may_follow_an_event_based_gateway():
    board = play(
        f"""
        startEvent s
        eventBasedGateway race
        receiveTask paid messageRef=m_paid
        intermediateCatchEvent late | {DURATION}
        userTask a
        s -> race -> paid -> a
        race -> late -> a
        """,
        reload=True,
        roots=MESSAGES,
    )
    assert board.fire("paid").waiting() == ["a"]


@pytest.mark.parametrize(
    "thrower",
    [f"intermediateThrowEvent send | {SENT}", f"endEvent send | {SENT}", "sendTask send messageRef=m_sent"],
)
def test_what_throws_is_done_by_the_host_and_goes_on(thrower):
    board = play(f"startEvent s\n{thrower}\ns -> send", roots=MESSAGES)
    assert ("perform", "send") in board.log
    assert board.ended
    assert board.path == ["s", "send"]


@at_each_place
def test_at_each_place_one_at_a_border_interrupts_or_not(place):
    stage = put(place, BORDER.format("true"), roots=MESSAGES)
    assert stage.every("told").here == ["handle"]
    assert stage.every("handle").over
    stage = put(place, BORDER.format("false"), roots=MESSAGES)
    assert stage.every("told").here == ["handle", "told", "work"]
    assert stage.every("work", "handle").over


@at_each_place
def test_at_each_place_one_starts_an_event_sub_process_of_that_scope(place):
    stage = put(place, HANDLER.format("false"), roots=MESSAGES)
    assert stage.every("told").here == ["handle", "told", "work"]
    assert stage.every("handle", "work").over
    stage = put(place, HANDLER.format("true"), roots=MESSAGES)
    assert stage.every("told").here == ["handle"]
    assert stage.every("handle").over
