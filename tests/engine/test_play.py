"""``bihuan play``: the real engine, answers in order, a clock that is stepped; the shape that other tools rely on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from engine import HandlerContext, handler, hookimpl
from engine.play import play
from engine.plugins import Handler, load_plugins
from engine.values import dump_json
from tests.engine.office import CHIEFS, process, service, task
from tests.engine.test_correlation import ROOTS, WAIT
from tests.engine.test_time import timer
from tests.runtime.drawing import draw, extensions

NOW = "2026-01-05T09:00:00+08:00"
KEYS = {
    "state",
    "path",
    "variables",
    "documents",
    "open",
    "timers",
    "subscriptions",
    "jobs",
    "incidents",
    "unused",
}
FORM = b'{"type":"default","id":"paper","schemaVersion":19,"components":[{"type":"textfield","key":"x","id":"f"}]}'
STEPS = process(
    task("fill", extra='<zeebe:taskSchedule dueDate="=working days(now(), 5)"/>', document="goal"),
    task("review", CHIEFS, outcomes="同意,退回补正", separate_from="fill"),
    "exclusiveGateway gate",
    "s -> fill -> review -> gate",
    'gate -> fill: outcome = "退回补正"',
    "gate -> e: default",
    inputs="project",
)


class Desk:
    """A plug-in with a handler."""

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        @handler("stamp")
        def stamp(context: HandlerContext) -> Mapping[str, Any]:  # noqa: ARG001
            return {"by": "handler"}

        return [stamp]


def run(source: bytes, *answers: Any, more: Mapping[str, bytes] | None = None, **head: Any) -> dict[str, Any]:
    """Play ``source`` and return the result as a reader of its JSON sees it."""
    files = {"p.bpmn": source, **(more or {})}
    asked = {"now": NOW, "variables": {"project": {"id": 1}}, **head, "answers": list(answers)}
    result = play(files, "p.bpmn", asked, load_plugins(Desk(), entry_points=False))
    assert result.keys() >= KEYS
    return dict(json.loads(dump_json(result)))


def test_without_answers_it_stands_at_the_first_step() -> None:
    result = run(STEPS)
    assert result["state"] == "waiting"
    assert result["path"] == ["s"]
    assert result["open"] == [
        {
            "element": "fill",
            "item": 0,
            "name": "fill",
            "candidates": ["role:clerk@U1"],
            "assignee": None,
            "due": "2026-01-12T18:00:00+08:00",
            "form": None,
            "priority": 50,
        }
    ]


def test_answers_are_taken_in_order_to_the_end() -> None:
    result = run(
        STEPS,
        {"element": "fill", "by": "user:li", "form": {"goal": {"n": 1}}},
        {"element": "review", "by": "user:wang", "outcome": "退回补正", "opinion": "改"},
        {"element": "fill", "item": 0, "by": "user:li", "form": {"n": 2}},
        {"element": "review", "by": "user:wang"},
    )
    assert result["state"] == "ended"
    assert result["path"] == ["s", "fill", "review", "gate", "fill", "review", "gate", "e"]
    assert result["documents"]["goal"] == 2
    assert (result["open"], result["unused"]) == ([], [])
    assert "error" not in result


def test_an_answer_that_fits_nothing_says_what_is_open() -> None:
    wrong, after = {"element": "review", "by": "user:wang"}, {"advance": "P1D"}
    result = run(STEPS, wrong, after)
    assert "fill" in result["error"]["message"]
    assert result["unused"] == [wrong, after]
    assert result["state"] == "waiting"


@pytest.mark.parametrize(
    "answer",
    [
        {"element": "fill", "outcome": "nonsense", "form": {}},
        {"message": "Nobody", "key": "1"},
        {"job": "stamp"},
        {"operation": "return", "element": "fill", "to": "s"},
        {"until": "2020-01-01T00:00:00+08:00"},
        {"advance": "soon"},
        "text",
        {},
    ],
)
def test_what_can_not_be_done_ends_the_play_with_a_reason(answer: Any) -> None:
    source = STEPS.replace(b'name="document"', b'name="outcomes" value="ok"/><zeebe:property name="document"')
    result = run(source, answer)
    assert result["error"]["message"]
    assert result["unused"] == [answer]
    assert result["path"] == ["s"]


def test_who_filled_may_not_review_in_a_play_either() -> None:
    result = run(STEPS, {"element": "fill", "by": "user:li"}, {"element": "review", "by": "user:li"})
    assert result["error"]["code"] == "play.refused"


def test_alone_it_goes_on_with_first_outcomes_jobs_and_timers() -> None:
    source = process(
        task("fill", outcomes="好,坏"),
        timer("wait", "timeDuration", "P10D"),
        service("pay", "pay"),
        "s -> fill -> wait -> pay -> e",
    )
    result = run(source, auto=True)
    assert result["state"] == "ended"
    assert result["path"] == ["s", "fill", "wait", "pay", "e"]


def test_alone_it_stops_after_a_thousand_steps() -> None:
    result = run(process(task("a"), task("b"), "s -> a -> b -> a", "b -> e: false"), auto=True)
    assert result["state"] in ("waiting", "incident")


def test_the_clock_stops_at_each_timer_on_the_way() -> None:
    source = process(
        task("fill"),
        timer("late", "timeCycle", "R3/P1D", "fill", interrupting=False),
        'scriptTask note | <bpmn:extensionElements><zeebe:script expression="=string(now())" '
        'resultVariable="seen"/></bpmn:extensionElements>',
        "endEvent e2",
        "s -> fill -> e",
        "late -> note -> e2",
    )
    result = run(source, {"advance": "P2D"})
    assert result["path"].count("note") == 2
    assert result["variables"]["seen"].startswith("2026-01-07T09:00:00")
    assert result["timers"] == [{"element": "late", "due": "2026-01-08T09:00:00+08:00"}]
    assert run(source, {"until": "2026-02-01T00:00:00+08:00"})["timers"] == []


def test_a_handler_runs_for_real_unless_an_answer_replaces_it() -> None:
    source = process(task("fill"), service("stamp", "stamp"), task("last"), "s -> fill -> stamp -> last -> e")
    fill = {"element": "fill"}
    assert run(source, fill)["variables"]["by"] == "handler"
    replaced = run(source, fill, {"job": "stamp", "variables": {"by": "answer"}})
    assert replaced["variables"]["by"] == "answer"
    assert [one["element"] for one in replaced["open"]] == ["last"]


def test_a_job_may_fail_or_throw_an_error() -> None:
    source = process(service("pay", "pay"), "s -> pay -> e")
    once = run(source, {"job": "pay", "fail": "connection lost"})
    assert (once["state"], once["jobs"]) == ("waiting", [{"type": "pay", "element": "pay"}])
    thrice = run(source, *[{"job": "pay", "fail": "connection lost"}] * 3)
    assert (thrice["state"], thrice["jobs"]) == ("incident", [])
    assert thrice["incidents"][0]["element"] == "pay"
    thrown = run(source, {"job": "pay", "error": "NO_MONEY"})
    assert thrown["incidents"][0]["code"] == "job.no_error_caught"


def test_an_incident_is_told_with_its_sentence() -> None:
    source = process(
        "exclusiveGateway gate", "s -> gate", "gate -> e: amont > 5", "endEvent e2", "gate -> e2: default"
    )
    result = run(source)
    assert result["state"] == "incident"
    assert (result["incidents"][0]["element"], result["incidents"][0]["code"]) == (
        "gate",
        "feel.unknown_name",
    )
    assert "amont" in result["incidents"][0]["message"]


def test_what_stands_beside_the_file_is_found_and_what_does_not_belong_is_ignored() -> None:
    call = (
        'callActivity call | <bpmn:extensionElements><zeebe:calledElement processId="inner"/>'
        "</bpmn:extensionElements>"
    )
    inner = process(task("inside"), "s -> inside -> e", id="inner").replace(
        b"<zeebe:userTask/>", b'<zeebe:userTask/><zeebe:formDefinition formId="paper"/>'
    )
    files = {"inner.bpmn": inner, "paper.form": FORM, "broken.bpmn": b"<x", "other.form": b"{}"}
    result = run(process(call, "s -> call -> e"), more=files)
    assert [(one["element"], one["form"]) for one in result["open"]] == [("inside", "paper")]
    done = run(process(call, "s -> call -> e"), {"element": "inside", "form": {"x": "y"}}, more=files)
    assert done["path"] == ["s", "s", "inside", "e", "call", "e"]


def test_a_file_that_is_refused_says_why() -> None:
    result = run(process(task("fill"), "s -> fill"))
    assert result["state"] == "refused"
    assert result["error"]["message"]


class TestSigning:
    """Several signers are several items of one element."""

    SIGNED = process(
        task(
            "sign",
            '<zeebe:assignmentDefinition candidateUsers="=[&quot;a&quot;, &quot;b&quot;, &quot;c&quot;]"/>',
            signing="ratio 2/3",
            outcomes="同意,不同意",
        ),
        "s -> sign -> e",
    )

    def test_an_answer_names_the_signers_item_or_the_signer(self) -> None:
        by_item = {"element": "sign", "item": 2, "by": "user:c", "outcome": "同意"}
        by_name = {"element": "sign", "by": "user:b", "outcome": "同意"}
        result = run(self.SIGNED, by_item)
        assert [one["item"] for one in result["open"]] == [0, 1]
        assert run(self.SIGNED, by_item, by_name)["state"] == "ended"

    def test_nobody_signs_twice_or_for_another(self) -> None:
        first = {"element": "sign", "by": "user:b", "outcome": "同意"}
        assert "error" in run(self.SIGNED, first, first)
        assert "error" in run(self.SIGNED, {"element": "sign", "item": 0, "by": "user:b"})

    def test_alone_it_signs_until_the_outcome_is_decided(self) -> None:
        result = run(self.SIGNED, auto=True)
        assert result["state"] == "ended"
        assert result["variables"]["outcome"] == "同意"
        assert len(result["variables"]["signatures"]) == 2


class TestOperations:
    """What people do with a task, as answers."""

    ORDER = process(
        task(
            "sign",
            '<zeebe:assignmentDefinition candidateUsers="=[&quot;a&quot;, &quot;b&quot;]"/>',
            signing="in order",
            outcomes="同意,不同意",
        ),
        "s -> sign -> e",
    )

    def test_a_task_is_passed_on_and_asked_about(self) -> None:
        given = {"operation": "transfer", "element": "fill", "by": "user:li", "to": "user:sun"}
        assert run(STEPS, given)["open"][0]["assignee"] == "user:sun"
        asked = {"operation": "delegate", "element": "fill", "by": "user:li", "to": "user:sun"}
        back = {"element": "fill", "by": "user:sun", "opinion": "可以"}
        assert run(STEPS, asked)["open"][0]["assignee"] == "user:sun"
        result = run(STEPS, asked, back)
        assert (result["open"][0]["element"], result["open"][0]["assignee"]) == ("fill", "user:li")

    def test_signers_are_added_and_taken_out(self) -> None:
        added = {
            "operation": "add_signer",
            "element": "sign",
            "by": "user:a",
            "to": "user:c",
            "position": "after",
        }
        first = {"element": "sign", "by": "user:a", "outcome": "同意"}
        assert run(self.ORDER, added, first)["open"][0]["assignee"] == "user:c"
        gone = {"operation": "remove_signer", "element": "sign", "by": "user:a", "to": "user:b"}
        assert run(self.ORDER, gone, first)["state"] == "ended"

    def test_people_tell_one_another(self) -> None:
        result = run(
            STEPS,
            {"operation": "copy", "element": "fill", "to": ["user:sun", "role:chief@S1"]},
            {"operation": "comment", "by": "user:sun", "text": "收到"},
            {"operation": "urge", "element": "fill", "by": "user:sun"},
            {"operation": "follow", "by": "user:sun"},
        )
        assert "error" not in result

    def test_a_submission_is_asked_back_and_let_go(self) -> None:
        first = {"element": "fill", "by": "user:li"}
        asked = {"operation": "ask_withdrawal", "element": "fill", "by": "user:li", "reason": "填错"}
        result = run(STEPS, first, asked)
        assert result["error"]["code"] == "play.refused"
        assert "直接撤回" in result["error"]["message"]
        source = process(
            task("one", outcomes="同意"),
            task(
                "two",
                '<zeebe:assignmentDefinition candidateUsers="=[&quot;a&quot;, &quot;b&quot;]"/>',
                signing="in order",
            ),
            "s -> one -> two -> e",
        )
        signed = {"element": "two", "by": "user:a"}
        given = {"operation": "answer_withdrawal", "element": "two", "by": "user:b"}
        result = run(source, {"element": "one", "by": "user:li"}, signed, {**asked, "element": "one"}, given)
        assert "error" not in result
        assert [one["element"] for one in result["open"]] == ["one"]

    def test_deadlines_move_and_tasks_are_handed_over(self) -> None:
        moved = {
            "operation": "change_dues",
            "element": "fill",
            "due": "2026-02-02T18:00:00+08:00",
            "reason": "统一延期",
        }
        assert run(STEPS, moved)["open"][0]["due"] == "2026-02-02T18:00:00+08:00"
        claimed = {"operation": "claim", "element": "fill", "by": "user:li"}
        over = {"operation": "hand_over", "by": "user:li", "to": ["user:sun"], "reason": "调离"}
        assert run(STEPS, claimed, over)["open"][0]["assignee"] == "user:sun"

    def test_a_copy_is_read_and_a_case_followed_no_more(self) -> None:
        result = run(
            STEPS,
            {"operation": "copy", "element": "fill", "to": "user:sun"},
            {"operation": "read_note", "by": "user:sun"},
            {"operation": "follow", "by": "user:sun"},
            {"operation": "unfollow", "by": "user:sun"},
        )
        assert "error" not in result
        nothing = run(STEPS, {"operation": "read_note", "by": "user:sun"})
        assert nothing["error"]["code"] == "play.bad_answer"

    def test_what_is_not_allowed_is_refused_with_the_reason(self) -> None:
        result = run(STEPS, {"operation": "transfer", "element": "fill", "by": "user:li", "to": "user:li"})
        assert result["error"]["code"] == "play.refused"
        assert "请选别人" in result["error"]["message"]


class TestMessages:
    """Messages and signals as answers; processes that only events begin."""

    def test_a_message_finds_its_key_and_what_is_awaited_is_told(self) -> None:
        source = process(WAIT.format("wait", "paid"), task("last"), "s -> wait -> last -> e", roots=ROOTS)
        given = {"variables": {"order": 7}}
        waiting = run(source, **given)
        assert waiting["subscriptions"] == [{"message": "Paid", "key": "7", "element": "wait"}]
        other = run(source, {"message": "Paid", "key": "8"}, **given)
        assert other["subscriptions"] == waiting["subscriptions"]
        paid = run(source, {"message": "Paid", "key": 7, "variables": {"amount": 3}}, **given)
        assert paid["path"] == ["s", "wait"]
        assert paid["variables"] == {"order": 7, "amount": 3}
        assert paid["subscriptions"] == []

    def test_a_message_waits_for_its_time_to_live(self) -> None:
        source = process(task("first"), WAIT.format("wait", "paid"), "s -> first -> wait -> e", roots=ROOTS)
        early = {"message": "Paid", "key": "7", "ttl": "P2D"}
        for days, state in (("P1D", "ended"), ("P3D", "waiting")):
            result = run(source, early, {"advance": days}, {"element": "first"}, variables={"order": 7})
            assert result["state"] == state
            assert "error" not in result
        refused = run(source, {**early, "ttl": "PT0S"}, variables={"order": 7})
        assert "message" in refused["error"]["message"]
        assert refused["unused"] == [{**early, "ttl": "PT0S"}]

    def test_a_signal_reaches_who_awaits_it_now(self) -> None:
        signal = '<bpmn:signalEventDefinition signalRef="g"/>'
        source = process(
            f"intermediateCatchEvent wait | {signal}",
            "s -> wait -> e",
            roots='<bpmn:signal id="g" name="year closed"/>',
        )
        assert run(source)["subscriptions"] == [{"signal": "year closed", "element": "wait"}]
        assert (
            run(source, {"signal": "year closed", "variables": {"year": 2026}})["variables"]["year"] == 2026
        )
        assert run(source, {"signal": "year opened"})["error"]["code"] == "play.no_fit"

    def test_a_process_without_a_none_start_begins_by_its_message(self) -> None:
        start = 'startEvent begun | <bpmn:messageEventDefinition messageRef="paid"/>'
        source = draw(f"{start}\n{task('last')}\nendEvent e\nbegun -> last -> e", "p", ROOTS)
        given = run(source, {"message": "Paid", "key": "A", "variables": {"amount": 3}}, {"element": "last"})
        assert given["state"] == "ended"
        assert given["path"] == ["begun", "last", "e"]
        assert given["variables"]["amount"] == 3
        alone = run(source)
        assert alone["path"] == ["begun"], (
            "without such an answer its first event happens with the play's variables"
        )
        assert alone["variables"] == {"project": {"id": 1}}

    def test_a_process_that_a_time_starts_begins_then(self) -> None:
        cycle = (
            "<bpmn:timerEventDefinition><bpmn:timeCycle>R2/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>"
        )
        source = draw(f"startEvent due | {cycle}\n{task('last')}\ndue -> last", "p")
        assert run(source)["path"] == ["due"]
        result = run(source, {"advance": "P5D"})
        assert result["path"] == ["due", "due"]
        assert len(result["open"]) == 2

    def test_two_processes_of_a_file_talk_to_each_other(self) -> None:
        other = (
            '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="q1">'
            '<bpmn:messageEventDefinition messageRef="ask"/></bpmn:startEvent><bpmn:userTask id="q2">'
            f"{extensions(CHIEFS)}</bpmn:userTask>"
            '<bpmn:endEvent id="q3"><bpmn:messageEventDefinition messageRef="told"/></bpmn:endEvent>'
            '<bpmn:sequenceFlow id="q4" sourceRef="q1" targetRef="q2"/>'
            '<bpmn:sequenceFlow id="q5" sourceRef="q2" targetRef="q3"/></bpmn:process>'
            '<bpmn:message id="ask" name="Ask"/><bpmn:message id="told" name="Told"/>'
        )
        source = process(
            "sendTask send messageRef=ask",
            "receiveTask wait messageRef=told",
            "s -> send -> wait -> e",
            roots=other,
        )
        result = run(source)
        assert [item["element"] for item in result["open"]] == ["q2"]
        assert result["path"] == ["s", "send", "q1"]
        done = run(source, {"element": "q2"})
        assert done["state"] == "ended"
        assert done["path"] == ["s", "send", "wait", "e", "q1", "q2", "q3"]


def test_a_step_that_names_nobody_is_anybodys_in_a_process_that_a_message_began() -> None:
    other = (
        '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="q1">'
        '<bpmn:messageEventDefinition messageRef="ask"/></bpmn:startEvent><bpmn:userTask id="q2"/>'
        '<bpmn:endEvent id="q3"/><bpmn:sequenceFlow id="q4" sourceRef="q1" targetRef="q2"/>'
        '<bpmn:sequenceFlow id="q5" sourceRef="q2" targetRef="q3"/></bpmn:process>'
        '<bpmn:message id="ask" name="Ask"/>'
    )
    source = process("sendTask send messageRef=ask", "s -> send -> e", roots=other)
    assert run(source, {"element": "q2", "by": "user:li"})["state"] == "ended"


def test_a_substitute_answers_for_whom_they_act() -> None:
    source = process(task("a", '<zeebe:assignmentDefinition assignee="li"/>', outcomes="同意"), "s -> a -> e")
    away = {"operation": "substitute", "by": "li", "to": "sun", "days": 3}
    played = play(
        {"p.bpmn": source}, "p.bpmn", {"answers": [away, {"element": "a", "by": "sun"}]}, load_plugins()
    )
    assert (played["state"], played["unused"]) == ("ended", [])
    refused = play({"p.bpmn": source}, "p.bpmn", {"answers": [{"element": "a", "by": "sun"}]}, load_plugins())
    assert refused["unused"] == [{"element": "a", "by": "sun"}]
    late = {"answers": [away, {"advance": "P9D"}, {"element": "a", "by": "sun"}]}
    assert play({"p.bpmn": source}, "p.bpmn", late, load_plugins())["unused"] == [
        {"element": "a", "by": "sun"}
    ]
