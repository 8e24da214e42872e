"""Checks before deployment: names, gaps and overlaps."""

from __future__ import annotations

from typing import Any

import pytest

from engine import dmn
from engine.bpmn.checks import check_files
from engine.feel.messages import CATALOGUE, REMEDIES
from engine.plugins import load_plugins
from tests.dmn.building import decision, definitions, input_data, model_of, table, text


def problems(
    rules: Any, policy: str = "UNIQUE", inputs: Any = (("score", "number"),), **more: str
) -> list[tuple[str, str]]:
    """Return code and Chinese sentence of what is found in a table."""
    model = dmn.parse(definitions(decision("评级", table(policy, inputs, ["r"], rules, **more))))
    return [(problem.code, problem.message("zh")) for problem in dmn.check(model)]


def test_a_complete_table_without_overlap_is_clean() -> None:
    assert problems([([">= 90"], ["1"], ""), (["[60..90)"], ["2"], ""), (["< 60"], ["3"], "")]) == []


def test_a_gap_is_shown_with_an_input_that_no_rule_covers() -> None:
    found = problems([([">= 90"], ["1"], ""), (["[60..90)"], ["2"], ""), (["< 59"], ["3"], "")])
    assert found == [("dmn.gap", "“评级”没有规则覆盖 score = 59")]


def test_a_gap_at_a_single_point_is_found() -> None:
    assert problems([(["> 60"], ["1"], ""), (["< 60"], ["2"], "")]) == [
        ("dmn.gap", "“评级”没有规则覆盖 score = 60")
    ]


def test_an_overlap_of_a_unique_table_is_shown_with_an_example() -> None:
    found = problems([([">= 90"], ["1"], ""), (["<= 90"], ["2"], "")])
    assert found == [("dmn.overlap", "“评级”的规则 1, 2 同时命中，例如 score = 90")]


def test_rules_of_an_any_table_may_overlap_if_they_agree() -> None:
    assert problems([([">= 90"], ["1"], ""), (["<= 90"], ["1"], "")], "ANY") == []
    assert problems([([">= 90"], ["1"], ""), (["<= 90"], ["2"], "")], "ANY")[0][0] == "dmn.overlap"


def test_the_input_values_bound_what_must_be_covered() -> None:
    rules = [(['"优"'], ["1"], ""), (['"良", "中"'], ["2"], "")]
    inputs = (("grade", "string"),)
    assert [code for code, _ in problems(rules, inputs=inputs)] == ["dmn.gap"]
    assert problems(rules, inputs=inputs, input_values='"优","良","中"') == []


@pytest.mark.parametrize(
    ("kind", "tests"),
    [
        ("date", ['< @"2026-06-01"', '>= @"2026-06-01"']),
        ("date", ['< date("2026-06-01")', '>= date("2026-06-01")']),
        ("boolean", ["true", "false"]),
        ("boolean", ["true", "not(true)"]),
        ("days and time duration", ['<= duration("P5D")', '> duration("P5D")']),
        ("string", ['"a"', 'not("a")']),
        ("number", ["? < 5", "? >= 5"]),
    ],
)
def test_two_halves_of_a_type_are_complete(kind: str, tests: list[str]) -> None:
    assert problems([([tests[0]], ["1"], ""), ([tests[1]], ["2"], "")], inputs=(("x", kind),)) == []


def test_gaps_across_columns_are_found() -> None:
    inputs = (("score", "number"), ("big", "boolean"))
    rules = [([">= 60", "true"], ["1"], ""), (["< 60", "-"], ["2"], "")]
    assert problems(rules, inputs=inputs) == [("dmn.gap", "“评级”没有规则覆盖 score = 60, big = false")]


def test_a_table_of_many_columns_is_examined_in_bounded_time() -> None:
    inputs = tuple((f"x{i}", "number") for i in range(20))
    rules = [([f"[{i * 10 + j}..{i * 10 + j + 5})" for j in range(20)], ["1"], "") for i in range(60)]
    assert problems(rules, inputs=inputs)


def test_names_are_checked_against_what_is_required_and_given() -> None:
    source = definitions(
        input_data("amount")
        + input_data("rate")
        + decision("d", text("amount * rate + bonus + magic(1)"), requires=["requiredInput #i_amount"])
    )
    model = dmn.parse(source)
    assert [problem.code for problem in dmn.check(model)] == ["dmn.not_required", "feel.unknown_function"]
    codes = [problem.code for problem in dmn.check(model, ["other"], functions=["magic"])]
    assert codes == ["dmn.not_required", "feel.unknown_name"]


