"""Decision tables: hit policies, checks of values, and the trace that explains them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import dmn, feel
from tests.dmn.building import decision, definitions, model_of, table, text

INPUT = [("score", "number")]
OVERLAPPING = [
    ([">= 80"], ['"良"'], "a"),
    ([">= 90"], ['"优"'], "b"),
    (["< 60"], ['"差"'], "c"),
]


def decide(policy: str, score: Any, rules: Any = OVERLAPPING, **more: str) -> dmn.Evaluation:
    """Evaluate a table of one input and one output."""
    return model_of(decision("grade", table(policy, INPUT, ["grade"], rules, **more))).evaluate(
        "grade", {"score": score}
    )


@pytest.mark.parametrize(
    ("policy", "more", "score", "expected"),
    [
        ("UNIQUE", {}, 85, "良"),
        ("UNIQUE", {}, 95, None),
        ("UNIQUE", {}, 70, None),
        ("UNIQUE", {"default": '"中"'}, 70, "中"),
        ("ANY", {}, 95, None),
        ("FIRST", {}, 95, "良"),
        ("PRIORITY", {"output_values": '"优", "良", "差"'}, 95, "优"),
        ("OUTPUT ORDER", {"output_values": '"优", "良", "差"'}, 95, ["优", "良"]),
        ("RULE ORDER", {}, 95, ["良", "优"]),
        ("COLLECT", {}, 95, ["良", "优"]),
        ("COLLECT", {}, 70, []),
        ("COLLECT", {"aggregation": "COUNT"}, 95, Decimal(2)),
        ("COLLECT", {"aggregation": "MIN"}, 95, "优"),
        ("COLLECT", {"aggregation": "SUM"}, 95, None),
    ],
)
def test_a_hit_policy_makes_one_result_of_the_matching_rules(
    policy: str, more: dict[str, str], score: int, expected: Any
) -> None:
    assert decide(policy, score, **more).value == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 30), ("MIN", 10), ("MAX", 20), ("COUNT", 2)])
def test_an_aggregation_of_numbers(aggregation: str, expected: int) -> None:
    rules = [([">= 80"], ["10"], ""), ([">= 90"], ["20"], ""), (["< 60"], ["0"], "")]
    assert decide("COLLECT", 95, rules, aggregation=aggregation).value == expected


@pytest.mark.parametrize(("policy", "expected"), [("PRIORITY", "优"), ("OUTPUT ORDER", ["优", "良"])])
def test_the_priority_of_outputs_may_stand_in_their_type(policy: str, expected: Any) -> None:
    grade = (
        '<itemDefinition name="tGrade"><typeRef>string</typeRef>'
        '<allowedValues><text>"优", "良", "差"</text></allowedValues></itemDefinition>'
    )
    logic = table(policy, INPUT, ["grade"], OVERLAPPING).replace(
        '<output name="grade">', '<output name="grade" typeRef="tGrade">'
    )
    assert model_of(grade, decision("grade", logic)).evaluate("grade", {"score": 95}).value == expected


def test_any_accepts_rules_that_agree() -> None:
    rules = [([">= 80"], ['"pass"'], ""), ([">= 90"], ['"pa" + "ss"'], "")]
    assert decide("ANY", 95, rules).value == "pass"


def test_several_outputs_make_a_context() -> None:
    logic = table(
        "UNIQUE", INPUT, ["light", "days"], [([">= 80"], ['"绿"', "5"], ""), (["< 80"], ['"红"', "1"], "")]
    )
    assert model_of(decision("d", logic)).evaluate("d", {"score": 50}).value == {
        "light": "红",
        "days": Decimal(1),
    }


def test_the_trace_says_which_rules_matched_and_why() -> None:
    trace = decide("COLLECT", 95).trace
    assert trace == [
        {
            "decision": "d_grade",
            "name": "grade",
            "table": "t",
            "hit_policy": "C",
            "inputs": [{"label": "score", "value": Decimal(95)}],
            "rules": [
                {"index": 1, "id": None, "outputs": {"grade": "良"}, "annotations": ["a"]},
                {"index": 2, "id": None, "outputs": {"grade": "优"}, "annotations": ["b"]},
            ],
            "outputs": ["良", "优"],
            "warnings": [],
        }
    ]


@pytest.mark.parametrize(
    ("policy", "more", "score", "code"),
    [
        ("UNIQUE", {}, 95, "dmn.unique"),
        ("ANY", {}, 95, "dmn.any"),
        ("UNIQUE", {}, 70, "dmn.no_rule"),
        ("UNIQUE", {}, "text", "dmn.input.type"),
        ("UNIQUE", {"input_values": "[0..100]"}, 101, "dmn.input.value"),
        ("UNIQUE", {"output_values": '"优", "差"'}, 85, "dmn.output.value"),
    ],
)
def test_what_goes_wrong_is_told_in_the_trace(
    policy: str, more: dict[str, str], score: Any, code: str
) -> None:
    evaluation = decide(policy, score, **more)
    assert evaluation.value is None
    warning = evaluation.trace[0]["warnings"][0]
    assert warning["code"] == code
    assert set(warning["message"]) == {"zh", "en"}


def test_an_input_entry_may_speak_of_its_input_and_of_other_variables() -> None:
    rules = [(['? > limit and ends with(string(?), "0")'], ['"round"'], ""), (["-"], ['"other"'], "")]
    model = model_of(decision("d", table("FIRST", INPUT, ["r"], rules)))
    assert model.evaluate("d", {"score": 90, "limit": 80}).value == "round"
    assert model.evaluate("d", {"score": 91, "limit": 80}).value == "other"


def test_strict_evaluation_refuses_a_misspelt_name() -> None:
    model = model_of(decision("d", text("scroe + 1")))
    assert model.evaluate("d", {"score": 1}).value is None
    with pytest.raises(feel.FeelUnknownName):
        model.evaluate("d", {"score": 1}, strict=True)


def test_a_broken_cell_is_a_problem_of_its_decision_only() -> None:
    broken = decision("broken", table("UNIQUE", INPUT, ["r"], [(["> 5 and"], ["1"], "")]))
    model = dmn.parse(definitions(broken + decision("sound", text("1 + 1"))))
    assert [problem.code for problem in model.problems] == ["dmn.expression"]
    assert model.evaluate("sound", {}).value == 2
    with pytest.raises(dmn.DmnError, match="broken"):
        model.evaluate("broken", {})
