"""Conditional events (BPMN 2.0.2, 10.5.5): they happen when their condition becomes true."""

from tests.runtime.drawing import SCRIPT
from tests.runtime.game import play
from tests.runtime.places import at_each_place, put

OVER = "<bpmn:conditionalEventDefinition><bpmn:condition>=amount &gt; 100</bpmn:condition></bpmn:conditionalEventDefinition>"
CATCH = f"startEvent s\nintermediateCatchEvent wait | {OVER}\nuserTask after\ns -> wait -> after"
BESIDE = """
startEvent s
parallelGateway split
userTask change
{}
s -> split
split -> change
"""


def test_one_in_the_flow_goes_on_at_once_where_it_holds_already():
    assert play(CATCH, reload=True, amount=101).waiting() == ["after"]


def test_one_in_the_flow_waits_until_another_branch_makes_it_true():
    source = BESIDE.format(f"intermediateCatchEvent wait | {OVER}\nuserTask after\nsplit -> wait -> after")
    board = play(source + "userTask again\nchange -> again", reload=True, amount=100)
    assert board.waiting() == ["change", "wait"]
    assert board.complete("change", amount=101).waiting() == ["after", "again"]
    assert ("happened", "wait") in board.log


def test_a_name_that_nothing_gives_yet_is_not_true():
    assert play(CATCH, reload=True).waiting() == ["wait"]


BORDER = f"""
userTask work
boundaryEvent over attachedToRef=work cancelActivity={{}} | {OVER}
userTask handle
exclusiveGateway back
split -> work
over -> handle
change -> back
back -> change: true
back -> end: default
endEvent end
"""


def test_an_interrupting_one_at_a_border_takes_the_activity_away():
    board = play(BESIDE.format(BORDER.format("true")), reload=True, amount=1)
    assert board.complete("change").waiting() == ["change", "over", "work"]
    assert board.complete("change", amount=200).waiting() == ["change", "handle"]


def test_a_non_interrupting_one_happens_each_time_that_it_becomes_true():
    board = play(BESIDE.format(BORDER.format("false")), reload=True, amount=200)
    assert board.waiting() == ["change", "handle", "over", "work"], "it held when the activity began"
    for amount, handled in ((300, 1), (50, 1), (60, 1), (101, 2), (102, 2), (0, 2), (500, 3)):
        board.complete("change", amount=amount)
        assert board.waiting().count("handle") == handled, amount
    board.complete("work")
    assert "over" not in board.waiting()


def test_a_condition_that_is_true_for_one_automatic_step_is_not_missed():
    script = "scriptTask {} | " + SCRIPT
    up, down = script.format("up", "200", "amount"), script.format("down", "1", "amount")
    border = BORDER.format("false").replace("change -> back", f"{up}\n{down}\nchange -> up -> down -> back")
    board = play(BESIDE.format(border), reload=True, amount=1)
    assert board.complete("change").waiting() == ["change", "handle", "over", "work"]


def test_one_that_starts_an_event_sub_process():
    board = play(
        f"""
        startEvent s
        userTask work
        userTask more
        s -> work -> more
        subProcess handler triggeredByEvent=true
            startEvent over isInterrupting=false | {OVER}
            userTask handle
            over -> handle
        """,
        reload=True,
        amount=1,
    )
    assert board.waiting() == ["over", "work"]
    assert board.complete("work", amount=200).waiting() == ["handle", "more", "over"]
    assert board.complete("handle", "more").ended


def test_behind_an_event_based_gateway_the_first_that_holds_wins():
    from tests.runtime.drawing import DURATION

    source = f"""
        startEvent s
        eventBasedGateway race
        intermediateCatchEvent late | {DURATION}
        intermediateCatchEvent over | {OVER}
        userTask a
        userTask b
        s -> race -> late -> a
        race -> over -> b
    """
    board = play(source, reload=True, amount=200)
    assert board.waiting() == ["b"]
    assert play(source, reload=True, amount=1).waiting() == ["late", "over"]


@at_each_place
def test_one_in_the_flow_waits_until_it_holds_wherever_it_stands(place):
    stage = put(place, CATCH, amount=1)
    assert stage.here == ["wait"]
    stage.variables["amount"] = 101
    assert stage.run().waiting() == ["after"] * stage.copies


@at_each_place
def test_at_each_place_it_happens_when_its_condition_becomes_true(place):
    steps = BESIDE.format(
        f"intermediateCatchEvent wait | {OVER}\nuserTask after\nsplit -> wait -> after"
    ).strip()
    stage = put(place, steps, amount=1)
    assert stage.here == ["change", "wait"]
    assert stage.every("change", amount=200).here == ["after"]
    assert stage.every("after").over
