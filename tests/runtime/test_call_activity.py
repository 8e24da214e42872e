"""Call activities (BPMN 2.0.2, 10.3.4 and 13.3.4): another process, run inside its caller."""

from tests.runtime.drawing import DURATION, draw
from tests.runtime.game import Board, play

CALLER = """
startEvent start
callActivity call | <zeebe:calledElement processId="called"/>
userTask after
start -> call -> after
"""


CALLED = draw(
    """
    startEvent start
    userTask work
    endEvent end
    start -> work -> end
    """,
    process="called",
)


def test_a_called_process_runs_inside_its_caller():
    board = play(CALLER, CALLED, reload=True)
    token = board.token("work")
    assert token.process_id == "called"
    assert token.scope == next(t.id for t in board.execution.tokens() if t.element.id == "call")
    assert board.complete("work").waiting() == ["after"]
    assert board.path == ["start", "start", "work", "end", "call"]


def test_equal_ids_in_caller_and_called_are_kept_apart():
    board = play(CALLER, CALLED)
    names = board.definition.names
    assert {"p#start", "called#start"} <= set(names)


def test_a_process_that_calls_itself_for_ever_is_stopped():
    source = draw(
        "startEvent s\ncallActivity again | <zeebe:calledElement processId='me'/>\ns -> again", process="me"
    )
    board = Board(source, source).run()
    assert board.log[-1] == ("failed", "again", "run.depth_limit")
    assert not board.ended


def test_it_is_interrupted_with_all_that_the_called_process_does():
    late = f"boundaryEvent late attachedToRef=call | {DURATION}\nuserTask hurry\nlate -> hurry"
    board = play(CALLER + late, CALLED, reload=True).fire("late")
    assert board.waiting() == ["hurry"]
    assert [entry[1] for entry in board.log if entry[0] == "cancelled"] == ["work", "call"]


def test_it_is_called_in_a_sub_process_and_by_a_called_process():
    inner = draw(
        """
        startEvent s
        subProcess around
            startEvent s1
            callActivity call | <zeebe:calledElement processId="called"/>
            s1 -> call
        endEvent e
        s -> around -> e
        """,
        process="between",
    )
    caller = CALLER.replace('"called"', '"between"')
    board = play(caller, inner, CALLED, reload=True)
    assert board.token("work").process_id == "called"
    assert board.complete("work").waiting() == ["after"]


def test_a_call_of_a_process_that_is_not_there_stops_before_it():
    board = play(CALLER, reload=True)
    assert board.log[-1] == ("failed", "call", "call.not_there")
    assert board.where() == ["call"]
