"""User, service, script, business rule, manual and undefined tasks (BPMN 2.0.2, 13.3.3)."""

import pytest

from engine.errors import NotFound
from tests.runtime.drawing import SCRIPT
from tests.runtime.game import play

LINE = """
startEvent start
userTask fill
userTask review
endEvent end
start -> fill -> review -> end
"""


def test_a_user_task_waits_until_it_is_completed():
    board = play(LINE)
    assert board.waiting() == ["fill"]
    board.complete("fill")
    assert (board.path, board.waiting(), board.ended) == (["start", "fill"], ["review"], False)
    board.complete("review")
    assert (board.path, board.waiting(), board.ended) == (["start", "fill", "review", "end"], [], True)


def test_a_task_is_completed_once():
    board = play(LINE)
    token = board.token("fill")
    board.complete("fill")
    with pytest.raises(NotFound):
        board.execution.complete(token.id)


def test_a_token_tells_by_which_flow_it_came_and_in_which_process_it_is():
    token = play(LINE).complete("fill").token("review")
    assert (token.flows, token.scope, token.process_id) == (("f2",), 0, "p")


def test_manual_and_undefined_tasks_are_passed():
    board = play("""
        startEvent start
        manualTask post
        task think
        endEvent end
        start -> post -> think -> end
    """)
    assert board.ended
    assert board.path == ["start", "post", "think", "end"]


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


SERVICE = """
startEvent start
serviceTask pay | <zeebe:taskDefinition type="budget.pay"/>
endEvent end
start -> pay -> end
"""


def test_a_service_task_without_a_handler_waits_for_an_external_worker():
    board = play(SERVICE)
    assert (board.waiting(), board.log) == (["pay"], [("entered", "pay")])
    assert board.complete("pay").ended


def test_a_service_task_with_a_handler_is_done_at_once():
    def pay(board):
        board.variables["paid"] = True

    from tests.runtime.game import Board

    board = Board(SERVICE)
    board.handlers["budget.pay"] = pay
    board.run()
    assert board.ended
    assert board.variables["paid"] is True


def test_a_business_rule_task_is_done_by_the_host():
    board = play("""
        startEvent start
        businessRuleTask route | <zeebe:calledDecision decisionId="routing" resultVariable="route"/>
        endEvent end
        start -> route -> end
    """)
    assert board.ended
    assert ("perform", "route") in board.log


def test_each_token_that_arrives_at_a_task_starts_it_anew():
    board = play("""
        startEvent start
        parallelGateway fork
        userTask a
        userTask b
        userTask both
        endEvent end
        start -> fork -> a -> both -> end
        fork -> b -> both
    """)
    board.complete("a", "b")
    assert board.waiting() == ["both", "both"]
    assert board.complete("both", "both").ended


def test_a_task_with_two_ways_out_takes_both_and_a_conditional_one_where_it_holds():
    board = play("""
        startEvent start
        userTask review
        userTask always
        userTask large
        userTask small
        start -> review -> always
        review -> large: amount > 100
        review -> small: amount <= 100
    """, amount=500)  # fmt: skip
    assert board.complete("review").waiting() == ["always", "large"]


def test_a_process_ends_only_when_its_last_token_is_gone():
    board = play("""
        startEvent start
        userTask a
        userTask b
        endEvent end
        start -> a -> end
        start -> b
    """)
    assert not board.complete("a").ended
    assert board.complete("b").ended


def test_a_message_that_a_job_sends_is_a_job():
    message = '<bpmn:extensionElements><zeebe:taskDefinition type="send"/></bpmn:extensionElements>'
    board = play(f"""
        startEvent start
        intermediateThrowEvent tell | <bpmn:messageEventDefinition/>{message}
        endEvent end | <bpmn:messageEventDefinition/>{message}
        start -> tell -> end
    """, reload=True)  # fmt: skip
    assert board.waiting() == ["tell"]
    assert board.complete("tell").waiting() == ["end"]
    assert board.complete("end").ended
