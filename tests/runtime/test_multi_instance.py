"""Multi-instance activities (BPMN 2.0.2, 13.3.7 and 10.3.8): one run an item, at once or in order."""

import pytest

from engine.runtime import Execution
from tests.runtime.drawing import SCRIPT, draw, many
from tests.runtime.game import Board, play

JOB = '<zeebe:taskDefinition type="mark"/>'
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"


def service(**options) -> str:
    return f"""
startEvent start
serviceTask mark | {many("units", "unit", zeebe=JOB, **options)}
userTask after
start -> mark -> after
"""


def sub_process(**options) -> str:
    return f"""
startEvent start
subProcess each | {many("units", "unit", **options)}
    startEvent s
    userTask a
    userTask b
    endEvent e
    s -> a -> b -> e
userTask after
start -> each -> after
"""


def items(board: Board, element: str) -> list[int]:
    """The places of the items whose tokens wait at an element."""
    return sorted(token.item for token in board.execution.waiting() if token.element.id == element)


def complete(board: Board, element: str, item: int) -> Board:
    tokens = [token for token in board.execution.waiting() if token.element.id == element]
    board.execution.complete(next(token.id for token in tokens if token.item == item))
    return board.run()


@pytest.mark.parametrize("reload", [False, True])
def test_parallel_items_begin_at_once_and_the_activity_completes_with_the_last(reload):
    board = play(service(), reload=reload, units=["x", "y", "z"])
    assert items(board, "mark") == [0, 1, 2]
    complete(board, "mark", 1)
    complete(board, "mark", 0)
    assert board.path == ["start"]
    complete(board, "mark", 2)
    assert board.waiting() == ["after"]
    assert board.path == ["start", "mark"]


@pytest.mark.parametrize("reload", [False, True])
def test_sequential_items_begin_one_after_the_other_in_the_order_of_the_input(reload):
    board = play(service(sequential=True), reload=reload, units=["x", "y", "z"])
    seen = []
    for place in range(3):
        assert items(board, "mark") == [place]
        (token,) = board.execution.waiting()
        seen.append(board.visible(token)["unit"])
        complete(board, "mark", place)
    assert seen == ["x", "y", "z"]
    assert board.waiting() == ["after"]


@pytest.mark.parametrize("reload", [False, True])
def test_each_item_of_a_sub_process_has_a_scope_of_its_own(reload):
    board = play(sub_process(), reload=reload, units=["x", "y"])
    complete(board, "a", 1)
    assert (items(board, "a"), items(board, "b")) == ([0], [1])
    complete(board, "b", 1)
    complete(board, "a", 0)
    complete(board, "b", 0)
    assert board.waiting() == ["after"]
    assert board.path == ["start", "s", "s", "a", "b", "e", "a", "b", "e", "each"]


def test_an_item_sees_its_element_and_its_counter_from_one():
    board = play(sub_process(), units=["x", "y"])
    seen = [board.visible(token) for token in board.execution.waiting()]
    assert [(one["unit"], one["loopCounter"]) for one in seen] == [("x", 1), ("y", 2)]


def test_the_standards_counts_are_those_of_the_moment():
    board = play(service(), units=["x", "y", "z"])
    complete(board, "mark", 0)
    seen = board.visible(board.token("mark"))
    names = ("numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances")
    assert [seen[name] for name in (*names, "numberOfTerminatedInstances")] == [3, 2, 1, 0]


def test_of_sequential_items_only_one_is_active():
    board = play(service(sequential=True), units=["x", "y", "z"])
    complete(board, "mark", 0)
    seen = board.visible(board.token("mark"))
    assert (seen["numberOfActiveInstances"], seen["numberOfCompletedInstances"]) == (1, 1)


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("reload", [False, True])
def test_outputs_stand_in_the_order_of_the_input_not_of_completion(sequential, reload):
    source = service(output=("results", 'unit + "!"'), sequential=sequential)
    board = play(source, reload=reload, units=["x", "y", "z"])
    for place in [0, 1, 2] if sequential else [2, 0, 1]:
        assert "results" not in board.variables
        complete(board, "mark", place)
    assert board.variables["results"] == ["x!", "y!", "z!"]


@pytest.mark.parametrize("reload", [False, True])
def test_the_completion_condition_is_asked_after_each_item_and_cancels_the_others(reload):
    source = sub_process(
        until="numberOfCompletedInstances / numberOfInstances >= 0.5", output=("results", "unit")
    )
    board = play(source, reload=reload, units=["x", "y", "z", "w"])
    for place in (1, 3):
        complete(board, "a", place)
        assert board.waiting() != ["after"]
        complete(board, "b", place)
    assert board.waiting() == ["after"]
    assert board.variables["results"] == [None, "y", None, "w"]
    cancelled = [name for what, name, *_ in board.log if what == "cancelled"]
    assert cancelled.count("a") == 2
    assert [token.element.id for token in board.execution.tokens()] == ["after"]


