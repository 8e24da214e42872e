"""Files that were damaged or made to harm end in a DmnError, soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import dmn, feel
from tests.dmn.building import decision, definitions, input_data, table, text
from tests.feel.strategies import texts

SOUND = definitions(
    input_data("score", "number")
    + decision(
        "grade",
        table(
            "UNIQUE",
            [("score", "number")],
            ["r"],
            [([">= 60"], ['"pass"'], "a"), (["< 60"], ['"fail"'], "b")],
        ),
        requires=["requiredInput #i_score"],
    )
    + decision("d", "<context><contextEntry>" + text("[1, 2]") + "</contextEntry></context>")
)


def use(source: bytes) -> None:
    """Parse, check and evaluate everything; only errors of the tree may come out."""
    try:
        model = dmn.parse(source)
    except dmn.DmnError as error:
        assert error.message("zh") != error.code  # noqa: PT017
        return
    for problem in dmn.check(model, ["x"]):
        assert problem.message("en") != problem.code
    for name in model.decisions:
        try:
            model.evaluate(name, {"score": 70})
        except feel.FeelError:
            continue


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SOUND) - 1), st.integers(0, 40), st.binary(max_size=6))
def test_damaged_bytes(place: int, length: int, inserted: bytes) -> None:
    use(SOUND[:place] + inserted + SOUND[place + length :])


@settings(max_examples=200, deadline=None)
@given(texts, texts, texts)
def test_cells_of_any_text(test: str, output: str, expression: str) -> None:
    legible = ["".join(c for c in piece if c.isprintable()) for piece in (test, output, expression)]
    use(
        definitions(
            decision("d", table("ANY", [(legible[2], "number")], ["r"], [([legible[0]], [legible[1]], "")]))
        )
    )


def test_deeply_nested_boxes_are_refused() -> None:
    begin = time.process_time()
    nested = text("1")
    for _ in range(2000):
        nested = f"<list>{nested}</list>"
    use(definitions(decision("d", nested)))
    assert time.process_time() - begin < 2


def test_a_thousand_rules_are_checked_in_time() -> None:
    rules = [([f"[{n}..{n + 1})", f'"{n}"'], [str(n)], "") for n in range(1000)]
    source = definitions(decision("d", table("UNIQUE", [("a", "number"), ("b", "string")], ["r"], rules)))
    begin = time.process_time()
    use(source)
    assert time.process_time() - begin < 10


def test_a_table_asked_in_a_loop_does_not_fill_the_memory() -> None:
    rules = [(["-"], ["1"], "")]
    knowledge = (
        '<businessKnowledgeModel id="k" name="f"><variable name="f"/><encapsulatedLogic><formalParameter name="x"/>'
        + table("UNIQUE", [("x", "Any")], ["r"], rules)
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    logic = text("count(for i in 1..20000 return f(i))")
    model = dmn.parse(definitions(knowledge + decision("d", logic, requires=["requiredKnowledge #k"])))
    evaluation = model.evaluate("d", {})
    assert evaluation.value == 20000
    assert len(evaluation.trace) <= 1001


def test_an_evaluation_is_limited_as_a_whole() -> None:
    loop = decision("a", text("for i in 1..1000000000 return i"))
    model = dmn.parse(definitions(loop))
    begin = time.process_time()
    use(definitions(loop))
    assert model.problems == []
    assert time.process_time() - begin < 1.5


def test_tests_of_allowed_values_count_towards_the_limit() -> None:
    costly = "count(for i in 1..20000 return i) &gt; 1"
    type_ = f"<itemDefinition name='t' isCollection='true'><typeRef>number</typeRef><allowedValues><text>{costly}</text>"
    source = definitions(
        type_
        + "</allowedValues></itemDefinition>"
        + decision("d", text("for i in 1..5000 return i"), type_ref="t")
    )
    begin = time.process_time()
    model = dmn.parse(source)
    with pytest.raises(feel.FeelLimitError):
        model.evaluate("d", {})
    assert time.process_time() - begin < 1.5
