"""Requirement graphs, boxed expressions, knowledge, services, types and imports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import dmn, feel
from tests.dmn.building import decision, definitions, input_data, model_of, table, text


def boxed(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"


ENTRY = "<contextEntry>{variable}{value}</contextEntry>"


def entry(name: str, value: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return ENTRY.format(variable=variable, value=value)


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (text("1 + 1"), 2),
        (boxed("context", entry("a b", text("2")) + entry("c", text("a b * 3"))), {"a b": 2, "c": 6}),
        (boxed("context", entry("a-b", text("2")) + entry("", text("a-b + 1"))), 3),
        (boxed("list", text("1") + text("[2]")), [1, [2]]),
        (
            boxed("relation", '<column name="n"/><column name="v"/>' + boxed("row", text('"x"') + text("1"))),
            [{"n": "x", "v": 1}],
        ),
        (
            boxed(
                "conditional",
                boxed("if", text("2 > 1")) + boxed("then", text("1")) + boxed("else", text("0")),
            ),
            1,
        ),
        (boxed("filter", boxed("in", text("[1, 2, 3]")) + boxed("match", text("item > 1"))), [2, 3]),
        (
            '<for iteratorVariable="x">'
            + boxed("in", text("1..3"))
            + boxed("return", text("x * x"))
            + "</for>",
            None,
        ),
        (
            '<for iteratorVariable="x">'
            + boxed("in", text("[1, 2]"))
            + boxed("return", text("x * x"))
            + "</for>",
            [1, 4],
        ),
        (
            '<every iteratorVariable="x">'
            + boxed("in", text("[1, 2]"))
            + boxed("satisfies", text("x > 0"))
            + "</every>",
            True,
        ),
        (
            '<some iteratorVariable="x">'
            + boxed("in", text("[1, 2]"))
            + boxed("satisfies", text("x > 2"))
            + "</some>",
            False,
        ),
        (
            boxed(
                "context",
                entry(
                    "f",
                    '<functionDefinition><formalParameter name="n"/>'
                    + text("n + 1")
                    + "</functionDefinition>",
                )
                + entry(
                    "",
                    boxed(
                        "invocation", text("f") + '<binding><parameter name="n"/>' + text("4") + "</binding>"
                    ),
                ),
            ),
            5,
        ),
    ],
)
def test_a_boxed_expression(logic: str, expected: Any) -> None:
    model = dmn.parse(definitions(decision("d", logic)))
    if expected is None:
        assert model.problems
        return
    assert model.evaluate("d", {}).value == expected


def test_a_graph_is_evaluated_once_from_its_inputs() -> None:
    model = model_of(
        input_data("项目 金额", "number"),
        decision(
            "级别", text('if 项目 金额 > 100 then "大" else "小"'), requires=["requiredInput #i_项目_金额"]
        ),
        decision("路由", text('级别 + "项目"'), requires=["requiredDecision #d_级别"]),
        decision(
            "both", text("路由 + 级别"), requires=["requiredDecision #d_路由", "requiredDecision #d_级别"]
        ),
    )
    evaluation = model.evaluate("both", {"项目 金额": 500})
    assert evaluation.value == "大项目大"
    assert [entry["name"] for entry in evaluation.trace] == ["级别", "路由", "both"]


def test_what_a_model_declares_is_visible_only_where_it_is_required() -> None:
    model = dmn.parse(definitions(input_data("a") + decision("d", text("a")) + decision("e", text("b"))))
    assert model.evaluate("d", {"a": 1}).value is None
    assert model.evaluate("e", {"b": 1}).value == 1


def test_a_knowledge_model_and_a_service_are_functions() -> None:
    model = model_of(
        '<businessKnowledgeModel id="k" name="加价"><variable name="加价"/><encapsulatedLogic>'
        '<formalParameter name="x" typeRef="number"/>'
        + text("x * 1.1")
        + "</encapsulatedLogic></businessKnowledgeModel>",
        input_data("base", "number"),
        decision("price", text("base + 1"), requires=["requiredInput #i_base"]),
        '<decisionService id="s" name="pricing"><variable name="pricing"/><outputDecision href="#d_price"/>'
        '<inputData href="#i_base"/></decisionService>',
        decision(
            "d",
            text('[加价(10), 加价(x: 20), pricing(base: 5), pricing("no number")]'),
            requires=["requiredKnowledge #k", "requiredKnowledge #s"],
        ),
    )
    assert model.evaluate("d", {}).value == [Decimal("11.0"), Decimal("22.0"), 6, None]
    assert model.evaluate_service("pricing", {"base": 7}).value == 8
    assert model.evaluate_knowledge("加价", {"x": 100}).value == 110


def test_knowledge_may_call_itself_and_may_not_run_away() -> None:
    model = model_of(
        '<businessKnowledgeModel id="k" name="fact"><variable name="fact"/><encapsulatedLogic>'
        '<formalParameter name="n" typeRef="number"/>'
        + text("if n = 0 then 1 else n * fact(n - 1)")
        + "</encapsulatedLogic></businessKnowledgeModel>",
        decision("d", text("fact(20)"), requires=["requiredKnowledge #k"]),
        decision("e", text("fact(-1)"), requires=["requiredKnowledge #k"]),
    )
    assert model.evaluate("d", {}).value == 2432902008176640000
    with pytest.raises(feel.FeelLimitError, match="nested too deeply"):
        model.evaluate("e", {})


TYPES = """
<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"优","良"</text></allowedValues>
</itemDefinition>
<itemDefinition name="tRow"><itemComponent name="amount"><typeRef>number</typeRef></itemComponent>
<itemComponent name="grade"><typeRef>tGrade</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tRows" isCollection="true"><typeRef>tRow</typeRef></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_ref", "value", "expected", "codes"),
    [
        ("tGrade", "优", "优", []),
        ("tGrade", "差", None, ["dmn.input.value"]),
        ("tGrade", 1, None, ["dmn.input.type"]),
        ("tRow", {"amount": 1, "grade": "良"}, {"amount": 1, "grade": "良"}, []),
        ("tRow", {"amount": 1, "grade": "差"}, None, ["dmn.input.value"]),
        ("tRow", {"amount": "1", "grade": "良"}, None, ["dmn.input.type"]),
        ("tRows", {"amount": 1, "grade": "良"}, [{"amount": 1, "grade": "良"}], []),
        ("number", [5], 5, []),
        ("number", None, None, []),
    ],
)
def test_inputs_are_coerced_to_their_declared_types(
    type_ref: str, value: Any, expected: Any, codes: list[str]
) -> None:
    model = model_of(
        TYPES, input_data("x", type_ref), decision("d", text("x"), requires=["requiredInput #i_x"])
    )
    evaluation = model.evaluate("d", {"x": value})
    assert evaluation.value == expected
    told = [warning["code"] for trace in evaluation.trace for warning in trace["warnings"]]
    assert told == codes