def test_sequential_items_after_the_condition_holds_never_begin():
    board = play(service(sequential=True, until="loopCounter = 2"), units=["x", "y", "z"])
    complete(board, "mark", 0)
    complete(board, "mark", 1)
    assert board.waiting() == ["after"]
    assert ("cancelled", "mark") not in board.log


@pytest.mark.parametrize("sequential", [False, True])
def test_an_empty_collection_is_passed(sequential):
    board = play(service(sequential=sequential, output=("results", "unit")), units=[])
    assert board.waiting() == ["after"]
    assert board.path == ["start", "mark"]
    assert board.variables["results"] == []


def test_a_cardinality_counts_without_a_collection():
    source = f"startEvent s\nserviceTask mark | {many(cardinality='n + 1', zeebe=JOB)}\ns -> mark"
    board = play(source, n=2)
    assert items(board, "mark") == [0, 1, 2]


@pytest.mark.parametrize(
    ("units", "code"),
    [(None, "loop.not_a_list"), ("abc", "loop.not_a_list"), (list(range(501)), "loop.too_many")],
)
def test_what_is_no_list_of_at_most_500_stops_the_token_before_the_activity(units, code):
    board = play(service(), units=units)
    assert ("failed", "mark", code) in board.log
    board.variables["units"] = ["x"]
    board.resume("mark")
    assert items(board, "mark") == [0]


@pytest.mark.parametrize("n", [-1, 1.5, None, "3"])
def test_a_cardinality_is_a_whole_number(n):
    source = f"startEvent s\nserviceTask mark | {many(cardinality='n', zeebe=JOB)}\ns -> mark"
    assert ("failed", "mark", "loop.not_a_count") in play(source, n=n).log


BOUNDARY = """
boundaryEvent late attachedToRef={host} {rest} | """ + TIMER + """
userTask meanwhile
late -> meanwhile
"""  # fmt: skip


@pytest.mark.parametrize("reload", [False, True])
def test_an_interrupting_boundary_event_ends_all_items(reload):
    board = play(sub_process() + BOUNDARY.format(host="each", rest=""), reload=reload, units=["x", "y"])
    complete(board, "a", 0)
    assert [token.element.id for token in board.execution.waiting()].count("late") == 1
    board.fire("late")
    assert board.waiting() == ["meanwhile"]
    assert [token.element.id for token in board.execution.tokens()] == ["meanwhile"]


@pytest.mark.parametrize("reload", [False, True])
def test_a_boundary_event_that_interrupts_nothing_leaves_the_items_alone(reload):
    source = service() + BOUNDARY.format(host="mark", rest="cancelActivity=false")
    board = play(source, reload=reload, units=["x", "y"]).fire("late")
    assert board.waiting() == ["mark", "mark", "meanwhile"]
    complete(complete(board, "mark", 0), "mark", 1)
    assert board.waiting() == ["after", "meanwhile"]


ERRORS = '<bpmn:error id="no" errorCode="NO"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="no"/>'


def test_an_error_in_one_item_is_caught_at_the_activity_and_ends_the_others():
    source = f"""
    startEvent start
    subProcess each | {many("units", "unit")}
        startEvent s
        userTask a
        endEvent wrong | {ERROR}
        s -> a -> wrong
    boundaryEvent caught attachedToRef=each | {ERROR}
    userTask repair
    userTask after
    start -> each -> after
    caught -> repair
    """
    board = Board(draw(source, roots=ERRORS), reload=True, units=["x", "y"]).run()
    complete(board, "a", 1)
    assert board.waiting() == ["repair"]


def test_an_external_worker_may_throw_an_error_out_of_an_item():
    source = (
        service() + f"boundaryEvent caught attachedToRef=mark | {ERROR}\nuserTask repair\ncaught -> repair"
    )
    board = Board(draw(source, roots=ERRORS), units=["x", "y"]).run()
    board.execution.throw_error(board.token("mark").id, "NO")
    assert board.run().waiting() == ["repair"]


def test_a_terminate_end_event_ends_only_its_own_item():
    source = f"""
    startEvent start
    subProcess each | {many("units", "unit")}
        startEvent s
        userTask a
        userTask b
        endEvent stop | <bpmn:terminateEventDefinition/>
        s -> a -> stop
        s -> b
    userTask after
    start -> each -> after
    """
    board = play(source, reload=True, units=["x", "y"])
    complete(board, "a", 0)
    assert (items(board, "a"), items(board, "b")) == ([1], [1])
    complete(board, "a", 1)
    assert board.waiting() == ["after"]


NESTED = f"""
startEvent start
subProcess each | {many("units", "unit", output=("all", "tens"))}
    startEvent s
    serviceTask mark | {many("unit.parts", "part", zeebe=JOB, output=("tens", "part * 10"), sequential=True)}
    endEvent e
    s -> mark -> e
userTask after
start -> each -> after
"""


