"""The language by example: what designers write, and what it gives."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine import feel

ENVIRONMENT = feel.Environment(
    now=lambda: datetime(2026, 1, 5, 1, tzinfo=UTC),
    functions={"role": lambda name, org: f"role:{name}@{org}", "working days": lambda day, days: (day, days)},
)
VARIABLES = {
    "项目 名称": "道路",
    "达成率": 0.2,
    "合计（元）": 100,
    "score": 86,
    "project": {"section": "S03", "rows": [{"a": 1, "b c": 2}, {"a": 3, "b c": 4}]},
}


def value(text: str, **more: object) -> object:
    """Evaluate and return the text of the value."""
    return feel.to_string(feel.compile(text).evaluate({**VARIABLES, **more}, ENVIRONMENT))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2 = 0.3", "true"),
        ('score >= 85 and project.section = "S03"', "true"),
        ("项目 名称", "道路"),
        ("达成率 > 0.1", "true"),
        ("合计（元） * 2", "200"),
        ('role("section_chief", project.section)', "role:section_chief@S03"),
        ("project.rows[a > 1].b c", "[4]"),
        ("sum(project.rows.a)", "4"),
        ('if score > 3 then "y" else "n"', "y"),
        ("for i in 1..3 return i * 2", "[2, 4, 6]"),
        ("some r in project.rows satisfies r.a = 3", "true"),
        ("every r in project.rows satisfies r.a = 3", "false"),
        ("now()", "2026-01-05T09:00:00@Asia/Shanghai"),
        ("today()", "2026-01-05"),
        ('@"2026-01-31" + duration("P1M")', "2026-02-28"),
        ("{a: 1, b: a + 1}.b", "2"),
        ("score in [80..90)", "true"),
        ("score in (<3, >4)", "true"),
        ('substring("中国人民", 2, 2)', "国人"),
        ("[1, 2, 3][-1]", "3"),
        ("-2 ** 2", "4"),
        ("week of year(today())", "2"),
        ("10 / 3", "3.333333333333333333333333333333333"),
        ("nothing.at.all", "null"),
    ],
)
def test_an_expression_gives(text: str, expected: str) -> None:
    assert value(text) == expected


def test_a_host_function_is_given_python_values() -> None:
    result = feel.compile("working days(today(), 3)").evaluate({}, ENVIRONMENT)
    assert result == [feel.Date(2026, 1, 5), Decimal(3)]


def test_strict_evaluation_names_the_unknown_name() -> None:
    with pytest.raises(feel.FeelUnknownName) as caught:
        feel.compile("项目名 = 1").evaluate({}, ENVIRONMENT, strict=True)
    assert caught.value.message() == "名称“项目名”未定义"


def test_what_is_undefined_is_null_with_a_warning() -> None:
    warnings: list[feel.FeelWarning] = []
    assert feel.compile('1 + "a"').evaluate({}, ENVIRONMENT, warnings=warnings) is None
    assert [warning.code for warning in warnings] == ["feel.null.operand"]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("1 +", "feel.syntax.end", 4),
        ("完成率%", "feel.syntax.character", 4),
        ('"abc', "feel.syntax.string", 1),
        ("1 2", "feel.syntax.unexpected", 3),
        ("{a: 1, a: 2}", "feel.syntax.duplicate_key", 8),
        ("", "feel.syntax.empty", 1),
    ],
)
def test_a_syntax_error_says_where(text: str, code: str, column: int) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, 1, column)


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("> 5", 6, True),
        ("-", None, True),
        ("not(1, 2)", 3, True),
        ("[1..5]", 5, True),
        ('"a", "b"', "b", True),
        ("? > 3 and ? < 5", 4, True),
        ('< @"2026-01-01"', date(2025, 1, 1), True),
        ("> 5", None, False),
    ],
)
def test_unary_tests(text: str, subject: object, expected: bool) -> None:
    assert feel.compile(text, unary=True).test(subject, {}, ENVIRONMENT) is expected


def test_free_names_are_those_that_must_come_from_outside() -> None:
    text = "for r in goal.rows[amount > 1] return r.amount * rate + count(r.items)"
    assert feel.compile(text).free_names == {"goal", "rate"}


def test_data_for_json_is_iso_8601_with_an_offset() -> None:
    expression = feel.compile('{now: now(), day: @"2026-05-31", wait: @"P1DT2H", rows: [1, @"10:30:00"]}')
    assert feel.to_python(expression.evaluate({}, ENVIRONMENT)) == {
        "now": "2026-01-05T09:00:00+08:00",
        "day": "2026-05-31",
        "wait": "P1DT2H",
        "rows": [Decimal(1), "10:30:00"],
    }


def test_without_a_clock_there_is_no_now() -> None:
    with pytest.raises(feel.FeelError) as caught:
        feel.compile("today()").evaluate({})
    assert caught.value.code == "feel.no_clock"


def test_a_host_functions_failure_names_the_function() -> None:
    environment = feel.Environment(functions={"divide": lambda a, b: a // b})
    with pytest.raises(feel.FeelFunctionError, match="divide"):
        feel.compile("divide(1, 0)").evaluate({}, environment)


def test_a_large_context_is_converted_only_where_it_is_used() -> None:
    class Watched(dict[str, object]):
        taken: list[str] = []  # noqa: RUF012

        def __getitem__(self, key: str) -> object:
            self.taken.append(key)
            return super().__getitem__(key)

    rows = Watched(amount=5, unused=object())
    assert feel.compile("goal.amount + goal.amount").evaluate({"goal": rows}) == 10
    assert rows.taken == ["amount"]


def test_trying_a_condition_as_an_index_leaves_no_warnings() -> None:
    warnings: list[feel.FeelWarning] = []
    rows = [{"done": True}, {"done": False}]
    assert feel.compile("rows[done]").evaluate({"rows": rows}, warnings=warnings) == [{"done": True}]
    assert warnings == []
    assert feel.compile("rows[done]").evaluate({"rows": rows}, strict=True) == [{"done": True}]