def test_a_result_that_does_not_conform_is_null() -> None:
    model = model_of(TYPES, decision("d", text('"差"'), type_ref="tGrade"))
    evaluation = model.evaluate("d", {})
    assert evaluation.value is None
    assert evaluation.trace[0]["warnings"][0]["code"] == "dmn.output.value"


def test_an_imported_model_is_used_under_its_name() -> None:
    library = definitions(
        TYPES
        + '<businessKnowledgeModel id="k" name="twice it"><variable name="twice it"/><encapsulatedLogic>'
        + '<formalParameter name="n"/>'
        + text("n * 2")
        + "</encapsulatedLogic></businessKnowledgeModel>"
        + decision("base", text("21")),
        namespace="urn:lib",
    )
    main = definitions(
        '<import name="my lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        + decision(
            "d",
            text('{v: my lib.twice it(my lib.base), t: "优" instance of my lib.tGrade}'),
            requires=["requiredKnowledge urn:lib#k", "requiredDecision urn:lib#d_base"],
        )
    )
    assert dmn.parse(main, imports={"urn:lib": library}).evaluate("d", {}).value == {"v": 42, "t": True}
    with pytest.raises(dmn.DmnError) as caught:
        dmn.parse(main)
    assert caught.value.code == "dmn.import"


def test_files_that_belong_together_find_their_imports() -> None:
    library = definitions(decision("base", text("21")), namespace="urn:lib")
    main = definitions(
        '<import name="lib" namespace="urn:lib"/>'
        + decision("d", text("lib.base * 2"), requires=["requiredDecision urn:lib#d_base"]),
        namespace="urn:main",
    )
    found = dmn.parse_all({"main.dmn": main, "lib.dmn": library, "broken.dmn": b"<"})
    assert isinstance(found["main.dmn"], dmn.Model)
    assert found["main.dmn"].evaluate("d", {}).value == 42
    assert isinstance(found["broken.dmn"], dmn.DmnError)


