"""Decisions in a process: names that nothing gives, models that import one another, and why a result came out."""

from __future__ import annotations

import pytest

from engine.folder import belonging
from engine.plugins import load_plugins
from tests.engine.office import CHIEFS, Office, process, task

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="{}">'
TABLE = """<decisionTable id="light_table" hitPolicy="UNIQUE">
  <input id="i" label="得分"><inputExpression id="ie" typeRef="number"><text>score</text></inputExpression></input>
  <output id="o" name="light" label="灯"/><annotation name="依据"/>
  <rule id="r1"><inputEntry id="a"><text>&gt;= 60</text></inputEntry><outputEntry id="b"><text>"绿灯"</text>
    </outputEntry><annotationEntry><text>第五条</text></annotationEntry></rule>
  <rule id="r2"><inputEntry id="c"><text>&lt; 60</text></inputEntry><outputEntry id="f"><text>"红" + "灯"</text>
    </outputEntry><annotationEntry><text>第六条</text></annotationEntry></rule>
</decisionTable>"""
NEEDS = '<informationRequirement id="n"><requiredInput href="#score"/></informationRequirement>'
LIGHT = (
    HEAD.format("urn:light")
    + '<inputData id="score" name="score"><variable name="score"/></inputData>'
    + f'<decision id="light" name="红绿灯"><variable name="红绿灯"/>{NEEDS}{TABLE}</decision></definitions>'
)
RULE = (
    'businessRuleTask decide name=判灯 | <bpmn:extensionElements><zeebe:calledDecision decisionId="{}" '
    'resultVariable="found"/>{}</bpmn:extensionElements>'
)


def decided(source: str = "", decision: str = "light") -> bytes:
    """Return a process whose second step decides; ``source`` is what it takes as the score."""
    mapping = (
        f'<zeebe:ioMapping><zeebe:input source="={source}" target="score"/></zeebe:ioMapping>'
        if source
        else ""
    )
    return process(
        task("fill", document="goal", audience="=[org(&quot;U1&quot;)]"),
        RULE.format(decision, mapping),
        task("review", CHIEFS),
        "s -> fill -> decide -> review -> e",
    )


def test_whoever_takes_part_reads_all_rules_and_which_of_them_matched(office: Office) -> None:
    instance = office.run(decided(), {"score": 50}, light_dmn=LIGHT.encode())
    office.do("li", answers={"x": 1})
    (decision,) = office.view(instance, "wang").decisions
    assert (decision.step, decision.result) == ("判灯", "红灯")
    (step,) = decision.steps
    assert (step.name, step.hit_policy, step.inputs) == ("红绿灯", "U", [("得分", 50)])
    assert (step.output_labels, step.annotation_labels) == (["灯"], ["依据"])
    told = [(rule.number, rule.inputs, rule.outputs, rule.annotations, rule.matched) for rule in step.rules]
    assert told == [
        (1, (">= 60",), ('"绿灯"',), ("第五条",), False),
        (2, ("< 60",), ("红灯",), ("第六条",), True),
    ]


def test_a_decision_from_a_document_is_for_those_who_may_read_the_document(office: Office) -> None:
    instance = office.run(decided("goal.points"), {}, light_dmn=LIGHT.encode())
    office.do("li", answers={"points": 70})
    assert [decision.result for decision in office.view(instance, "li").decisions] == ["绿灯"]
    assert office.view(instance, "wang").decisions == []


def test_an_input_that_nothing_gives_is_an_incident(office: Office) -> None:
    instance = office.run(decided(), {"scores": 50}, light_dmn=LIGHT.encode())
    office.do("li", answers={"x": 1})
    (incident,) = office.view(instance).incidents
    assert (incident.element, incident.code) == ("decide", "feel.unknown_name")
    assert "score" in incident.message("zh")


def test_an_input_that_the_process_declares_but_nobody_gave_is_null(office: Office) -> None:
    declared = process(
        task("fill"),
        RULE.format("light", ""),
        task("review", CHIEFS),
        "s -> fill -> decide -> review -> e",
        inputs="title,score",
    )
    instance = office.run(declared, {"title": "x"}, light_dmn=LIGHT.encode())
    office.do("li")
    view = office.view(instance)
    assert view.incidents == []
    (decision,) = view.decisions
    assert decision.result is None
    assert [one.message["zh"] for step in decision.steps for one in step.warnings][-1] == "没有规则命中"


@pytest.fixture
def files() -> dict[str, bytes]:
    main = (
        HEAD.format("urn:main")
        + '<import name="lib" namespace="urn:light" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        + '<decision id="whole" name="whole"><variable name="whole"/><informationRequirement id="n">'
        + '<requiredDecision href="urn:light#light"/></informationRequirement>'
        + "<literalExpression><text>lib.红绿灯</text></literalExpression></decision></definitions>"
    )
    return {"main.dmn": main.encode(), "light.dmn": LIGHT.encode(), "p.bpmn": decided(decision="whole")}


def test_decision_models_that_import_one_another_run_deployed(
    office: Office, files: dict[str, bytes]
) -> None:
    office.engine.deploy(files, actor="user:root")
    instance = office.engine.start("p", actor=office.who("li"), variables={"score": 90}).instance_id
    office.do("li", answers={"x": 1})
    (decision,) = office.view(instance).decisions
    assert decision.result == "绿灯"
    assert [step.name for step in decision.steps] == ["whole", "红绿灯"]
    assert [rule.matched for rule in decision.steps[1].rules] == [True, False]


def test_an_imported_decision_model_belongs_to_the_process(files: dict[str, bytes]) -> None:
    found = belonging({**files, "other.dmn": HEAD.format("urn:other").encode()}, "p.bpmn", load_plugins())
    assert sorted(found) == ["light.dmn", "main.dmn", "p.bpmn"]


def test_what_a_rule_gave_stands_under_its_own_columns(office: Office) -> None:
    two = LIGHT.replace(
        '<output id="o" name="light" label="灯"/>',
        '<output id="o" name="light" label="灯"/><output id="o2" name="act" label="做法"/>',
    ).replace("</outputEntry>", '</outputEntry><outputEntry id="x"><text>"整改"</text></outputEntry>')
    instance = office.run(decided(), {"score": 50}, light_dmn=two.encode())
    office.do("li", answers={"x": 1})
    (decision,) = office.view(instance, "wang").decisions
    (step,) = decision.steps
    assert step.output_labels == ["灯", "做法"]
    assert [rule.outputs for rule in step.rules if rule.matched] == [("红灯", "整改")]
