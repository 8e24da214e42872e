"""Diagrams of Flowable, Activiti and Camunda 7: what is converted runs, and what can't be is refused at its element."""

from __future__ import annotations

import pytest

from engine import feel
from engine.bpmn.checks import check_files
from engine.design.importing import convert
from engine.design.juel import translate
from engine.play import play
from engine.plugins import load_plugins

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:{0}="{1}" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="x"><process id="leave" name="请假">'
)
BODY = """
<startEvent id="s" {0}:initiator="starter"/>
<userTask id="fill" name="填报" {0}:assignee="${{starter}}" {0}:dueDate="${{due}}" {0}:priority="50"/>
<serviceTask id="tell" name="通知" {0}:delegateExpression="${{mailer}}" {0}:async="true"/>
<exclusiveGateway id="gate" default="small"/>
<userTask id="sign" name="会签" {0}:assignee="${{person}}">
  <multiInstanceLoopCharacteristics isSequential="false" {0}:collection="people" {0}:elementVariable="person">
    <completionCondition>${{nrOfCompletedInstances/nrOfInstances >= 1}}</completionCondition>
  </multiInstanceLoopCharacteristics>
</userTask>
<userTask id="review" name="审核" {0}:candidateGroups="manager, boss"/>
<endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="fill"/>
<sequenceFlow id="f2" sourceRef="fill" targetRef="tell"/>
<sequenceFlow id="f3" sourceRef="tell" targetRef="gate"/>
<sequenceFlow id="large" sourceRef="gate" targetRef="sign">
  <conditionExpression xsi:type="tFormalExpression"><![CDATA[${{days > 3 && type == 'sick'}}]]></conditionExpression>
</sequenceFlow>
<sequenceFlow id="small" sourceRef="gate" targetRef="review"/>
<sequenceFlow id="f4" sourceRef="sign" targetRef="review"/>
<sequenceFlow id="f5" sourceRef="review" targetRef="e"/>
</process></definitions>
"""
ENGINES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "activiti": "http://activiti.org/bpmn",
}


def file(prefix: str) -> bytes:
    return (HEAD.format(prefix, ENGINES[prefix]) + BODY.format(prefix)).encode()


@pytest.mark.parametrize("prefix", ENGINES)
def test_an_ordinary_diagram_is_converted_and_runs(prefix: str) -> None:
    found = convert(file(prefix))
    assert found.engine is not None
    assert {one.code for one in found.notes} == {"convert.changed", "convert.dropped"}
    told = {(one.element, one.now) for one in found.notes}
    assert {("large", '=days > 3 and type = "sick"'), ("tell", "type=mailer"), ("fill", "=due")} <= told
    assert ENGINES[prefix].encode() not in found.content
    assert convert(found.content).content == found.content
    plugins = load_plugins(entry_points=False)
    (report,) = check_files({"leave.bpmn": found.content}, plugins)
    assert [one.message["zh"] for one in report.findings if one.blocks] == []
    variables = {"days": 5, "type": "sick", "people": ["user:a", "user:b"]}
    variables["due"] = "2026-03-09T18:00:00+08:00"
    answers = [
        {"element": "fill"},
        {"job": "mailer"},
        {"element": "sign"},
        {"element": "sign"},
        {"element": "review"},
    ]
    played = play(
        {"leave.bpmn": found.content},
        "leave.bpmn",
        {"now": "2026-03-02T09:00:00+08:00", "by": "user:li", "variables": variables, "answers": answers},
        plugins,
    )
    assert (played["state"], played.get("error")) == ("ended", None)
    assert played["path"] == ["s", "fill", "tell", "gate", "sign", "review", "e"]