def test_a_cell_of_another_type_than_its_column_is_found() -> None:
    found = problems(
        [(['"a"'], ["1"], ""), (["> 5"], ["2"], ""), (["[1..5]"], ["3"], ""), (["-"], ["4"], "")], "FIRST"
    )
    assert found == [("feel.type_conflict", "“=”不能用于数字和字符串")]


def test_types_of_required_inputs_are_used() -> None:
    types = (
        '<itemDefinition name="tGoal"><itemComponent name="amount"><typeRef>number</typeRef></itemComponent>'
        "</itemDefinition>"
    )
    source = definitions(
        types
        + input_data("goal", "tGoal")
        + decision("a", text('goal.amount > "5"'), requires=["requiredInput #i_goal"])
        + decision("b", text("goal.amuont"), requires=["requiredInput #i_goal"])
        + decision(
            "c", text("for goal in [{amuont: 1}] return goal.amuont"), requires=["requiredInput #i_goal"]
        )
        + decision("d", text("goal.amount > 5"), requires=["requiredInput #i_goal"])
    )
    found = [(problem.params["owner"], problem.code) for problem in dmn.check(dmn.parse(source))]
    assert found == [("a", "feel.type_conflict"), ("b", "feel.unknown_member")]


def test_a_syntax_error_speaks_the_readers_language() -> None:
    model = dmn.parse(definitions(decision("d", text("1 +"))))
    (problem,) = dmn.check(model)
    assert problem.message("zh") == "“d”的表达式有误：表达式不完整，缺少表达式（第 1 行第 4 列）"
    assert (
        problem.message("en")
        == "an expression of “d” is wrong: the expression is incomplete, expected an expression (line 1, column 4)"
    )


def test_a_misspelt_name_is_told_with_what_was_meant() -> None:
    parts = input_data("得分"), decision("d", text("得份 + 1"), requires=["requiredInput #i_得分"])
    model = dmn.parse(definitions("".join(parts)))
    (problem,) = dmn.check(model, names=[])
    assert (problem.severity, problem.code) == ("error", "feel.unknown_name")
    assert problem.remedy("zh") == "检查拼写，或先声明这个名称"
    long = (
        input_data("四维总分"),
        decision("d", text("四维总得分 + 1"), requires=["requiredInput #i_四维总分"]),
    )
    (problem,) = dmn.check(dmn.parse(definitions("".join(long))))
    assert (problem.severity, problem.remedy("zh")) == ("warning", "是不是想写“四维总分”？")


def test_what_a_decision_needs_follows_its_requirements() -> None:
    model = model_of(
        input_data("a", "number"),
        input_data("b", "string"),
        input_data("unused"),
        decision("base", text("a + outside + sum([1])"), requires=["requiredInput #i_a"]),
        decision(
            "top",
            text("for x in [base] return x + role(b)"),
            requires=["requiredDecision #d_base", "requiredInput #i_b"],
        ),
    )
    assert {name: type_.kind for name, type_ in dmn.needs(model, "top", ["role"]).items()} == {
        "a": "number",
        "b": "string",
        "outside": "Any",
    }


@pytest.mark.parametrize(
    ("policy", "kind"), [("UNIQUE", "string"), ("COLLECT", "list"), ("RULE ORDER", "list")]
)
def test_the_type_of_a_tables_result_follows_from_its_outputs(policy: str, kind: str) -> None:
    logic = table(policy, [("score", "number")], ["r"], [(["> 1"], ['"x"'], "")])
    model = model_of(decision("d", logic.replace('<output name="r"', '<output name="r" typeRef="string"')))
    assert dmn.result_type(model, "d").kind == kind


def test_decisions_that_require_one_another_in_a_circle_are_refused() -> None:
    def needs(name: str, other: str) -> str:
        return (
            f'<decision id="{name}" name="{name}"><informationRequirement><requiredDecision href="#{other}"/>'
            f"</informationRequirement><literalExpression><text>{other}</text></literalExpression></decision>"
        )

    model = dmn.parse(definitions(needs("a", "b") + needs("b", "c") + needs("c", "b")))
    found = [(one.severity, one.code, one.params["name"]) for one in dmn.check(model)]
    assert found == [("error", "dmn.cycle", "b"), ("error", "dmn.cycle", "c")]


def test_all_that_is_found_before_a_model_runs_says_what_to_do() -> None:
    running = {"input.missing", "input.type", "input.value", "output.type", "output.value", "unique", "any"}
    running |= {"no_rule", "aggregate_values", "unknown_decision"}
    for code in (code for code in CATALOGUE if code.startswith("dmn.")):
        if code.removeprefix("dmn.") not in running:
            assert set(REMEDIES[code]) == {"zh", "en"}, code
    (report,) = check_files({"a.dmn": b"<definitions"}, load_plugins())
    assert report.findings[0].remedy["zh"] == "请用建模工具重新保存该文件"
