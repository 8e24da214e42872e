"""Types and members that are known before a process runs: from forms, documents, results, mappings and decisions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.bpmn.checks import check_files
from engine.plugins import load_plugins
from tests.runtime.drawing import SCRIPT, draw

WHO = "<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups='clerk'/>"
PROPERTY = '<zeebe:property name="{}" value="{}"/>'
PLUGINS = load_plugins()
FORM = {
    "id": "goal",
    "type": "default",
    "components": [
        {"id": "a", "type": "number", "key": "annual_amount"},
        {"id": "t", "type": "textfield", "key": "title"},
        {"id": "d", "type": "datetime", "key": "start"},
        {
            "id": "rows",
            "type": "dynamiclist",
            "path": "indicators",
            "components": [
                {"id": "w", "type": "number", "key": "weight"},
                {
                    "id": "s",
                    "type": "expression",
                    "key": "share",
                    "expression": "=weight / sum(indicators.weight)",
                },
            ],
        },
    ],
}
DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="test">
<inputData id="i" name="score"><variable name="score" typeRef="number"/></inputData>
<decision id="grade" name="grade"><variable name="grade" typeRef="string"/>
<informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
<literalExpression><text>if score &gt; limit then "A" else "B"</text></literalExpression></decision></definitions>"""


def drawn(script: str = "1", condition: str = "true", mapping: str = "", inputs: str = "limit") -> bytes:
    """Return a process whose task saves the document ``goal``, then a script, a decision and a gateway."""
    document = f"<zeebe:properties>{PROPERTY.format('document', 'goal')}</zeebe:properties>"
    decision = f'<zeebe:calledDecision decisionId="grade" resultVariable="graded"/>{mapping}'
    return draw(
        f"""
        startEvent s
        userTask a | {WHO}<zeebe:formDefinition formId="goal"/>{document}
        scriptTask c | {SCRIPT.format(script, "sum")}
        businessRuleTask r | <bpmn:extensionElements>{decision}</bpmn:extensionElements>
        exclusiveGateway g
        endEvent e
        endEvent f
        s -> a -> c -> r -> g
        g -> e: {condition}
        g -> f: default
        """,
        properties=f"<zeebe:properties>{PROPERTY.format('inputs', inputs)}</zeebe:properties>"
        if inputs
        else "",
    )


MAPPED = '<zeebe:ioMapping><zeebe:input source="={}" target="score"/></zeebe:ioMapping>'


def found(form: dict[str, Any] = FORM, **parts: str) -> list[Any]:
    parts.setdefault("mapping", MAPPED.format("goal.annual_amount"))
    files = {
        "p.bpmn": drawn(**parts),
        "goal.form": json.dumps(form).encode(),
        "grade.dmn": DMN.encode(),
    }
    (report,) = check_files(files, PLUGINS, targets=["p.bpmn"])
    return report.findings


def test_what_is_right_is_clean() -> None:
    parts = {"script": "sum(goal.indicators[weight > 10].share)", "condition": 'graded = "A" and sum > 1'}
    assert found(**parts) == []


@pytest.mark.parametrize(
    ("script", "meant", "place"),
    [
        ("goal.anual_amount * 2", "annual_amount", "（第 1 行第 6 列）"),
        ("goal.indicators.wieght", "weight", "（第 1 行第 17 列）"),
        ("goal.indicators[wieght > 1]", "weight", "（第 1 行第 17 列）"),
        ("for i in goal.indicators return i.wieght", "weight", "（第 1 行第 35 列）"),
    ],
)
def test_a_misspelt_field_of_a_document_is_an_error_that_says_what_was_meant(
    script: str, meant: str, place: str
) -> None:
    (one,) = found(script=script)
    assert (one.severity, one.code, one.element) == ("error", "expression.unknown_member", "c")
    assert place in one.message["zh"]
    assert meant in one.remedy["zh"]
    assert one.remedy["en"] == f"Did you mean “{meant}”?"
    assert one.line


def test_symbols_in_full_width_are_told_as_what_they_are() -> None:
    (one,) = found(condition="goal.annual_amount ＞ 1")
    assert (one.code, "半角" in one.remedy["zh"]) == ("expression.unknown_member", True)


def test_where_the_inputs_are_not_declared_it_is_a_warning() -> None:
    assert {(one.severity, one.code) for one in found(script="goal.anual_amount", inputs="")} == {
        ("warning", "expression.unknown_member"),
        ("warning", "decision.input_missing"),
    }


