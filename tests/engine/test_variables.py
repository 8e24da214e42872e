"""Variables, documents in expressions, decisions, called processes: what is visible where, and what leaves a step."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.commands.scopes import Names, Scopes
from engine.errors import Forbidden
from engine.values import dump_json, load_json
from tests.engine.office import CHIEFS, CLERKS, Office, process, service, task
from tests.runtime.drawing import SCRIPT

GRADES = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="test">
  <decision id="grade" name="grade"><decisionTable id="t" hitPolicy="UNIQUE">
    <input id="i"><inputExpression id="ie" typeRef="number"><text>score</text></inputExpression></input>
    <output id="o" name="grade" typeRef="string"/>
    <rule id="r1"><inputEntry id="a"><text>&gt;= 90</text></inputEntry>
      <outputEntry id="b"><text>"A"</text></outputEntry></rule>
    <rule id="r2"><inputEntry id="c"><text>&lt; 90</text></inputEntry>
      <outputEntry id="f"><text>"B"</text></outputEntry></rule>
  </decisionTable></decision>
</definitions>"""


def mapping(*lines: str) -> str:
    """Return a ``zeebe:ioMapping``: ``in target source`` or ``out target source``."""
    found = ""
    for line in lines:
        way, target, source = line.split(" ", 2)
        found += f'<zeebe:{way}put source="={source}" target="{target}"/>'
    return f"<zeebe:ioMapping>{found}</zeebe:ioMapping>"


def script(id: str, expression: str, result: str) -> str:
    return f"scriptTask {id} | <bpmn:extensionElements>{SCRIPT.format(expression, result)}</bpmn:extensionElements>"


def seen(office: Office, person: str = "wang") -> dict[str, Any]:
    """Return the variables at the only task of ``person``."""
    return dict(office.engine.task(office.row(person).item_id, office.who(person)).variables)


def test_without_mappings_outcome_opinion_and_answers_go_on(office: Office) -> None:
    office.run(process(task("fill", outcomes="好"), task("review", CHIEFS), "s -> fill -> review -> e"), {})
    office.do("li", opinion="无", answers={"amount": Decimal("0.10"), "rows": [{"n": 1}]})
    variables = seen(office)
    assert variables["outcome"] == "好"
    assert variables["opinion"] == "无"
    assert variables["actor"] == "user:li"
    assert variables["amount"] == Decimal("0.10")
    assert variables["fill"] == {"amount": Decimal("0.10"), "rows": [{"n": 1}]}


def test_with_mappings_only_what_they_name_goes_on(office: Office) -> None:
    mapped = task(
        "fill", extra=mapping("in half amount / 2", "out result half + extra", "out to.deep outcome")
    )
    office.run(
        process(mapped, task("review", CHIEFS), "s -> fill -> review -> e"), {"amount": 10, "to": {"keep": 1}}
    )
    assert seen(office, "li")["half"] == 5
    office.do("li", "好", answers={"extra": 2})
    variables = seen(office)
    assert variables["result"] == 7
    assert variables["to"] == {"keep": 1, "deep": "好"}
    assert "half" not in variables
    assert "extra" not in variables


def test_a_document_is_read_by_its_name_and_keeps_its_versions(office: Office) -> None:
    source = process(
        task("fill", document="goal"),
        script("double", "goal.n * 2", "twice"),
        task("review", CHIEFS, outcomes="同意,再来"),
        "exclusiveGateway gate",
        "s -> fill -> double -> review -> gate",
        'gate -> fill: outcome = "再来"',
        "gate -> e: default",
    )
    instance = office.run(source, {})
    office.do("li", answers={"n": 3})
    assert seen(office)["twice"] == 6
    assert "n" not in seen(office)
    office.do("wang", "再来")
    office.do("li", answers={"n": 4})
    assert seen(office)["twice"] == 8
    (goal,) = [one for one in office.view(instance).documents if one.name == "goal"]
    assert (goal.version, goal.body) == (2, {"n": 4})


def test_a_declared_document_that_nobody_saved_yet_is_null(office: Office) -> None:
    source = process(
        task("fill", document="goal"),
        script("look", "goal = null", "none_yet"),
        task("review", CHIEFS),
        "s -> look -> review -> fill -> e",
    )
    office.run(source, {})
    assert seen(office)["none_yet"] is True


def test_a_decision_runs_in_the_command_and_history_keeps_why(office: Office) -> None:
    rule = (
        'businessRuleTask decide | <bpmn:extensionElements><zeebe:calledDecision decisionId="grade" '
        'resultVariable="found"/></bpmn:extensionElements>'
    )
    source = process(task("fill"), rule, task("review", CHIEFS), "s -> fill -> decide -> review -> e")
    instance = office.run(source, {"score": 93}, grades_dmn=GRADES)
    office.do("li")
    assert seen(office)["found"] == "A"
    assert "decision.evaluated" in [entry.kind for entry in office.view(instance).timeline]
    from engine import history

    with office.engine.database.read() as unit:
        bodies = [load_json(row.body) for row in history.events_of(unit, instance)]
    (trace,) = [body["trace"] for body in bodies if "trace" in body]
    assert trace[0]["decision"] == "grade"