def test_models_imported_without_a_name_add_their_parts() -> None:
    one = definitions(TYPES + decision("one", text("1")), namespace="urn:one")
    two = definitions(decision("two", text("2")), namespace="urn:two")
    main = definitions(
        '<import name="" namespace="urn:one"/><import name="" namespace="urn:two"/>'
        + decision(
            "d",
            text('[one + two, "优" instance of tGrade]'),
            requires=["requiredDecision urn:one#d_one", "requiredDecision urn:two#d_two"],
        )
    )
    model = dmn.parse(main, imports={"urn:one": one, "urn:two": two})
    assert model.evaluate("d", {}).value == [3, True]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "dmn.xml"),
        (b"<definitions", "dmn.xml"),
        (b"<definitions/>", "dmn.not_dmn"),
        (
            b'<!DOCTYPE d [<!ENTITY a "b">]><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
            "dmn.doctype",
        ),
        (b" " * 6_000_000, "dmn.size"),
        (definitions('<import name="self" namespace="urn:test"/>'), "dmn.import_cycle"),
    ],
)
def test_a_file_that_is_no_model_is_refused(source: bytes, code: str) -> None:
    with pytest.raises(dmn.DmnError) as caught:
        dmn.parse(source)
    assert caught.value.code == code
    assert caught.value.message("zh") != caught.value.message("en")


def test_decisions_that_need_each_other_are_refused() -> None:
    model = model_of(
        decision("a", text("b"), requires=["requiredDecision #d_b"]),
        decision("b", text("a"), requires=["requiredDecision #d_a"]),
    )
    with pytest.raises(dmn.DmnError) as caught:
        model.evaluate("a", {})
    assert caught.value.code == "dmn.cycle"


@pytest.mark.parametrize(
    ("logic", "code"),
    [
        (table("WHATEVER", [], [], []), "dmn.hit_policy"),
        (table("COLLECT", [], [], [], aggregation="AVERAGE"), "dmn.aggregator"),
        ("<decisionTable><output/><rule/></decisionTable>", "dmn.rule_size"),
        (
            '<literalExpression expressionLanguage="urn:xpath"><text>1</text></literalExpression>',
            "dmn.language",
        ),
        (boxed("list", text("1") + table("WHATEVER", [], [], [])), "dmn.hit_policy"),
    ],
)
def test_an_expression_that_cannot_be_read_breaks_its_own_decision_only(logic: str, code: str) -> None:
    model = dmn.parse(definitions(decision("bad", logic) + decision("good", text("1"))))
    assert [problem.code for problem in model.problems] == [code]
    assert model.evaluate("good", {}).value == 1
    with pytest.raises(dmn.DmnError) as caught:
        model.evaluate("bad", {})
    assert caught.value.code == code


def test_an_import_that_is_no_decision_model_is_a_problem_but_the_rest_works() -> None:
    foreign = '<import name="x" namespace="urn:x" importType="http://www.w3.org/2001/XMLSchema"/>'
    model = dmn.parse(definitions(foreign + decision("d", text("1"))))
    assert [problem.code for problem in model.problems] == ["dmn.import_type"]
    assert model.evaluate("d", {}).value == 1


@pytest.mark.parametrize("kind", ["some", "every"])
def test_a_boxed_test_that_is_no_boolean_for_one_item_is_unknown(kind: str) -> None:
    logic = boxed("in", text("[null, 2]")) + boxed("satisfies", text("x > 1"))
    assert (
        model_of(decision("d", f'<{kind} iteratorVariable="x">{logic}</{kind}>')).evaluate("d", {}).value
        is None
    )


def test_a_reference_that_leads_nowhere_is_a_problem() -> None:
    model = dmn.parse(definitions(decision("a", text("1"), requires=["requiredDecision #nothing"])))
    assert [problem.code for problem in model.problems] == ["dmn.reference"]
