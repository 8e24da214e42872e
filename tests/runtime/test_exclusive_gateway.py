"""Exclusive gateways (BPMN 2.0.2, 13.4.2)."""

from tests.runtime.game import Board, play
from tests.runtime.places import at_each_place, put

CHOICE = """
startEvent start
exclusiveGateway size
userTask large
userTask middle
userTask small
start -> size
size -> large: amount > 100
size -> middle: amount > 10
size -> small: default
"""


def test_the_first_condition_that_holds_decides():
    assert play(CHOICE, amount=500).waiting() == ["large"]
    assert play(CHOICE, amount=50).waiting() == ["middle"]


def test_the_default_flow_is_taken_when_no_condition_holds():
    assert play(CHOICE, amount=5).waiting() == ["small"]


def test_conditions_are_asked_in_the_order_in_which_the_gateway_lists_its_flows():
    source = Board(CHOICE, amount=500).model
    assert [flow.id for flow in source.outgoing(source.elements["size"])] == ["f2", "f3", "f4"]
    listed = '<bpmn:outgoing xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">f3</bpmn:outgoing>'
    reordered = f"""
        startEvent start
        exclusiveGateway size | {listed}
        userTask large
        userTask middle
        start -> size
        size -> large: amount > 100
        size -> middle: amount > 10
    """
    assert play(reordered, amount=500).waiting() == ["middle"]


WITHOUT_DEFAULT = """
startEvent start
userTask fill
exclusiveGateway size
userTask large
userTask small
start -> fill -> size
size -> large: amount > 100
size -> small: amount < 10
"""


def test_where_no_condition_holds_the_token_is_parked_before_the_gateway():
    board = play(WITHOUT_DEFAULT, amount=50).complete("fill")
    assert board.log[-1] == ("failed", "size", "gateway.no_flow")
    assert (board.path, board.waiting()) == (["start", "fill"], [])
    assert [token.element.id for token in board.execution.parked()] == ["size"]
    board.variables["amount"] = 500
    assert board.resume("size").waiting() == ["large"]
    assert board.path == ["start", "fill", "size"]


def test_a_condition_that_is_no_boolean_stops_the_token():
    board = play(WITHOUT_DEFAULT, amount="much").complete("fill")
    assert board.log[-1] == ("failed", "size", "condition.not_boolean")


def test_a_condition_with_an_unknown_name_stops_the_token():
    board = play(WITHOUT_DEFAULT).complete("fill")
    assert board.log[-1] == ("failed", "size", "feel.unknown_name")


def test_a_merge_lets_every_token_through():
    board = play("""
        startEvent start
        userTask a
        userTask b
        exclusiveGateway merge
        userTask c
        start -> a -> merge -> c
        start -> b -> merge
    """).complete("a", "b")
    assert board.waiting() == ["c", "c"]


@at_each_place
def test_it_takes_one_way_wherever_it_stands(place):
    stage = put(place, """
        startEvent start
        exclusiveGateway which
        userTask large
        userTask small
        start -> which
        which -> large: amount > 10
        which -> small: default
    """, amount=11)  # fmt: skip
    assert stage.here == ["large"]
    assert stage.every("large").over