def test_a_write_in_one_parallel_branch_is_seen_after_the_join(office: Office) -> None:
    lines = (
        task("left", extra=mapping("out a 1")),
        task("right", CHIEFS, extra=mapping("out b 2")),
        "parallelGateway fork",
        "parallelGateway join",
        task("last", CHIEFS),
        "s -> fork -> left -> join -> last -> e",
        "fork -> right -> join",
    )
    office.run(process(*lines), {})
    office.do("wang")
    office.do("li")
    variables = seen(office)
    assert (variables["a"], variables["b"]) == (1, 2)


def test_a_called_process_has_its_own_variables_and_documents(office: Office) -> None:
    call = (
        'callActivity call | <bpmn:extensionElements><zeebe:calledElement processId="inner" '
        'propagateAllParentVariables="false" propagateAllChildVariables="false"/>'
        + mapping("in given amount + 1", "out back outcome", "out doubled given * 2")
        + "</bpmn:extensionElements>"
    )
    inner = process(task("inside", document="paper"), "s -> inside -> e", id="inner")
    outer = process(call, task("review", CHIEFS), "s -> call -> review -> e")
    instance = office.run(outer, {"amount": 20, "secret": "x"}, inner_bpmn=inner)
    inside = seen(office, "li")
    assert inside["given"] == 21
    assert "secret" not in inside
    office.do("li", "好", answers={"n": 1})
    outside = seen(office)
    assert (outside["back"], outside["doubled"]) == ("好", 42)
    assert "given" not in outside
    assert "paper" not in outside
    assert [one.name for one in office.view(instance).documents] == ["paper"]


CALL = '<zeebe:calledElement processId="inner"/>'


def test_by_default_a_called_process_sees_all_and_gives_back_what_it_sets(office: Office) -> None:
    """As in Camunda 8, where both propagateAll… are true by default; what an input mapping makes stays inside."""
    call = f"callActivity call | <bpmn:extensionElements>{CALL}{mapping('in own 1')}</bpmn:extensionElements>"
    inner = process(
        script("add", "amount + own", "amount"),
        script("new", "own + 1", "made"),
        "s -> add -> new -> e",
        id="inner",
    )
    outer = process(call, task("review", CHIEFS), "s -> call -> review -> e")
    office.run(outer, {"amount": 20}, inner_bpmn=inner)
    outside = seen(office)
    assert (outside["amount"], outside["made"]) == (21, 2)
    assert "own" not in outside


def test_what_a_called_process_was_only_given_does_not_overwrite_what_others_wrote_meanwhile(
    office: Office,
) -> None:
    call = f"callActivity call | <bpmn:extensionElements>{CALL}</bpmn:extensionElements>"
    inner = process(task("inside"), "s -> inside -> e", id="inner")
    outer = process(
        call,
        task("fill", CHIEFS, outcomes="好", extra=mapping("out amount amount + 1")),
        "parallelGateway split",
        "parallelGateway join",
        task("review", CHIEFS),
        "s -> split -> call -> join -> review -> e",
        "split -> fill -> join",
    )
    office.run(outer, {"amount": 20}, inner_bpmn=inner)
    office.do("wang")
    office.do("li", "好", answers={"n": 1})
    outside = seen(office)
    assert (outside["amount"], outside["n"], outside["outcome"]) == (21, 1, "好")


def test_an_embedded_sub_process_has_a_scope_that_ends_with_it(office: Office) -> None:
    sub = "subProcess sub | <bpmn:extensionElements>" + mapping("in inner 5", "out kept inner + 1")
    source = process(
        sub + "</bpmn:extensionElements>",
        "  startEvent s2",
        "  endEvent e2",
        "  " + task("inside"),
        "  s2 -> inside -> e2",
        task("review", CHIEFS),
        "s -> sub -> review -> e",
    )
    office.run(source, {})
    assert seen(office, "li")["inner"] == 5
    office.do("li")
    assert seen(office)["kept"] == 6
    assert "inner" not in seen(office)


def test_a_service_task_for_a_worker_outside_gets_and_gives_variables(office: Office) -> None:
    pay = service("pay", "pay", mapping("in sum amount * 2", "out receipt number"))
    office.run(process(pay, task("review", CHIEFS), "s -> pay -> review -> e"), {"amount": 4})
    (job,) = office.engine.activate_jobs("pay", "worker-1")
    assert job.variables["sum"] == 8
    office.engine.complete_job(job.id, "worker-1", {"number": "R-7", "other": 1})
    variables = seen(office)
    assert variables["receipt"] == "R-7"
    assert "other" not in variables


