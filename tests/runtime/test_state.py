"""The state of an instance: small, flat in the length of its history, and readable by later versions."""

from __future__ import annotations

import pytest

from engine.errors import BihuanError
from engine.runtime import Definition, Execution
from tests.runtime.drawing import CYCLE
from tests.runtime.game import Board, play
from tests.runtime.test_call_activity import CALLED, CALLER

REWORK = """
startEvent start
exclusiveGateway again
userTask fill
userTask review
exclusiveGateway good
endEvent end
start -> again -> fill -> review -> good
good -> again: rework
good -> end: default
"""

BESIDE_A_WAITING_BRANCH = """
startEvent start
parallelGateway fork
userTask waiting
exclusiveGateway again
userTask fill
userTask review
exclusiveGateway good
parallelGateway join
endEvent end
start -> fork -> again -> fill -> review -> good
fork -> waiting -> join -> end
good -> again: rework
good -> join: default
"""

UNDER_A_BOUNDARY_EVENT = f"""
startEvent start
subProcess work
    startEvent begin
    exclusiveGateway again
    userTask fill
    userTask review
    exclusiveGateway good
    endEvent done
    begin -> again -> fill -> review -> good
    good -> again: rework
    good -> done: default
boundaryEvent remind attachedToRef=work cancelActivity=false | {CYCLE}
endEvent reminded
endEvent end
start -> work -> end
remind -> reminded
"""


@pytest.mark.parametrize("process", [REWORK, BESIDE_A_WAITING_BRANCH, UNDER_A_BOUNDARY_EVENT])
@pytest.mark.parametrize("reload", [True, False])
def test_a_thousand_laps_of_rework_leave_the_state_as_small_as_one(process, reload):
    board = play(process, reload=reload, rework=True)
    board.complete("fill", "review")
    one_lap, live = len(board.execution.dump()), len(board.execution.process.tasks)
    for lap in range(1000):
        board.complete("fill", "review")
        if "remind" in board.waiting() and lap % 100 == 0:
            board.fire("remind")
    assert len(board.execution.dump()) <= one_lap + 12  # token ids grow by a byte or two
    assert len(board.execution.process.tasks) == live
    board.complete("fill", "review", rework=False)
    if "waiting" in board.waiting():
        board.complete("waiting")
    assert board.ended


def test_a_parked_token_is_parked_after_a_reload():
    board = play("startEvent s\nuserTask a\nexclusiveGateway g\nuserTask b\nuserTask c\n"
                 "s -> a -> g\ng -> b: x\ng -> c: default", reload=True)  # fmt: skip
    board.complete("a")
    board.run()
    assert [token.element.id for token in board.execution.parked()] == ["g"]
    assert board.log.count(("failed", "g", "feel.unknown_name")) == 1, (
        "a parked token isn't tried again by itself"
    )


def test_what_was_done_before_a_failure_is_not_done_again():
    board = Board("startEvent s\nuserTask a\nuserTask b\ns -> a -> b", reload=True)
    board.run()
    board.breaks["a"] = "completed"
    board.complete("a")
    assert board.waiting() == []
    assert board.log[-1] == ("failed", "a", "test.broken")
    board.breaks.clear()
    board.resume("a")
    assert board.waiting() == ["b"]
    assert board.log.count(("entered", "a")) == 1


def test_other_branches_go_on_when_one_is_parked():
    board = Board("startEvent s\nuserTask a\nuserTask b\ns -> a\ns -> b")
    board.breaks["a"] = "entered"
    board.run()
    assert board.waiting() == ["b"]
    assert [token.element.id for token in board.execution.parked()] == ["a"]


def test_a_circle_that_never_waits_is_stopped():
    board = play("startEvent s\ntask a\nexclusiveGateway g\ns -> g -> a -> g")
    assert board.log[-1][2] == "run.step_limit"
    assert not board.ended


def test_a_stored_table_of_names_decides_the_places_whatever_the_order_of_the_file():
    board = play(BESIDE_A_WAITING_BRANCH, rework=True).complete("fill")
    turned = Definition.compile(board.model, {}, [*reversed(board.definition.names)])
    execution = Execution.load(board.definition, board.execution.dump(), board)
    other = Execution.start(turned, board)
    other.run()
    loaded = Execution.load(Definition.compile(board.model, {}, turned.names), other.dump(), board)
    assert [token.element.id for token in loaded.waiting()] == ["waiting", "fill"]
    assert [token.element.id for token in execution.waiting()] == ["waiting", "review"]


def test_elements_that_a_stored_table_lacks_are_named_by_text():
    board = play(BESIDE_A_WAITING_BRANCH, rework=True)
    short = [name for name in board.definition.names if name not in ("p#waiting", "p#join", "p>f6")]
    definition = Definition.compile(board.model, {}, short)
    board.execution = Execution.start(definition, board)
    board.run().complete("waiting")
    blob = board.execution.dump()
    assert b"p#join" in blob
    board.execution = Execution.load(Definition.compile(board.model, {}, short), blob, board)
    assert board.where() == ["fill", "join"]
    assert board.complete("fill", "review", rework=False).ended


def test_a_state_that_names_a_removed_element_is_refused():
    old = play(REWORK)
    other = play("startEvent start\nuserTask other\nstart -> other")
    foreign = Definition.compile(other.model, {}, old.definition.names)
    with pytest.raises(BihuanError) as caught:
        Execution.load(foreign, old.execution.dump(), other)
    assert caught.value.code == "state.name"
    assert caught.value.params["name"] == "p#fill"


def test_an_unknown_format_is_refused():
    board = play(REWORK)
    with pytest.raises(BihuanError) as caught:
        Execution.load(board.definition, b"\x7f" + board.execution.dump()[1:], board)
    assert caught.value.code == "state.format"


#: States as releases wrote them, with what waits in them. They must load and finish for ever.
RELEASED = [
    # 0.1.0, format 1
    (REWORK, (), "019404c2c2919200919404030208", ["review"]),
    (BESIDE_A_WAITING_BRANCH, (), "019408c2c291920092940402020e9408070112", ["waiting"]),
    (
        UNDER_A_BOUNDARY_EVENT,
        (),
        "019407c2c2929200929402010211950308029002920291940705020d",
        ["remind", "review"],
    ),
    (CALLER, (CALLED,), "019404c2c29292009194020102039202919404060208", ["work"]),
]


@pytest.mark.parametrize(("process", "called", "state", "waiting"), RELEASED)
def test_states_of_every_release_load_and_finish(process, called, state, waiting):
    board = Board(process, *called, reload=True, rework=False)
    board.execution = Execution.load(board.definition, bytes.fromhex(state), board)
    assert board.waiting() == waiting
    for _ in range(10):
        people = [name for name in board.waiting() if name != "remind"]
        if people:
            board.complete(people[0])
    assert board.ended
