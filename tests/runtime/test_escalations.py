"""Escalation events (BPMN 2.0.2, 10.5.6): thrown outwards without stopping who throws."""

import pytest

from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

ESCALATIONS = (
    '<bpmn:escalation id="late" escalationCode="LATE"/><bpmn:escalation id="big" escalationCode="BIG"/>'
)
DEFINITION = '<bpmn:escalationEventDefinition escalationRef="{}"/>'


def process(catch: str, cancel: str = "true", throws: str = "intermediateThrowEvent") -> str:
    return f"""
        startEvent start
        subProcess inner
            startEvent begin
            userTask work
            {throws} tell | {DEFINITION.format("late")}
            userTask rest
            begin -> work -> tell
            {"tell -> rest" if throws != "endEvent" else "begin -> rest"}
        boundaryEvent caught attachedToRef=inner cancelActivity={cancel} | {catch}
        userTask chief
        userTask after
        start -> inner -> after
        caught -> chief
    """


def test_a_non_interrupting_event_lets_the_sub_process_go_on():
    board = play(process(DEFINITION.format("late"), "false"), roots=ESCALATIONS, reload=True).complete("work")
    assert board.waiting() == ["chief", "rest"]
    assert board.complete("rest").waiting() == ["after", "chief"]


@pytest.mark.parametrize("throws", ["intermediateThrowEvent", "endEvent"])
def test_an_interrupting_event_cancels_the_sub_process(throws):
    source = process(DEFINITION.format("late"), throws=throws)
    board = play(source, roots=ESCALATIONS, reload=True).complete("work")
    assert board.waiting() == ["chief"]
    assert board.path == ["start", "begin", "work", "tell", "caught"]


def test_an_event_without_a_code_catches_every_escalation():
    board = play(process("<bpmn:escalationEventDefinition/>", "false"), roots=ESCALATIONS).complete("work")
    assert board.waiting() == ["chief", "rest"]


def test_an_escalation_that_nothing_catches_has_no_effect():
    board = play(process(DEFINITION.format("big")), roots=ESCALATIONS).complete("work")
    assert board.waiting() == ["rest"]
    assert all(entry[0] != "failed" for entry in board.log)


def test_it_fires_each_time_it_is_thrown():
    board = play(f"""
        startEvent start
        subProcess inner
            startEvent begin
            exclusiveGateway again
            userTask work
            intermediateThrowEvent tell | {DEFINITION.format("late")}
            begin -> again -> work -> tell -> again
        boundaryEvent caught attachedToRef=inner cancelActivity=false | {DEFINITION.format("late")}
        userTask chief
        start -> inner
        caught -> chief
    """, roots=ESCALATIONS, reload=True)  # fmt: skip
    assert board.complete("work", "work", "work").waiting() == ["chief", "chief", "chief", "work"]


def test_its_code_may_be_computed_where_it_is_thrown():
    roots = ESCALATIONS.replace('"LATE"', '"=level"')
    source = process(DEFINITION.format("big"), "false")
    assert play(source, roots=roots, level="BIG").complete("work").waiting() == ["chief", "rest"]
    board = play(source, roots=roots, level=3).complete("work")
    assert board.log[-1] == ("failed", "tell", "error.code_not_text")
    board.variables["level"] = "BIG"
    assert board.resume("tell").waiting() == ["chief", "rest"]


@at_each_place
def test_it_is_caught_wherever_it_stands(place):
    steps = process(DEFINITION.format("late"), "false")
    stage = put(place, steps, roots=ESCALATIONS).every("work")
    assert stage.here == ["chief", "rest"]
    assert stage.every("rest", "chief").every("after").over