def test_what_cannot_be_converted_stays_and_is_refused_at_its_element() -> None:
    source = file("flowable").replace(b"${days > 3 && type == 'sick'}", b"${rules.apply(days)}")
    source = source.replace(
        b'<endEvent id="e"/>',
        b'<endEvent id="e"><extensionElements><flowable:executionListener event="start" class="x.Y"/>'
        b"</extensionElements></endEvent>",
    )
    found = convert(source)
    kept = [(one.element, one.what) for one in found.notes if one.code == "convert.kept"]
    assert kept == [("e", "executionListener event=start class=x.Y"), ("large", "${rules.apply(days)}")]
    (report,) = check_files({"leave.bpmn": found.content}, load_plugins(entry_points=False))
    assert {"large", "e"} <= {one.element for one in report.findings if one.blocks}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${!approved}", "=not(approved)"),
        ("${!(a || b)}", "=not(a or b)"),
        ("#{a eq 'x' and b ne 2}", '=a = "x" and b != 2'),
        ("plain", "plain"),
        ("${a.b(c)}", None),
        ("${a ? b : c}", "=if a then b else c"),
        ("${(a ? b : c) + 1}", "=(if a then b else c) + 1"),
        ("${(a + b) * c == d.e - 1}", "=(a + b) * c = d.e - 1"),
        ("${a == b == c}", "=(a = b) = c"),
        ("${rows[0]['name']}", "=rows[1].name"),
        ("${execution.getVariable('x') lt -3}", "=x < -3"),
        ("${status.equals('ok') && !done}", '=status = "ok" and not(done)'),
        ("no-${a}", None),
        ("${a mod 2 == 0}", None),
        ("${execution.getVariable(name)}", None),
        ("${a b}", None),
        ("${a ? b}", None),
        ("${" + "(" * 500 + "a" + ")" * 500 + "}", None),
    ],
)
def test_simple_expressions_are_translated_and_others_not_guessed_at(text: str, expected: str | None) -> None:
    assert translate(text) == expected


def test_what_is_empty_there_is_empty_here() -> None:
    for value, empty in (
        (None, True),
        ("", True),
        ([], True),
        ({}, True),
        ("x", False),
        ([1], False),
        (0, False),
    ):
        for text, expected in (
            ("${empty a}", empty),
            ("${not empty a}", not empty),
            ("${a.isEmpty()}", empty),
        ):
            written = translate(text)
            assert written is not None
            assert feel.compile(written[1:]).evaluate({"a": value}) is expected, (text, value)


MORE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="{uri}" targetNamespace="x">
<process id="p" isExecutable="true">
<startEvent id="s"/>
<userTask id="each" camunda:candidateGroups="${{chief ? 'boss' : 'manager'}}" camunda:formKey="embedded:app:forms/slip.html">
  <extensionElements>
    <camunda:taskListener event="create" class="x.Mail"/>
    <camunda:inputOutput><camunda:inputParameter name="limit">${{budget.limit}}</camunda:inputParameter>
      <camunda:inputParameter name="kind">slip</camunda:inputParameter></camunda:inputOutput>
  </extensionElements>
  <multiInstanceLoopCharacteristics camunda:collection="${{people}}" camunda:elementVariable="one">
    <loopCardinality>${{count}}</loopCardinality></multiInstanceLoopCharacteristics>
</userTask>
<serviceTask id="work" camunda:type="external" camunda:topic="pay"/>
<scriptTask id="sum" scriptFormat="juel" camunda:resultVariable="total"><script>${{a + b}}</script></scriptTask>
<scriptTask id="code" scriptFormat="groovy" camunda:resultVariable="x"><script>1 + 1</script></scriptTask>
<callActivity id="call" calledElement="${{which}}" camunda:calledElementBinding="latest">
  <extensionElements><camunda:in variables="all"/><camunda:out source="result" target="answer"/>
    <camunda:in businessKey="#{{key.of()}}"/></extensionElements></callActivity>
<callActivity id="lost" calledElement="${{names.of(x)}}"/>
</process></definitions>"""


def test_forms_parameters_scripts_and_calls_are_converted_each_told_at_its_element() -> None:
    found = convert(MORE.format(uri=ENGINES["camunda"]).encode())
    told = {
        code: [(one.element, one.what, one.now) for one in found.notes if one.code == f"convert.{code}"]
        for code in ("changed", "kept")
    }
    changed = {(element, now) for element, _, now in told["changed"]}
    assert changed >= {
        ("each", '=if chief then "boss" else "manager"'),
        ("each", "slip"),
        ("each", "=budget.limit"),
        ("each", '="slip"'),
        ("each", "=people"),
        ("work", "type=pay"),
        ("sum", "total =a + b"),
        ("call", "=which"),
        ("call", "propagateAllParentVariables=true"),
        ("call", "=result"),
    }
    assert [(element, what) for element, what, _ in told["kept"]] == [
        ("each", "taskListener event=create class=x.Mail"),
        ("code", "script (groovy)"),
        ("code", "resultVariable=x"),
        ("call", "in businessKey=#{key.of()}"),
        ("lost", "calledElement=${names.of(x)}"),
    ]
    text = found.content.decode()
    for part in (
        'formId="slip"',
        'target="limit"',
        'expression="=a + b"',
        'processId="=which"',
        "<script>1 + 1</script>",
    ):
        assert part in text