@pytest.mark.parametrize("reload", [False, True])
def test_a_multi_instance_inside_another_repeats_for_each_of_its_items(reload):
    board = play(NESTED, reload=reload, units=[{"parts": [1, 2]}, {"parts": []}, {"parts": [3]}])
    assert len(board.execution.waiting()) == 2
    for _ in range(3):
        board.execution.complete(board.execution.waiting()[0].id)
        board.run()
    assert board.waiting() == ["after"]
    assert board.path.count("mark") == 3
    assert board.path.count("each") == 1


def test_scripts_and_handlers_run_once_an_item_and_undefined_tasks_pass():
    source = f"""
    startEvent start
    scriptTask add | {many("units", "unit", zeebe=SCRIPT.format("total + unit", "total"))}
    serviceTask mark | {many("units", zeebe=JOB)}
    task nothing | {many("units")}
    manualTask hand | {many("units", sequential=True)}
    userTask after
    start -> add -> mark -> nothing -> hand -> after
    """
    board = Board(source, units=[1, 2, 3], total=0)
    calls = []
    board.handlers["mark"] = lambda _: calls.append(1)
    board.run()
    assert (board.variables["total"], len(calls), board.waiting()) == (6, 3, ["after"])
    assert board.path == ["start", "add", "mark", "nothing", "hand"]


def test_a_called_process_runs_once_an_item():
    called = draw("startEvent s\nuserTask inner\nendEvent e\ns -> inner -> e", process="called")
    call = '<zeebe:calledElement processId="called"/>'
    source = f"""
    startEvent start
    callActivity each | {many("units", "unit", zeebe=call)}
    userTask after
    start -> each -> after
    """
    board = play(source, called, reload=True, units=["x", "y"])
    assert items(board, "inner") == [0, 1]
    complete(complete(board, "inner", 1), "inner", 0)
    assert board.waiting() == ["after"]


@pytest.mark.parametrize("broken", ["perform", "gathered"])
def test_a_failure_in_one_item_parks_only_this_one_and_repeats_nothing(broken):
    source = service(output=("results", "unit"))
    board = Board(source, units=["x", "y"])
    calls = []
    board.handlers["mark"] = lambda _: calls.append(1)
    board.breaks["mark"] = broken
    board.run()
    assert [entry for entry in board.log if entry[0] == "failed"] == [("failed", "mark", "test.broken")] * 2
    board.breaks.clear()
    for _ in range(2):
        board.execution.resume(board.execution.parked()[0].id)
        board.run()
    assert board.waiting() == ["after"]
    assert (len(calls), board.variables["results"]) == (2, ["x", "y"])


def test_a_completion_condition_that_fails_can_be_repaired():
    board = play(service(until="enough"), reload=True, units=["x", "y"])
    complete(board, "mark", 0)
    assert ("failed", "mark", "feel.unknown_name") in board.log
    assert board.visible(board.execution.parked()[0])["numberOfCompletedInstances"] == 0
    board.variables["enough"] = True
    board.execution.resume(board.execution.parked()[0].id)
    assert board.run().waiting() == ["after"]


def test_a_token_that_comes_while_the_activity_runs_runs_it_once_more():
    source = service() + "userTask again\nstart -> again\nagain -> mark"
    board = play(source, units=["x"]).complete("again")
    assert items(board, "mark") == [0, 0]


def test_the_state_of_many_items_stays_small():
    board = play(service(), units=list(range(500)))
    assert len(board.execution.waiting()) == 500
    assert len(board.execution.dump()) < 500 * 25
    for token in board.execution.waiting()[1:]:
        board.execution.complete(token.id)
    board.run()
    assert len(board.execution.dump()) < 60


def test_a_command_in_one_item_reads_no_other():
    inside = "    startEvent s\n    userTask work\n    s -> work\n"
    board = play(
        f"startEvent start\nsubProcess each | {many('units')}\n{inside}start -> each", units=list(range(100))
    )
    first, *_, last = [token.id for token in board.execution.waiting()]
    for token in (last, first):
        loaded = Execution.load(board.definition, board.execution.dump(), board)
        loaded.complete(token)
        loaded.run()
        assert len(loaded.process.folded) >= 2 * 98, "each item has a scope, and the sub-process in it"
        assert len(loaded.process.found) < 5
        assert not loaded.is_parked
        board.execution = Execution.load(board.definition, loaded.dump(), board)
    assert len(board.execution.waiting()) == 98


def test_many_items_may_take_many_steps_by_themselves_but_not_for_ever():
    tasks = " -> ".join(f"t{number}" for number in range(30))
    inside = "".join(f"    task t{number}\n" for number in range(30))
    sub = f"subProcess each | {many('units')}\n    startEvent s\n{inside}    s -> {tasks}\n"
    assert play(f"startEvent start\n{sub}start -> each", units=list(range(500))).ended
    lap = f"""
    startEvent start
    exclusiveGateway again
    task each | {many("units")}
    start -> again -> each -> again
    """
    assert "run.step_limit" in {code for _, _, *codes in play(lap, units=[1]).log for code in codes}
