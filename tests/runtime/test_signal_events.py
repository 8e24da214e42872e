"""Signal events (BPMN 2.0.2, 10.5.7): what is thrown reaches all that await it at that moment, in the same instance too."""

import pytest

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

SIGNALS = '<bpmn:signal id="g_closed" name="year closed"/><bpmn:signal id="g_other" name="other"/>'
CLOSED = '<bpmn:signalEventDefinition signalRef="g_closed"/>'
OTHER = '<bpmn:signalEventDefinition signalRef="g_other"/>'


def test_one_that_is_caught_in_the_flow_waits():
    board = play(
        f"startEvent s\nintermediateCatchEvent wait | {CLOSED}\nuserTask after\ns -> wait -> after",
        reload=True,
        roots=SIGNALS,
    )
    assert board.waiting() == ["wait"]
    assert board.fire("wait").waiting() == ["after"]


THROW = f"""
startEvent s
parallelGateway split
intermediateCatchEvent first | {CLOSED}
intermediateCatchEvent second | {CLOSED}
intermediateCatchEvent third | {OTHER}
userTask ready
{{}} throw | {CLOSED}
userTask a
userTask b
userTask c
s -> split
split -> first -> a
split -> second -> b
split -> third -> c
split -> ready -> throw
"""


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
def test_all_that_await_it_in_the_instance_go_on_at_once(kind):
    board = play(THROW.format(kind), reload=True, roots=SIGNALS)
    assert board.waiting() == ["first", "ready", "second", "third"]
    assert board.complete("ready").waiting() == ["a", "b", "third"]


def test_it_does_not_wait_for_those_that_come_later():
    board = play(
        f"startEvent s\nintermediateThrowEvent throw | {CLOSED}\nintermediateCatchEvent wait | {CLOSED}\n"
        "s -> throw -> wait",
        reload=True,
        roots=SIGNALS,
    )
    assert board.waiting() == ["wait"]


@pytest.mark.parametrize(
    ("interrupting", "left"), [("true", ["handle"]), ("false", ["handle", "told", "work"])]
)
def test_at_a_border_it_interrupts_or_not(interrupting, left):
    board = play(
        f"""
        startEvent s
        userTask work
        boundaryEvent told attachedToRef=work cancelActivity={interrupting} | {CLOSED}
        userTask handle
        s -> work
        told -> handle
        """,
        reload=True,
        roots=SIGNALS,
    )
    assert board.fire("told").waiting() == left


def test_an_end_event_starts_an_event_sub_process_before_its_scope_ends():
    board = play(
        f"""
        startEvent s
        userTask work
        endEvent throw | {CLOSED}
        s -> work -> throw
        subProcess handler triggeredByEvent=true
            startEvent told isInterrupting=false | {CLOSED}
            userTask handle
            told -> handle
        """,
        reload=True,
        roots=SIGNALS,
    ).complete("work")
    assert not board.ended
    assert board.waiting() == ["handle", "told"]
    assert board.complete("handle").ended


def test_thrown_inside_a_sub_process_it_takes_that_sub_process_away():
    board = play(
        f"""
        startEvent s
        subProcess sub
            startEvent in
            userTask work
            parallelGateway split
            userTask other
            intermediateThrowEvent throw | {CLOSED}
            userTask after
            in -> work -> split
            split -> throw -> after
            split -> other
        boundaryEvent told attachedToRef=sub | {CLOSED}
        userTask handle
        s -> sub
        told -> handle
        """,
        reload=True,
        roots=SIGNALS,
    ).complete("work")
    assert board.waiting() == ["handle"]
    assert board.where() == ["handle"]
    assert board.complete("handle").ended


def test_in_a_called_process_it_reaches_the_caller():
    from tests.runtime.drawing import draw

    called = draw(f"startEvent in\nendEvent throw | {CLOSED}\nin -> throw", process="q", roots=SIGNALS)
    board = play(
        f"""
        startEvent s
        parallelGateway split
        intermediateCatchEvent wait | {CLOSED}
        userTask before
        callActivity call calledElement=q
        userTask after
        s -> split
        split -> wait -> after
        split -> before -> call
        """,
        called,
        reload=True,
        roots=SIGNALS,
    ).complete("before")
    assert board.waiting() == ["after"]


@at_each_place
def test_it_reaches_what_awaits_it_in_every_scope_of_the_instance(place):
    """A signal is broadcast: thrown in one item, it also reaches those that wait in the others (10.5.7)."""
    stage = put(place, THROW.format("endEvent"), roots=SIGNALS)
    stage.complete("ready")
    assert {"first", "second"}.isdisjoint(stage.waiting())
    assert stage.waiting().count("a") == stage.copies
    assert stage.waiting().count("third") == stage.copies


@at_each_place
def test_at_each_place_one_that_is_thrown_reaches_every_copy(place):
    steps = f"""startEvent s
parallelGateway split
intermediateCatchEvent wait | {CLOSED}
userTask work
intermediateThrowEvent throw | {CLOSED}
userTask after
s -> split
split -> wait -> after
split -> work -> throw"""
    stage = put(place, steps, roots=SIGNALS)
    assert stage.here == ["wait", "work"]
    stage.complete("work")
    assert stage.waiting().count("after") == stage.copies, "one throw is enough for all that await it"
    assert "wait" not in stage.waiting()


@at_each_place
def test_at_each_place_one_at_a_border_interrupts(place):
    steps = f"""startEvent s
userTask work
boundaryEvent told attachedToRef=work | {CLOSED}
userTask handle
s -> work
told -> handle"""
    stage = put(place, steps, roots=SIGNALS)
    assert stage.every("told").here == ["handle"]
    assert stage.every("handle").over
