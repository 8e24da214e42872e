"""Golden values of 300 expressions, and the same in the browser (feelin, which form-js and bpmn-js bundle)."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from engine import feel
from tests.feel import parity

CONTEXT: dict[str, Any] = {
    "score": 86,
    "项目 名称": "道路",
    "达成率": 0.85,
    "合计（元）": 123456,
    "project": {"section": "S03"},
    "rows": [{"name": "a", "amount": 10}, {"name": "b", "amount": 20}, {"name": "c", "amount": 15}],
}
LINES = (parity.HERE / "expressions.txt").read_text(encoding="utf-8").splitlines()
EXPRESSIONS = [tuple(line.rsplit(" => ", 1)) for line in LINES if line and not line.startswith("# ")]
DIFFERENCES = tomllib.loads((parity.HERE / "differences.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_an_expression_has_its_golden_value(text: str, expected: str) -> None:
    assert feel.to_literal(feel.compile(text).evaluate(CONTEXT)) == expected


def test_the_browser_computes_the_same_but_for_what_is_listed() -> None:
    texts = [text for text, _ in EXPRESSIONS]
    assert len(texts) >= 200
    differing = set()
    for text, answer in zip(texts, parity.ask(texts, CONTEXT), strict=True):
        ours = feel.to_python(feel.compile(text).evaluate(CONTEXT))
        if "error" in answer or answer["value"] != ours:
            differing.add(text)
    assert sorted(differing - set(DIFFERENCES)) == [], "these differ and are not listed"
    assert sorted(set(DIFFERENCES) - differing) == [], "these are listed and do not differ"
