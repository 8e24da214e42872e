"""Start events of a process (BPMN 2.0.2, 10.5.2 and 13.2): each begins an instance of its own, at its own place."""

import pytest

from engine.runtime import Definition, Execution
from tests.runtime.drawing import DURATION, draw
from tests.runtime.game import Board, sound
from tests.runtime.test_message_events import PAID
from tests.runtime.test_receive_task import MESSAGES
from tests.runtime.test_signal_events import CLOSED, SIGNALS

STARTS = draw(
    f"""
    startEvent plain
    startEvent paid | {PAID}
    startEvent told | {CLOSED}
    startEvent due | {DURATION}
    userTask a
    userTask b
    plain -> a
    paid -> b
    told -> b
    due -> b
    """,
    roots=MESSAGES + SIGNALS,
)


@pytest.mark.parametrize(
    ("event", "first", "waits"),
    [(None, "plain", "a"), ("paid", "paid", "b"), ("told", "told", "b"), ("due", "due", "b")],
)
def test_one_token_begins_at_the_event_that_happened(event, first, waits):
    definition, board = Definition.compile(sound(STARTS)), Board(STARTS)
    execution = Execution.start(definition, board, event)
    execution.run()
    assert [token.element.id for token in execution.waiting()] == [waits]
    assert board.path == [first]
    assert board.log == [("entered", waits)], "what has happened isn't waited for"


def test_event_sub_processes_are_armed_whatever_began_the_instance():
    source = draw(
        f"""
        startEvent paid | {PAID}
        userTask a
        paid -> a
        subProcess handler triggeredByEvent=true
            startEvent told | {CLOSED}
            userTask b
            told -> b
        """,
        roots=MESSAGES + SIGNALS,
    )
    execution = Execution.start(Definition.compile(sound(source)), Board.__new__(Board), "paid")
    assert [token.element.id for token in execution.tokens()] == ["paid"]
    assert {token.task_spec.element.id for token in execution.process.live()} == {"paid", "told"}
