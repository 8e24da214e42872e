"""What the reader takes out of a file, and what it makes of files that are malformed or hostile."""

import pytest

from engine.bpmn.model import (
    BusinessRuleTask,
    CallActivity,
    MultiInstance,
    ScriptTask,
    ServiceTask,
    StandardLoop,
    UserTask,
)
from engine.bpmn.reader import read
from engine.bpmn.xml import MAX_BYTES
from tests.runtime.drawing import again, draw, many
from tests.runtime.game import sound

PROPERTY = '<zeebe:property name="{}" value="{}"/>'


def properties(**values: str) -> str:
    lines = "".join(PROPERTY.format(name.replace("_", "-"), value) for name, value in values.items())
    return f"<zeebe:properties>{lines}</zeebe:properties>"


FILL = "".join(
    (
        "<zeebe:userTask/>",
        '<zeebe:formDefinition formId="goal_declaration"/>',
        """<zeebe:assignmentDefinition assignee="=initiator" candidateGroups='=[role("unit_clerk", unit)]'/>""",
        '<zeebe:taskSchedule dueDate="=working days(now(), 5)" followUpDate="2026-03-01T09:00:00+08:00"/>',
        '<zeebe:priorityDefinition priority="70"/>',
        properties(
            outcomes="提交，涉密线下办理",
            rejects="涉密线下办理",
            document="goal",
            shows="opinions, goal",
            audience="=[initiator]",
            without_form="涉密线下办理",
            pins="goal",
            editable="pinned",
            drafters="members(&quot;section_staff&quot;)",
            separate_from="review",
        ),
    )
)


def fill() -> UserTask:
    model = sound(draw(f"startEvent start\nuserTask fill name=目标申报 | {FILL}\nstart -> fill"))
    task = model.elements["fill"]
    assert isinstance(task, UserTask)
    return task


def test_a_user_task_says_who_does_it_on_which_form_until_when():
    task = fill()
    assert (task.name, task.form_id) == ("目标申报", "goal_declaration")
    assert task.assignee.expression.free_names == {"initiator"}
    assert task.candidate_groups.expression.free_names == {"role", "unit"}
    assert "working days" in task.due.expression.free_names
    assert (task.follow_up.literal, task.priority.literal) == ("2026-03-01T09:00:00+08:00", "70")
    assert task.candidate_users is None


def test_a_user_task_says_what_its_outcomes_mean():
    task = fill()
    assert task.outcomes == ("提交", "涉密线下办理")
    assert (task.rejects, task.without_form) == (("涉密线下办理",), ("涉密线下办理",))
    assert task.needs_opinion == task.rejects
    assert (task.document, task.saved_as) == ("goal", "goal")
    assert (task.shows, task.pins, task.editable) == (("opinions", "goal"), "goal", "pinned")
    assert task.separate_from == ("review",)


def test_properties_that_are_always_feel_need_no_equals_sign():
    task = fill()
    assert task.audience.expression.text == "[initiator]"
    assert task.drafters.expression.free_names == {"members"}


def test_rejects_are_the_usual_ones_among_the_outcomes():
    xml = properties(outcomes="同意,退回补正")
    model = sound(draw(f"startEvent start\nuserTask review | {xml}\nstart -> review"))
    assert model.elements["review"].rejects == ("退回补正",)


def test_the_process_says_what_the_inbox_shows():
    xml = properties(
        subject="project.name", unit="=project.unit", amount="project.amount", inputs="project, year"
    )
    model = sound(draw("startEvent start\nendEvent end\nstart -> end", properties=xml))
    assert model.subject.expression.free_names == {"project"}
    assert model.unit.expression.text == "project.unit"
    assert model.reference is None
    assert model.declared == ("project", "year")


def test_service_script_rule_and_call_say_what_they_run():
    model = sound(
        draw("""
        startEvent start
        serviceTask pay | <zeebe:taskDefinition type="pay" retries="5"/>
        scriptTask add | <zeebe:script expression="=1 + 1" resultVariable="two"/>
        businessRuleTask route | <zeebe:calledDecision decisionId="routing" resultVariable="route"/>
        callActivity call | <zeebe:calledElement processId="other" propagateAllChildVariables="true"/>
        start -> pay -> add -> route -> call
        """)
    )
    pay, add, route, call = (model.elements[name] for name in ("pay", "add", "route", "call"))
    assert isinstance(pay, ServiceTask)
    assert (pay.type, pay.retries.literal) == ("pay", "5")
    assert isinstance(add, ScriptTask)
    assert add.result_variable == "two"
    assert isinstance(route, BusinessRuleTask)
    assert (route.decision_id, route.result_variable) == ("routing", "route")
    assert isinstance(call, CallActivity)
    assert (call.process_id, call.propagate_parent, call.propagate_child) == ("other", True, True)
    assert model.called() == {"other"}


def test_input_and_output_mappings_keep_their_order():
    xml = (
        '<zeebe:ioMapping><zeebe:input source="=a" target="x"/><zeebe:input source="word" target="y"/>'
        '<zeebe:output source="=x + 1" target="b"/></zeebe:ioMapping>'
    )
    model = sound(draw(f"startEvent start\nuserTask t | {xml}\nstart -> t"))
    task = model.elements["t"]
    assert [(line.target, line.source.literal) for line in task.inputs] == [("x", None), ("y", "word")]
    assert task.outputs[0].source.expression.free_names == {"x"}