class TestScopes:
    """Camunda 8's rule of propagation, without a database."""

    def scopes(self) -> Scopes:
        found = Scopes.new({"a": 1, "b": 2})
        found.open(5, 0, values={"b": 20})
        found.open(6, 5, isolated=True, values={"c": 30})
        return found

    def test_a_variable_is_set_where_it_is_found_else_in_the_process(self) -> None:
        scopes = self.scopes()
        scopes.propagate(5, "b", 21)
        scopes.propagate(5, "new", 1)
        assert scopes.scopes[5].values == {"b": 21}
        assert scopes.scopes[0].values == {"a": 1, "b": 2, "new": 1}

    def test_a_called_process_neither_sees_nor_sets_its_callers_variables(self) -> None:
        scopes = self.scopes()
        scopes.propagate(6, "a", 9)
        assert scopes.visible(6) == {"c": 30, "a": 9}
        assert scopes.scopes[0].values["a"] == 1

    def test_what_is_stored_is_what_is_read_again(self) -> None:
        scopes = self.scopes()
        again = Scopes.load(scopes.dump())
        assert {one.id: (one.parent, one.isolated, one.values) for one in again.all()} == {
            one.id: (one.parent, one.isolated, one.values) for one in scopes.all()
        }

    def test_scopes_that_nobody_looks_at_are_stored_as_they_were(self) -> None:
        scopes = Scopes.load(self.scopes().dump())
        assert 6 in scopes.scopes
        assert 7 not in scopes.scopes
        assert scopes.find(7) is None
        scopes.propagate(5, "b", 21)
        scopes.close(6)
        again = Scopes.load(scopes.dump())
        assert {one.id: one.values for one in again.all()} == {0: {"a": 1, "b": 2}, 5: {"b": 21}}

    def test_numbers_are_decimals_from_the_first_moment(self) -> None:
        scopes = Scopes.new({"n": 1, "f": 0.1, "list": [1, {"x": 2.5}]})
        assert scopes.visible(0) == {"n": Decimal(1), "f": Decimal("0.1"), "list": [1, {"x": Decimal("2.5")}]}
        assert all(isinstance(one, Decimal) for one in (scopes.visible(0)["n"], scopes.visible(0)["list"][0]))
        assert load_json(dump_json({"huge": Decimal("1e400")})) == {"huge": Decimal("1e400")}

    def test_names_list_what_they_answer(self) -> None:
        names = Names(
            self.scopes(), 5, {"doc": 1}.__getitem__, lambda: frozenset({"doc"}), {"initiator": "u"}
        )
        assert sorted(names) == ["a", "b", "doc", "initiator"]
        assert (names["b"], names["doc"], names["initiator"]) == (20, 1, "u")
        assert "nothing" not in names


class TestDocumentsOfTheCaller:
    """What a called process shows of its caller, and whom it entrusts with it."""

    OUTER = process(
        task("fill", document="paper", outcomes="提交", audience="=[org(&quot;U1&quot;)]"),
        f"callActivity call | <bpmn:extensionElements>{CALL}</bpmn:extensionElements>",
        task("after", CLERKS),
        "s -> fill -> call -> after -> e",
    )

    def inner(self, **more: str) -> bytes:
        return process(
            task("judge", CHIEFS, shows="paper", separate_from="p#fill", **more),
            "s -> judge -> e",
            id="inner",
            inputs="paper",
        )

    def shown(self, office: Office) -> list[str]:
        page = office.engine.task(office.row("wang").item_id, office.who("wang"))
        return [one.body["title"] for one in page.shows]

    def test_a_document_outside_its_audience_is_shown_to_nobody_else(self, office: Office) -> None:
        office.run(self.OUTER, {}, inner_bpmn=self.inner())
        office.do("li", "提交", answers={"title": "甲"})
        assert self.shown(office) == []

    def test_who_is_given_a_step_may_read_what_it_entrusts_from_then_on(self, office: Office) -> None:
        instance = office.run(self.OUTER, {}, inner_bpmn=self.inner(entrusts="paper"))
        office.do("li", "提交", answers={"title": "甲"})
        assert self.shown(office) == ["甲"]
        office.do("wang")
        view = office.engine.instance(instance, office.who("wang"))
        assert [one.body["title"] for one in view.documents] == ["甲"]
        assert office.engine.doctor() == []
        assert office.engine.verify_history() == []

    def test_who_did_a_step_of_the_caller_is_kept_from_that_of_the_called(self, office: Office) -> None:
        office.run(self.OUTER, {}, inner_bpmn=self.inner())
        office.engine.people.add_post("li", "chief", "S1")
        office.do("li", "提交", answers={"title": "甲"})
        with pytest.raises(Forbidden):
            office.do("li")
