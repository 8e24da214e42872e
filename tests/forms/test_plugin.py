"""What the engine hears from forms through its ports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.plugins import AnswersRequest, load_plugins
from forms import plugin
from tests.forms.conftest import source_of

FORM = source_of(
    {"type": "number", "key": "a", "label": "甲", "validate": {"required": True}},
    {"type": "expression", "key": "twice", "label": "两倍", "expression": "=a * 2"},
    {"type": "expression", "key": "at", "expression": "=string(now())"},
    {"type": "expression", "key": "who", "expression": '=role("clerk", "U1")'},
    {"type": "button", "label": "提交"},
)


def request(answers: dict[str, Any], form: bytes = FORM) -> AnswersRequest:
    now = datetime(2026, 3, 2, 1, tzinfo=UTC)
    return AnswersRequest("test", form, answers, {}, "提交", "fill", "process", now)


def ask(hook: str, **arguments: Any) -> list[Any]:
    manager = load_plugins(plugin, entry_points=False)
    return [one for found in getattr(manager.hook, hook)(**arguments) for one in found]


def test_a_sound_form_has_no_error() -> None:
    assert [one.code for one in ask("bihuan_check_form", form_id="test", source=FORM)] == [
        "form.button_ignored"
    ]
    assert [one.code for one in ask("bihuan_check_form", form_id="other", source=FORM)][-1] == "form.other_id"


def test_a_broken_form_is_a_finding_everywhere_and_never_an_exception() -> None:
    assert [one.code for one in ask("bihuan_check_form", form_id="x", source=b"{")] == ["form.not_json"]
    assert ask("bihuan_form_fields", form_id="x", source=b"{") == []
    assert [one.code for one in ask("bihuan_check_answers", request=request({}, b"{"))] == ["form.not_json"]


TABLE = source_of(
    {"type": "number", "key": "price", "label": "单价"},
    {"type": "textfield", "key": "unit", "label": "单位", "defaultValue": "个"},
    {"type": "textfield", "key": "why", "label": "理由", "conditional": {"hide": "=price < 100"}},
    {
        "type": "dynamiclist",
        "path": "items",
        "components": [
            {"id": "count", "type": "number", "key": "count", "label": "数量"},
            {
                "id": "cost",
                "type": "expression",
                "key": "cost",
                "label": "金额",
                "expression": "=this.count * parent.price",
            },
        ],
    },
)


def test_a_computed_value_in_a_row_that_was_altered_is_found_at_its_cell() -> None:
    rows = [{"count": 2, "cost": 20}, {"count": 3, "cost": 31}, {}]
    found = ask("bihuan_check_answers", request=request({"price": 10, "items": rows}, TABLE))
    assert [(one.code, one.field) for one in found] == [("answer.computed_differs", "items.1.cost")]


def test_answers_are_kept_with_what_the_form_adds_and_without_what_does_not_count() -> None:
    given = {"price": 10, "why": "旧的理由", "items": [{"count": 2}, {}], "unknown": 1}
    kept = load_plugins(plugin, entry_points=False).hook.bihuan_fill_answers(request=request(given, TABLE))
    assert kept == {"price": 10, "unit": "个", "items": [{"_row": "r1", "count": 2, "cost": 20}]}


def test_what_only_the_engine_can_compute_is_kept_as_it_was_given() -> None:
    hook = load_plugins(plugin, entry_points=False).hook.bihuan_fill_answers
    assert hook(request=request({"a": 2, "who": "role:clerk@U1"}))["who"] == "role:clerk@U1"
    assert hook(request=request({}, b"{")) is None


def test_the_fields_are_named_for_expressions() -> None:
    assert ask("bihuan_form_fields", form_id="test", source=FORM) == ["a", "twice", "at", "who"]


def test_what_nobody_types_is_named_for_steps_where_only_pinned_fields_are_open() -> None:
    source = source_of(
        {"type": "textfield", "key": "typed"},
        {"type": "textfield", "key": "code", "readonly": True},
        {"type": "textfield", "key": "perhaps", "readonly": "=typed = null"},
        {
            "type": "dynamiclist",
            "path": "items",
            "components": [{"id": "x", "type": "expression", "key": "share", "expression": "=1"}],
        },
    )
    assert ask("bihuan_form_computed", form_id="test", source=source) == ["code", "items.share"]


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({}, ["answer.required"]),
        ({"a": 2}, []),
        ({"a": 2, "twice": 4, "at": "2020-01-01", "who": "role:clerk@U1"}, []),
        ({"a": 2, "twice": 5}, ["answer.computed_differs"]),
    ],
)
def test_answers_are_checked_and_computed_values_compared(answers: dict[str, Any], codes: list[str]) -> None:
    assert [one.code for one in ask("bihuan_check_answers", request=request(answers))] == codes