def test_names_with_spaces_are_known_where_the_file_introduces_them():
    source = draw("""
        startEvent start
        scriptTask count | <zeebe:script expression="=1" resultVariable="open points"/>
        exclusiveGateway any
        endEvent none
        userTask answer
        start -> count -> any
        any -> answer: open points > 0
        any -> none: default
    """)
    model = sound(source)
    condition = next(flow.condition for flow in model.flows.values() if flow.condition)
    assert condition.expression.free_names == {"open points"}


def test_elements_know_their_place_in_the_file():
    source = draw("startEvent start\nuserTask fill\nstart -> fill").replace(
        b"<bpmn:userTask", b"\n  <bpmn:userTask"
    )
    model = read(source)[0][0]
    assert (model.elements["fill"].line, model.elements["fill"].column) == (2, 3)


def codes(source: bytes) -> list[str]:
    return [found.code for found in read(source)[1]]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" name="&b;"/></definitions>"""
OUTSIDE = b"""<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><definitions>&f;</definitions>"""


@pytest.mark.parametrize("source", [BOMB, OUTSIDE, BOMB.decode().encode("utf-16"), b"<!-- x -->" + OUTSIDE])
def test_entity_bombs_and_outside_entities_are_refused_unread(source):
    assert codes(source) == ["xml.doctype"]


@pytest.mark.parametrize(
    "source",
    [
        b"<a",
        b"\x00\x01",
        b"no xml",
        b"<a></b>",
        b"<a>" * 100_000,
        "<a>\ud800</a>".encode("utf-8", "surrogatepass"),
    ],
)
def test_what_is_no_xml_is_refused_with_the_reason(source):
    assert codes(source) == ["xml.malformed"]


def test_an_empty_file_is_refused():
    assert codes(b"  \n") == ["file.empty"]


def test_a_file_of_fifty_megabytes_is_refused_at_once():
    assert codes(b"<a>" + b" " * 50_000_000) == ["file.too_large"]
    assert MAX_BYTES < 50_000_000


def test_a_file_with_too_many_elements_is_refused():
    nodes = "".join(f'<bpmn:task id="t{n}"/>' for n in range(20_001))
    source = draw("startEvent s").replace(b"</bpmn:process>", nodes.encode() + b"</bpmn:process>")
    assert codes(source) == ["file.too_many_elements"]


def test_another_kind_of_xml_is_refused():
    assert codes(b"<html/>") == ["xml.not_bpmn"]


def test_a_long_chain_is_read():
    chain = "\n".join(f"task t{n}" for n in range(5000))
    flows = " -> ".join(["start", *(f"t{n}" for n in range(5000))])
    model = sound(draw(f"startEvent start\n{chain}\n{flows}"))
    assert len(model.elements) == 5001


def test_sub_processes_nested_very_deep_are_read():
    opening = "".join(f'<bpmn:subProcess id="s{n}">' for n in range(120))
    source = draw("startEvent s").replace(
        b"</bpmn:process>", (opening + "</bpmn:subProcess>" * 120 + "</bpmn:process>").encode()
    )
    models, _ = read(source)
    assert models[0].elements["s119"].parent == "s118"


def test_processes_that_are_not_executable_beside_one_that_is_are_documentation():
    source = draw("startEvent s").replace(
        b"</bpmn:definitions>",
        b'<bpmn:process id="partner"><bpmn:callChoreography id="x"/></bpmn:process></bpmn:definitions>',
    )
    models, findings = read(source)
    assert [model.id for model in models] == ["p"]
    assert [(found.code, found.severity, found.element) for found in findings] == [
        ("process.left_out", "info", "partner")
    ]


def loop_of(xml: str):
    return sound(draw(f"startEvent s\nuserTask a | {xml}\ns -> a")).elements["a"].loop


def test_a_multi_instance_says_over_what_it_runs_and_what_it_gives():
    loop = loop_of(
        many("units", "单 位", output=("results", "score"), until="numberOfCompletedInstances > 2")
    )
    assert isinstance(loop, MultiInstance)
    assert loop.collection.expression.free_names == {"units"}
    assert (loop.input_element, loop.output_collection) == ("单 位", "results")
    assert loop.output_element.expression.free_names == {"score"}
    assert loop.completion.expression.free_names == {"numberOfCompletedInstances"}
    assert not loop.sequential
    counted = loop_of(many(cardinality="3", sequential=True))
    assert (counted.cardinality.text, counted.collection, counted.sequential) == ("3", None, True)


def test_a_standard_loop_says_when_it_stops():
    assert loop_of(again("more", before=True)).condition.expression.free_names == {"more"}
    assert loop_of(again("more", before=True)).test_before
    assert loop_of(again(maximum=5)) == StandardLoop(None, False, 5)


def test_an_expression_that_is_nothing_but_a_text_is_that_text():
    source = draw(
        """
        startEvent s
        callActivity c | <bpmn:extensionElements><zeebe:calledElement processId='="other"'/></bpmn:extensionElements>
        boundaryEvent b attachedToRef=c | <bpmn:errorEventDefinition errorRef="broke"/>
        endEvent e
        s -> c -> e
        b -> e
        """,
        roots="""<bpmn:error id="broke" errorCode='= "E1"'/>""",
    )
    (model,), findings = read(source)
    assert [one.code for one in findings if one.blocks] == []
    called = model.elements["c"]
    assert isinstance(called, CallActivity)
    assert called.process_id == "other"
