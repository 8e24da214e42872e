"""Answers: what a page posts, what is kept of it, and what is said about it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

import forms
from engine import feel
from forms.numbers import NumberProblem, parse_number
from tests.forms.conftest import INDICATORS, Make, source_of

REQUIRED = {"validate": {"required": True}}


def check(
    form: forms.Form, answers: dict[str, Any], env: feel.Environment, **variables: Any
) -> dict[str, str]:
    return {str(one.field): one.code for one in forms.check(form, answers, variables, env)}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1200.5", "1200.5"),
        ("１，２００．５０", "1200.50"),
        ("1,234,567", "1234567"),
        (" 12 345 ", "12345"),
        ("－3", "-3"),
        ("−3.5", "-3.5"),
        (".5", "0.5"),
        ("007", "7"),
        ("1e3", "1000"),
        ("0", "0"),
    ],
)
def test_numbers_are_understood_as_people_type_them(typed: str, meant: str) -> None:
    assert parse_number(typed) == Decimal(meant)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1e400", "answer.number_too_large"),
        ("1e999999999999", "answer.not_a_number"),
        ("9" * 19, "answer.number_too_large"),
        ("9" * 5_000_000, "answer.number_too_large"),
        ("NaN", "answer.not_a_number"),
        ("Infinity", "answer.not_a_number"),
        ("12,34", "answer.not_a_number"),
        ("abc", "answer.not_a_number"),
        ("1.2.3", "answer.not_a_number"),
        ("0." + "1" * 40, "answer.too_many_decimals"),
        ("٣", "answer.not_a_number"),
    ],
)
def test_what_is_no_number_is_said_to_be_none(typed: str, code: str) -> None:
    with pytest.raises(NumberProblem) as raised:
        parse_number(typed)
    assert raised.value.code == code


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_problem(text: str) -> None:
    try:
        number = parse_number(text)
    except NumberProblem:
        return
    assert number.is_finite()
    assert "E" not in str(number)


def test_a_page_is_read_into_nested_answers(make: Make) -> None:
    form = make(
        {"type": "number", "key": "a.b", "decimalDigits": 2},
        {"type": "checkbox", "key": "yes"},
        {"type": "checkbox", "key": "no"},
        {
            "type": "checklist",
            "key": "some",
            "values": [{"label": "x", "value": "X"}, {"label": "y", "value": "Y"}],
        },
        {"type": "datetime", "key": "day", "subtype": "date"},
        {"type": "datetime", "key": "at", "subtype": "datetime", "timeSerializingFormat": "utc_normalized"},
        {"type": "textarea", "key": "text"},
        {"type": "number", "key": "kept", "serializeToString": True},
        {"type": "filepicker", "key": "files"},
        {"type": "expression", "key": "sum", "expression": "=1"},
    )
    posted = MultiDict(
        [
            ("a.b", "1,200.5"), ("yes", ""), ("yes", "true"), ("no", ""), ("some", ""), ("some", "X"),
            ("day", "2026-01-31"), ("at", "2026-01-31T09:30"), ("text", " eins\r\nzwei \r\n"), ("kept", "００5"),
            ("files", ""), ("files", "17"), ("sum", "99"), ("stranger", "x"),
        ]
    )  # fmt: skip
    assert forms.decode(form, posted) == {
        "a": {"b": Decimal("1200.5")},
        "yes": True,
        "no": False,
        "some": ["X"],
        "day": "2026-01-31",
        "at": "2026-01-31T01:30Z",
        "text": " eins\nzwei",
        "kept": "5",
        "files": ["17"],
    }


def test_rows_come_in_the_order_of_the_page_and_keep_their_ids(make: Make) -> None:
    form = make(INDICATORS)
    posted = MultiDict(
        [
            ("indicators", ""),
            ("indicators.7._row", "x"), ("indicators.7.name", "先"),
            ("indicators.2._row", "y"), ("indicators.2.name", "后"),
            ("indicators.3._row", "x"), ("indicators.3.name", "同号"),
        ]
    )  # fmt: skip
    rows = forms.decode(form, posted)["indicators"]
    assert [(row["_row"], row["name"]) for row in rows] == [("x", "先"), ("y", "后"), ("r1", "同号")]


def test_what_was_shown_read_only_is_kept_from_before(make: Make) -> None:
    form = make({"type": "textfield", "key": "title"}, INDICATORS)
    before = {"title": "原有", "indicators": [{"_row": "a", "name": "不动", "unit": "个"}]}
    posted = MultiDict([("indicators.0._row", "a"), ("indicators.0.unit", "米")])
    assert forms.decode(form, posted, before) == {
        "title": "原有",
        "indicators": [{"_row": "a", "name": "不动", "unit": "米"}],
    }
    assert forms.decode(form, MultiDict(), before) == before
    assert forms.decode(form, MultiDict([("indicators", "")]), before)["indicators"] == []


def test_what_nobody_types_is_never_taken_from_a_page(make: Make) -> None:
    form = make(
        {"type": "textfield", "key": "code", "readonly": True},
        {"type": "number", "key": "n"},
        {"type": "expression", "key": "twice", "expression": "=n * 2"},
    )
    posted = MultiDict([("code", "P-9"), ("n", "3"), ("twice", "7")])
    assert forms.decode(form, posted, {"code": "P-1", "n": 1, "twice": 2}) == {"code": "P-1", "n": 3}


def test_a_number_that_cannot_be_read_stays_as_typed_and_is_said(make: Make, env: feel.Environment) -> None:
    form = make({"type": "number", "key": "n", "label": "金额", "validate": {"required": True}})
    answers = forms.decode(form, MultiDict([("n", "1e400")]))
    (found,) = forms.check(form, answers, {}, env)
    assert answers == {"n": "1e400"}
    assert found.field == "n"
    assert found.message["zh"] == "“金额”的数字过大"
    assert "18" in found.remedy["zh"]


def test_a_row_that_holds_only_what_a_new_row_begins_with_does_not_count(
    make: Make, env: feel.Environment
) -> None:
    direction = '=if this.operator = "LE" then "-" else "+"'
    columns = [
        {"type": "textfield", "key": "name", "label": "名称", "validate": {"required": True}},
        {"type": "textfield", "key": "operator", "label": "比较符", "defaultValue": "GE"},
        {"type": "textfield", "key": "direction", "label": "方向", "defaultValue": direction},
    ]
    form = make({"type": "dynamiclist", "path": "rows", "components": columns})
    assert check(form, {"rows": [{"name": "", "operator": "GE", "direction": "+"}]}, env) == {}
    changed = {"rows": [{"name": "", "operator": "LE", "direction": "-"}]}
    assert check(form, changed, env) == {"rows.0.name": "answer.required"}


def test_a_cell_is_named_by_table_row_and_column(make: Make, env: feel.Environment) -> None:
    form = make(INDICATORS)
    rows = [{"level": "QUANTITY", "name": "甲"}, {"level": "QUANTITY", "name": "", "unit": "个"}]
    (found,) = forms.check(form, {"indicators": rows}, {}, env)
    assert found.field == "indicators.1.name"
    assert found.message["zh"] == "“绩效指标”第 2 行的“三级指标”还没有填写"
    assert found.message["en"] == "“Indicator” in row 2 of “Indicators” is not filled in"


def test_rows_in_which_nothing_was_filled_in_do_not_count(make: Make, env: feel.Environment) -> None:
    form = make(INDICATORS, {"type": "expression", "key": "sum", "expression": "=sum(indicators.points)"})
    answers = {
        "indicators": [{"level": "QUANTITY", "name": "甲", "points": Decimal(3)}, {"name": "", "level": None}]
    }
    assert check(form, answers, env) == {}
    kept = forms.compute(form, answers, {}, env)
    assert len(kept["indicators"]) == 1
    assert kept["sum"] == 3
    assert check(form, {"indicators": [{}]}, env) == {"indicators": "answer.no_rows"}


@pytest.mark.parametrize(
    ("component", "value", "code"),
    [
        ({"type": "textfield", "validate": {"required": True}}, "", "answer.required"),
        ({"type": "textfield"}, "", None),
        ({"type": "textfield", "validate": {"minLength": 3}}, "ab", "answer.too_short"),
        ({"type": "textfield", "validate": {"minLength": 3}}, "", None),
        ({"type": "textfield", "validate": {"maxLength": 3}}, "一二三四", "answer.too_long"),
        ({"type": "textarea"}, "x" * 10_000_000, "answer.too_long"),
        ({"type": "textfield"}, "a\x00b", "answer.control_character"),
        ({"type": "textfield"}, "a\u0085b", "answer.control_character"),
        ({"type": "textfield"}, "\ud800", "answer.control_character"),
        ({"type": "textfield", "validate": {"pattern": "^[A-Z]+$"}}, "abc", "answer.pattern"),
        ({"type": "textfield", "validate": {"pattern": "^(a+)+$"}}, "a" * 5000 + "!", "answer.pattern"),
        ({"type": "textfield", "validate": {"validationType": "email"}}, "wang", "answer.email"),
        ({"type": "textfield", "validate": {"validationType": "email"}}, "wang@example.gov.cn", None),
        ({"type": "textfield", "validate": {"validationType": "phone"}}, "0999-3621234", None),
        ({"type": "textfield", "validate": {"validationType": "phone"}}, "13800001111", None),
        ({"type": "textfield", "validate": {"validationType": "phone"}}, "12-34", "answer.phone"),
        ({"type": "textfield"}, 5, None),
        ({"type": "textfield"}, {"a": 1}, "answer.wrong_shape"),
        ({"type": "number", "validate": {"min": 0}}, Decimal(-1), "answer.below_min"),
        ({"type": "number", "validate": {"max": 100}}, Decimal("100.01"), "answer.above_max"),
        ({"type": "number", "decimalDigits": 2}, Decimal("0.005"), "answer.too_many_decimals"),
        ({"type": "number", "decimalDigits": 2}, Decimal("0.1") + Decimal("0.2"), None),
        ({"type": "number", "decimalDigits": 2}, Decimal("123456789012345678.01"), None),
        ({"type": "number", "decimalDigits": 0}, Decimal("2.5"), "answer.not_integer"),
        ({"type": "number", "properties": {"money": "万元"}}, Decimal("1.234"), "answer.too_many_decimals"),
        ({"type": "number", "increment": "0.5"}, Decimal("0.7"), "answer.not_a_step"),
        ({"type": "number"}, Decimal("1e400"), "answer.number_too_large"),
        ({"type": "number"}, Decimal("NaN"), "answer.not_a_number"),
        ({"type": "number"}, True, "answer.not_a_number"),
        ({"type": "number"}, [1], "answer.not_a_number"),
        ({"type": "datetime", "subtype": "date"}, "2026-02-30", "answer.not_a_date"),
        ({"type": "datetime", "subtype": "date"}, "2028-02-29", None),
        ({"type": "datetime", "subtype": "time"}, "25:00", "answer.not_a_time"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-02-30T10:00", "answer.not_a_date"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-02-28T10:00+08:00", None),
        ({"type": "select", "values": [{"label": "甲", "value": "A"}]}, "B", "answer.not_an_option"),
        ({"type": "radio", "values": [{"label": "甲", "value": "A"}], **REQUIRED}, None, "answer.choose"),
        ({"type": "checklist", "values": [{"label": "甲", "value": "A"}]}, ["A", "B"], "answer.not_an_option"),
        ({"type": "checklist", "values": [{"label": "甲", "value": "A"}]}, "A", "answer.wrong_shape"),
        ({"type": "checkbox", "validate": {"required": True}}, False, "answer.must_agree"),
        ({"type": "checkbox"}, "maybe", "answer.wrong_shape"),
        ({"type": "filepicker", "validate": {"required": True}}, [], "answer.no_file"),
        ({"type": "filepicker"}, [{"path": "/etc/passwd"}], "answer.wrong_shape"),
    ],
)  # fmt: skip
def test_each_rule_says_what_is_wrong(
    make: Make, env: feel.Environment, component: dict[str, Any], value: Any, code: str | None
) -> None:
    form = make({**component, "key": "f", "label": "栏目"})
    found = forms.check(form, {"f": value}, {}, env)
    assert [one.code for one in found] == ([code] if code else [])
    assert all("栏目" in one.message["zh"] for one in found)


def test_too_many_rows_are_one_sentence(make: Make, env: feel.Environment) -> None:
    form = make({**INDICATORS, "properties": {"widget": "table", "max-rows": "3"}})
    rows = [{"level": "QUANTITY", "name": f"指标{number}"} for number in range(2000)]
    (found,) = forms.check(form, {"indicators": rows}, {}, env)
    assert (found.field, found.code) == ("indicators", "answer.too_many_rows")
    assert "2000" in found.message["zh"]


def test_hidden_fields_are_neither_kept_nor_asked_for(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "checkbox", "key": "many"},
        {
            "type": "group",
            "conditional": {"hide": "=not(many)"},
            "components": [{"id": "why", "type": "textfield", "key": "why", "validate": {"required": True}}],
        },
    )
    assert forms.compute(form, {"many": False, "why": "x"}, {}, env) == {"many": False}
    assert check(form, {"many": False}, env) == {}
    assert check(form, {"many": True}, env) == {"why": "answer.required"}


def test_bounds_and_options_may_be_expressions(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "number", "key": "total"},
        {"type": "number", "key": "year", "validate": {"max": "=total"}},
        {"type": "select", "key": "section", "valuesExpression": "=sections[active].name"},
        {"type": "select", "key": "unit", "valuesKey": "catalogue.units"},
    )
    variables = {
        "sections": [{"name": "农业股", "active": True}, {"name": "旧股", "active": False}],
        "catalogue": {"units": [{"label": "交通局", "value": 12}]},
    }
    answers = {"total": Decimal(10), "year": Decimal(11), "section": "旧股", "unit": "13"}
    found = {str(one.field): one.code for one in forms.check(form, answers, variables, env)}
    assert found == {
        "year": "answer.above_max",
        "section": "answer.not_an_option",
        "unit": "answer.not_an_option",
    }
    good = {"total": Decimal(10), "year": Decimal(10), "section": "农业股", "unit": "12"}
    assert forms.check(form, good, variables, env) == []


def test_defaults_fill_what_was_never_asked_and_leave_what_was_emptied(
    make: Make, env: feel.Environment
) -> None:
    form = make(
        {"type": "textfield", "key": "a", "defaultValue": "甲"},
        {"type": "textfield", "key": "b", "defaultValue": "=project.name"},
        {"type": "number", "key": "c"},
    )
    variables = {"project": {"name": "公路"}, "c": 7}
    assert forms.compute(form, {}, variables, env) == {"a": "甲", "b": "公路", "c": 7}
    assert forms.compute(form, {"a": "", "b": "", "c": None}, variables, env) == {"a": "", "b": "", "c": None}


def test_what_is_read_only_comes_from_the_server_whatever_was_posted(
    make: Make, env: feel.Environment
) -> None:
    form = make(
        {"type": "textfield", "key": "code", "readonly": True, "defaultValue": "=project.code"},
        {"type": "textfield", "key": "unit", "disabled": True},
    )
    variables = {"project": {"code": "P-1"}, "unit": "交通局"}
    assert forms.compute(form, {"code": "P-9", "unit": "别的"}, variables, env) == {
        "code": "P-1",
        "unit": "交通局",
    }


def test_a_row_sees_its_own_fields_then_those_around_it(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "number", "key": "total"},
        {
            "type": "dynamiclist",
            "path": "items",
            "components": [
                {"id": "a", "type": "number", "key": "amount"},
                {"id": "s", "type": "expression", "key": "share", "expression": "=amount / parent.total"},
                {"id": "n", "type": "expression", "key": "number", "expression": "=i[1]"},
                {"id": "t", "type": "expression", "key": "of", "expression": "=this.amount + total"},
            ],
        },
        {"type": "expression", "key": "largest", "expression": "=max(items.share)"},
    )
    kept = forms.compute(form, {"total": 8, "items": [{"amount": 2}, {"amount": 4}]}, {}, env)
    assert [row["share"] for row in kept["items"]] == [Decimal("0.25"), Decimal("0.5")]
    assert [row["number"] for row in kept["items"]] == [1, 2]
    assert [row["of"] for row in kept["items"]] == [10, 12]
    assert kept["largest"] == Decimal("0.5")


def test_decimal_sums_are_exact(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "number", "key": "a"},
        {"type": "number", "key": "b"},
        {"type": "expression", "key": "same", "expression": "=a + b = 0.3"},
    )
    posted = MultiDict([("a", "0.1"), ("b", "0.2")])
    assert forms.compute(form, forms.decode(form, posted), {}, env)["same"] is True


answers_of_any_kind = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "unit", "_row"]), inner)
    ),
    max_leaves=8,
)
EVERYTHING = source_of(
    {"type": "number", "key": "n", "properties": {"money": "万元"}},
    {"type": "textfield", "key": "t", "conditional": {"hide": "=n > 3"}},
    {"type": "select", "key": "s", "values": [{"label": "甲", "value": "A"}]},
    {"type": "taglist", "key": "m", "values": [{"label": "甲", "value": "A"}]},
    {"type": "datetime", "key": "d"},
    {"type": "filepicker", "key": "f"},
    {"type": "checkbox", "key": "c"},
    {"type": "expression", "key": "e", "label": "和", "expression": "=sum(indicators.points)"},
    INDICATORS,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["n", "t", "s", "m", "d", "f", "c", "e", "indicators"]), answers_of_any_kind
    )
)
def test_answers_of_any_kind_are_checked_computed_and_drawn(answers: dict[str, Any]) -> None:
    form = forms.read(EVERYTHING)
    env = feel.Environment()
    found = forms.check(form, answers, {}, env)
    forms.compute(form, answers, {}, env)
    html = forms.render(forms.view(form, answers, {}, env, findings=found, previous=answers))
    assert "data-form" in html


def test_a_list_that_began_with_a_variable_keeps_its_read_only_cells() -> None:
    columns = [
        {"type": "textfield", "key": "name", "id": "c1", "readonly": True},
        {"type": "number", "key": "reached", "id": "c2"},
    ]
    table = {"type": "dynamiclist", "path": "rows", "id": "t", "components": columns}
    form = forms.read(json.dumps({"type": "default", "id": "f", "components": [table]}).encode())
    variables = {"rows": [{"_row": "a", "name": "第一条"}, {"_row": "b", "name": "第二条"}]}
    typed = MultiDict([("rows.0._row", "b"), ("rows.0.reached", "3"), ("rows.0.name", "改过")])
    assert forms.decode(form, typed, {}, variables) == {
        "rows": [{"_row": "b", "name": "第二条", "reached": Decimal(3)}]
    }
    assert forms.decode(form, typed, {"rows": []}, variables)["rows"] == [
        {"_row": "b", "reached": Decimal(3)}
    ]
