"""Properties of the parser and the evaluator over random input."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import feel
from engine.feel.nodes import Node
from engine.feel.parser import parse
from engine.feel.printer import print_node
from tests.feel.strategies import texts, trees

SLOW = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
VARIABLES = {
    "a": 1.5,
    "b": ["x", {"a": 1}],
    "项目 名称": "路",
    "达成率": None,
    "合计（元）": 10**20,
    "first name": {"a": {"b": 2}},
}


def has_sentences(problem: feel.FeelError) -> bool:
    """Whether the error speaks both languages."""
    return problem.message("zh") != problem.code and problem.message("en") != problem.code


@SLOW
@given(trees)
def test_what_is_printed_reads_back_as_the_same_tree(tree: Node) -> None:
    text = print_node(tree)
    try:
        again = parse(text)
    except feel.FeelLimitError:
        return
    assert again == tree, text


@SLOW
@given(trees)
def test_evaluation_raises_nothing_outside_the_error_tree(tree: Node) -> None:
    begin = time.process_time()
    problem = None
    try:
        value = feel.compile(print_node(tree)).evaluate(VARIABLES, warnings=[])
        feel.to_string(value)
        feel.to_python(value)
    except feel.FeelError as error:
        problem = error
    assert problem is None or has_sentences(problem)
    assert time.process_time() - begin < 1.5


@settings(max_examples=500, deadline=None)
@given(texts, st.booleans())
def test_any_text_is_read_or_refused_with_a_place(text: str, unary: bool) -> None:
    problem = None
    try:
        expression = feel.compile(text, unary=unary)
        if unary:
            expression.test(1, VARIABLES)
        else:
            expression.evaluate(VARIABLES)
    except feel.FeelError as error:
        problem = error
    assert problem is None or has_sentences(problem)
    if isinstance(problem, feel.FeelSyntaxError):
        assert problem.line >= 1
        assert problem.column >= 1


@SLOW
@given(trees)
def test_a_check_never_fails(tree: Node) -> None:
    for problem in feel.check(print_node(tree), ["a", "b"]):
        assert problem.message("zh") != problem.code