@pytest.mark.parametrize(
    "script",
    [
        "goal.title > 5",
        "goal.title + goal.annual_amount",
        "goal.start + @&quot;P1D&quot;",
        "outcome * 2",
        "substring(goal.annual_amount, 1)",
    ],
)
def test_types_that_can_not_meet_are_told(script: str) -> None:
    assert [(one.code, one.element) for one in found(script=script)] == [("expression.types", "c")]


def test_a_computed_type_is_known_further_on() -> None:
    (one,) = found(script="goal.annual_amount / 2", condition='sum = "A"')
    assert (one.code, one.element) == ("expression.types", "f5")


def test_the_type_of_a_decision_is_known() -> None:
    (one,) = found(condition="graded > 5")
    assert one.code == "expression.types"


def test_a_condition_that_is_no_boolean_is_told() -> None:
    (one,) = found(condition="goal.annual_amount + 1")
    assert one.code == "condition.wrong_type"
    assert "数字" in one.message["zh"]


def test_a_decision_is_told_what_it_lacks() -> None:
    (one,) = found(inputs="limits")
    assert (one.severity, one.code, one.element) == ("error", "decision.input_missing", "r")
    assert "“limits”" in one.remedy["zh"]
    (one,) = found(mapping="")
    assert (one.code, "“score”" in one.message["zh"]) == ("decision.input_missing", True)


def test_the_type_of_a_decisions_input_is_compared() -> None:
    (one,) = found(mapping=MAPPED.format("goal.title"))
    assert one.code == "decision.input_type"
    assert one.message["zh"].endswith("的决策“grade”的输入“score”应是数字，流程给的是字符串")


def test_a_form_is_told_which_names_its_process_does_not_give() -> None:
    share = {"id": "x", "type": "expression", "key": "x", "expression": "=anual_amount * limit"}
    (one,) = found({**FORM, "components": [*FORM["components"], share]})
    assert (one.severity, one.code, one.element) == ("error", "form.unknown_name", "a")
    assert "annual_amount" in one.remedy["zh"]


def test_a_name_that_may_hold_anything_is_left_alone() -> None:
    assert found(script="limit.anything + limit", condition="limit > 1") == []
    two = draw(
        f"""
        startEvent s
        scriptTask a | {SCRIPT.format("1", "x")}
        scriptTask b | {SCRIPT.format("string(x)", "x")}
        scriptTask c | {SCRIPT.format("x + 1", "y")}
        endEvent e
        s -> a -> b -> c -> e
        """
    )
    (report,) = check_files({"p.bpmn": two}, PLUGINS)
    assert report.findings == []


def test_a_type_that_contains_itself_is_followed_only_so_far() -> None:
    node = (
        '<itemDefinition name="tNode"><itemComponent name="left"><typeRef>tNode</typeRef></itemComponent>'
        '<itemComponent name="right"><typeRef>tNode</typeRef></itemComponent>'
        '<itemComponent name="n"><typeRef>number</typeRef></itemComponent></itemDefinition><inputData'
    )
    recursive = DMN.replace("<inputData", node, 1).replace(
        'name="grade" typeRef="string"', 'name="grade" typeRef="tNode"'
    )
    files = {
        "p.bpmn": drawn(condition='graded.left.right.n = "A"', mapping=MAPPED.format("goal.annual_amount")),
        "goal.form": json.dumps(FORM).encode(),
        "grade.dmn": recursive.encode(),
    }
    (report,) = check_files(files, PLUGINS, targets=["p.bpmn"])
    assert [one.code for one in report.findings] == ["expression.types"]


def test_what_a_called_process_hands_back_may_have_any_type() -> None:
    child = draw(f"startEvent s\nscriptTask a | {SCRIPT.format('1', 'x')}\nendEvent e\ns -> a -> e", "child")
    for propagate, codes in (("true", []), ("false", ["expression.types"])):
        call = f'<zeebe:calledElement processId="child" propagateAllChildVariables="{propagate}"/>'
        caller = draw(
            f"""
            startEvent s
            scriptTask a | {SCRIPT.format("&quot;text&quot;", "x")}
            callActivity b | <bpmn:extensionElements>{call}</bpmn:extensionElements>
            scriptTask c | {SCRIPT.format("x + 1", "y")}
            endEvent e
            s -> a -> b -> c -> e
            """
        )
        (report,) = check_files({"p.bpmn": caller, "child.bpmn": child}, PLUGINS, targets=["p.bpmn"])
        assert [one.code for one in report.findings] == codes
