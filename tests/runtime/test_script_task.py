"""Script tasks (BPMN 2.0.2, 10.3.3 and 13.3.3): a FEEL expression, done at once."""

from tests.runtime.drawing import SCRIPT
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put


def test_a_script_task_is_done_at_once_and_its_value_is_seen_by_what_follows():
    board = play(f"""
        startEvent start
        scriptTask double | {SCRIPT.format("amount * 2", "doubled")}
        exclusiveGateway big
        userTask yes
        userTask no
        start -> double -> big
        big -> yes: doubled > 10
        big -> no: default
    """, amount=6)  # fmt: skip
    assert board.waiting() == ["yes"]


@at_each_place
def test_it_is_done_wherever_it_stands(place):
    script = SCRIPT.format("n + 1", "n")
    stage = put(place, f"startEvent start\nscriptTask add | {script}\nendEvent end\nstart -> add -> end", n=0)
    assert stage.over
    assert stage.variables["n"] == stage.copies
