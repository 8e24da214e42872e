"""What the file says where the assignment fits nobody, who started the case, or who did the step before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.engine.office import CHIEFS, Office, process, task
from tests.engine.test_passing import operate

pytestmark = pytest.mark.quick_on_sqlite

NOBODY = '<zeebe:assignmentDefinition candidateGroups="=members(&quot;poet&quot;)"/>'
INITIATOR = '<zeebe:assignmentDefinition assignee="=initiator"/>'
OTHER = "=role(&quot;chief&quot;, &quot;S1&quot;)"


def one_step(who: str, **values: str) -> bytes:
    return process(task("a", who, outcomes="同意,不同意", **values), task("b"), "s -> a -> b -> e")


def steps(office: Office) -> set[str]:
    people = ("li", "liu", "sun", "wang", "zhou", "qian")
    return {row.element for person in people for row in office.rows(person)}


def incidents(office: Office, instance: int) -> list[str]:
    return [one.code for one in office.view(instance).incidents]


@pytest.mark.parametrize(
    ("who", "rule", "code"),
    [(NOBODY, "on_empty", "task.on_empty"), (INITIATOR, "on_initiator", "task.on_initiator")],
)
class TestOneRule:
    """Nobody fits, or the initiator does: skip, stop, or somebody else."""

    def test_the_step_is_passed_over_with_its_first_approval(
        self, office: Office, who: str, rule: str, code: str
    ) -> None:
        instance = office.run(one_step(who, **{rule: "skip"}), {})
        assert steps(office) == {"b"}
        (told,) = [one for one in office.view(instance).timeline if one.kind == "item.skipped"]
        assert (told.data["why"].replace("-", "_"), told.outcome) == (rule, "同意")
        assert code.endswith(rule)

    def test_the_case_stops_before_the_step(self, office: Office, who: str, rule: str, code: str) -> None:
        instance = office.run(one_step(who, **{rule: "incident"}), {})
        assert incidents(office, instance) == [code]

    def test_somebody_else_does_it(self, office: Office, who: str, rule: str, code: str) -> None:
        instance = office.run(one_step(who, **{rule: OTHER}), {})
        assert office.row("wang").element == "a", code
        assert incidents(office, instance) == []


def test_without_a_rule_nobody_is_an_incident_and_the_initiator_just_does_it(office: Office) -> None:
    assert incidents(office, office.run(one_step(NOBODY), {})) == ["task.nobody"]
    office.run(one_step(INITIATOR), {})
    assert office.row("li").element == "a"


def test_of_several_who_are_named_only_the_initiator_is_left_out(office: Office) -> None:
    both = '<zeebe:assignmentDefinition candidateUsers="=[&quot;li&quot;, &quot;sun&quot;]"/>'
    office.run(one_step(both, on_initiator="skip"), {})
    assert office.rows("li") == []
    assert office.row("sun").element == "a"


def test_a_signers_part_is_left_out_and_the_others_decide(office: Office) -> None:
    both = '<zeebe:assignmentDefinition candidateUsers="=[&quot;li&quot;, &quot;sun&quot;]"/>'
    office.run(one_step(both, signing="all", on_initiator="skip"), {})
    office.do("sun", "同意")
    assert steps(office) == {"b"}


class TestTheSamePersonTwice:
    """Who has just done the step before needn't say so again, unless they rejected."""

    def twice(self, **values: str) -> bytes:
        who = '<zeebe:assignmentDefinition assignee="li"/>'
        return process(
            task("a", who, outcomes="同意,不同意", needs_opinion=""),
            task("b", who, outcomes="同意", **values),
            task("c", CHIEFS),
            "s -> a -> b -> c -> e",
        )

    def test_the_second_step_is_passed_over(self, office: Office) -> None:
        office.run(self.twice(on_repeat="skip"), {})
        office.do("li", "同意")
        assert steps(office) == {"c"}

    def test_not_after_a_rejection(self, office: Office) -> None:
        office.run(self.twice(on_repeat="skip"), {})
        office.do("li", "不同意")
        assert steps(office) == {"b"}

    def test_not_without_the_rule(self, office: Office) -> None:
        office.run(self.twice(), {})
        office.do("li", "同意")
        assert steps(office) == {"b"}


