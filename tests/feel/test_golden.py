"""The whole of FEEL by golden values, its edges too: nulls, empty lists, wrong types, odd literals.

Each line of the files is an expression and its value as FEEL text, or the code of its error after an exclamation mark.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import feel

FILES = sorted((Path(__file__).parent / "golden").glob("*.txt"))
LINES = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
CASES = [tuple(line.rsplit(" => ", 1)) for line in LINES if line and not line.startswith("# ")]
ENVIRONMENT = feel.Environment(now=lambda: datetime(2026, 1, 1, tzinfo=UTC))


def outcome(text: str) -> str:
    """Return the value as FEEL text, or the code of the error."""
    try:
        return feel.to_literal(feel.compile(text).evaluate({}, ENVIRONMENT))
    except feel.FeelError as error:
        return f"! {error.code}"


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_an_edge_has_its_golden_value(text: str, expected: str) -> None:
    assert outcome(text) == expected


@pytest.mark.parametrize(
    "text",
    [value for text, value in CASES if not value.startswith(("!", "(", "function"))],
)
def test_a_value_as_text_reads_back_as_the_value(text: str) -> None:
    assert outcome(text) == text