class TestKeptApart:
    """Where all who may do a step did one that it is kept apart from, the rule says who does it."""

    HEAD = '<zeebe:assignmentDefinition candidateGroups="=role(&quot;head&quot;, &quot;U1&quot;)"/>'
    CHAIN = "=[role(&quot;head&quot;, &quot;U1&quot;), role(&quot;chief&quot;, &quot;S1&quot;)]"

    def drafted(self, office: Office, who: str = HEAD, **values: str) -> int:
        """Start a case that li, head of U1 and a clerk, drafts and somebody checks."""
        office.engine.people.add_post("li", "head", "U1")
        file = process(
            task("draft"),
            task("check", who, outcomes="同意,不同意", separate_from="draft", **values),
            task("after"),
            "s -> draft -> check -> after -> e",
        )
        instance = office.run(file, {})
        office.do("li")
        return instance

    def test_the_first_of_the_rule_who_is_somebody_else_does_it(self, office: Office) -> None:
        self.drafted(office, on_separated=self.CHAIN)
        assert office.rows("li") == []
        office.do("wang", "同意")
        assert steps(office) == {"after"}

    def test_it_is_theirs_while_there_is_somebody_else_in_the_post(self, office: Office) -> None:
        office.engine.people.add_post("qian", "head", "U1")
        self.drafted(office, on_separated=self.CHAIN)
        assert [row.element for row in office.rows("qian")] == ["check"]
        assert [row.element for row in office.rows("wang")] == []

    def test_a_post_that_nobody_has_waits(self, office: Office) -> None:
        self.drafted(
            office,
            '<zeebe:assignmentDefinition candidateGroups="=role(&quot;head&quot;, &quot;U2&quot;)"/>',
            on_separated=self.CHAIN,
        )
        assert steps(office) == set()
        assert office.engine.vacant() == {"role:head@U2": 1}

    def test_the_step_may_be_passed_over(self, office: Office) -> None:
        self.drafted(office, on_separated="skip")
        assert steps(office) == {"after"}

    @pytest.mark.parametrize("rule", ["incident", "=role(&quot;head&quot;, &quot;U1&quot;)", "=null"])
    def test_or_the_case_stops_with_a_reason_until_somebody_is_appointed(
        self, office: Office, rule: str
    ) -> None:
        instance = self.drafted(office, on_separated=rule)
        assert incidents(office, instance) == ["task.on_separated"]
        office.engine.people.add_post("qian", "head", "U1")
        (stopped,) = office.engine.incidents(office.who("wu"))
        office.engine.retry(stopped.id, actor=office.who("wu"))
        assert [row.element for row in office.rows("qian")] == ["check"]

    def test_of_several_signers_only_who_is_kept_apart_is_replaced(self, office: Office) -> None:
        both = (
            '<zeebe:assignmentDefinition candidateGroups="=[role(&quot;head&quot;, &quot;U1&quot;), '
            'role(&quot;chief&quot;, &quot;S1&quot;)]"/>'
        )
        self.drafted(office, both, signing="all", on_separated="=role(&quot;staff&quot;, &quot;S1&quot;)")
        office.do("wang", "同意")
        office.do("qian", "同意")
        assert steps(office) == {"after"}


def test_a_task_becomes_urgent_when_its_time_has_come(office: Office, clock: Any) -> None:
    office.run(process(task("a", urgent_after="P3D"), "s -> a -> e"), {})
    assert not office.row("li").urgent
    clock.advance(timedelta(days=3))
    assert office.row("li").urgent
    assert office.engine.task(office.row("li").item_id, office.who("li")).urgent


def test_the_deadline_counts_from_the_receipt(office: Office, clock: Any) -> None:
    office.run(process(task("a", receipt_due="=now() + duration(&quot;P3D&quot;)"), "s -> a -> e"), {})
    assert office.row("li").due_at is None
    clock.advance(timedelta(days=1))
    operate(office, "acknowledge", "li")
    assert office.row("li").due_at == clock.now() + timedelta(days=3)


class TestWhoIsThereToday:
    """A role without anybody in the post is nobody where the file has on-empty; else the task waits for the post."""

    VACANT = '<zeebe:assignmentDefinition candidateGroups="=role(&quot;head&quot;, &quot;U1&quot;)"/>'

    def test_a_vacant_role_falls_to_the_rule(self, office: Office) -> None:
        office.run(one_step(self.VACANT, on_empty=OTHER), {})
        assert office.row("wang").element == "a"

    def test_a_rule_that_names_a_vacant_role_itself_is_an_incident(self, office: Office) -> None:
        rule = "=role(&quot;head&quot;, &quot;U2&quot;)"
        instance = office.run(one_step(self.VACANT, on_empty=rule), {})
        assert incidents(office, instance) == ["task.on_empty"]

    def test_a_role_is_held_from_its_first_day_to_its_last(self, office: Office, clock: Any) -> None:
        today = clock.now().date()
        tomorrow = today + timedelta(days=1)
        office.engine.people.add_post("qian", "head", "U1", tomorrow, tomorrow)
        found = []
        office.engine.deploy({"p.bpmn": one_step(self.VACANT, on_empty=OTHER)}, actor="user:root")
        for _ in range(3):
            office.engine.start("p", actor=office.who("li"), variables={})
            found.append((len(office.rows("qian")), len(office.rows("wang"))))
            clock.advance(timedelta(days=1))
        assert found == [(0, 1), (1, 1), (0, 2)]

    def test_without_the_rule_it_waits_for_whoever_gets_the_post(self, office: Office) -> None:
        office.run(one_step(self.VACANT), {})
        assert steps(office) == set()
        office.engine.people.add_post("qian", "head", "U1")
        assert office.row("qian").element == "a"

    def test_what_is_for_the_initiator_of_a_case_that_nobody_started_is_an_incident(
        self, office: Office
    ) -> None:
        office.engine.deploy({"p.bpmn": one_step(INITIATOR)}, actor="user:root")
        started = office.engine.start("p", actor="system", variables={})
        assert [one.code for one in office.engine.incidents(office.who("wu"))] == ["task.nobody"]
        assert started.state == "incident"

    def test_or_falls_to_the_rule(self, office: Office) -> None:
        office.engine.deploy({"p.bpmn": one_step(INITIATOR, on_empty=OTHER)}, actor="user:root")
        office.engine.start("p", actor="system", variables={})
        assert office.row("wang").element == "a"

    def test_a_step_that_names_nobody_in_such_a_case_is_an_incident_too(self, office: Office) -> None:
        office.engine.deploy({"p.bpmn": one_step("")}, actor="user:root")
        assert office.engine.start("p", actor="system", variables={}).state == "incident"

    def test_what_waits_for_a_vacant_post_is_told(self, office: Office) -> None:
        office.run(one_step(self.VACANT), {})
        office.engine.start("p", actor=office.who("li"), variables={})
        assert office.engine.vacant() == {"role:head@U1": 2}
        office.engine.people.add_post("qian", "head", "U1")
        assert office.engine.vacant() == {}
