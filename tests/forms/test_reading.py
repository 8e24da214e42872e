"""Reading form files: what is understood, what is refused by name, and that nothing hostile gets through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from forms import messages
from tests.forms.conftest import INDICATORS, Make, source_of

CORPUS = Path(__file__).parents[3] / "shared" / "bpmn-corpus" / "zeebe"


def findings(source: bytes) -> tuple[Any, ...]:
    """Read a file and return what was found, whether it was refused or not."""
    try:
        return forms.read(source).findings
    except forms.FormError as error:
        return error.findings


def codes(source: bytes) -> list[str]:
    with pytest.raises(forms.FormError) as raised:
        forms.read(source)
    return [one.code for one in raised.value.findings]


def test_the_keys_of_a_form_are_those_of_its_answers(make: Make) -> None:
    form = make(
        {"type": "textfield", "key": "name"},
        {
            "type": "group",
            "path": "unit",
            "components": [{"id": "a", "type": "textfield", "key": "head.name"}],
        },
        INDICATORS,
        {"type": "text", "text": "# 说明"},
    )
    assert form.keys == ("name", "unit", "indicators")
    assert form.fields["unit.head.name"].path == ("unit", "head", "name")
    assert form.fields["indicators.unit"].list == "indicators"


def test_the_same_file_is_read_once() -> None:
    source = source_of({"type": "textfield", "key": "once"})
    assert forms.read(source) is forms.read(bytes(bytearray(source)))


def test_an_unknown_component_is_refused_by_name() -> None:
    with pytest.raises(forms.FormError) as raised:
        forms.read(source_of({"type": "iframe", "url": "https://example.com"}))
    (found,) = raised.value.findings
    assert (found.code, found.element) == ("form.unknown_type", "c0")
    assert "iframe" in found.message["zh"]
    assert "iframe" in found.message["en"]


def test_every_fault_of_a_file_is_named_at_its_component() -> None:
    with pytest.raises(forms.FormError) as raised:
        forms.read(
            source_of(
                {"type": "number"},
                {"type": "textfield", "key": "9a"},
                {"type": "textfield", "key": "a", "validate": {"pattern": "(?<=x)y"}},
                {"type": "select", "key": "b", "values": "no"},
                {"type": "number", "key": "c", "decimalDigits": 99, "validate": {"min": 5, "max": 1}},
                {"type": "textfield", "key": "d", "conditional": {"hide": "=x +"}},
                {"type": "textfield", "key": "a"},
                {"type": "text", "text": "{{#loop x}}y{{/loop}}"},
                {**INDICATORS, "components": [{"id": "n", "type": "dynamiclist", "path": "inner"}]},
            )
        )
    found = {(one.code, one.element) for one in raised.value.findings}
    assert found == {
        ("form.missing_key", "c0"),
        ("form.bad_key", "c1"),
        ("form.bad_pattern", "c2"),
        ("form.wrong_type", "c3"),
        ("form.wrong_type", "c4"),
        ("form.bad_bounds", "c4"),
        ("form.bad_expression", "c5"),
        ("form.duplicate_key", "c6"),
        ("form.template_block", "c7"),
        ("form.nested_list", "n"),
    }


def test_computed_fields_that_go_in_a_circle_are_refused() -> None:
    source = source_of(
        {"type": "expression", "key": "a", "expression": "=b + 1"},
        {"type": "expression", "key": "b", "expression": "=items.c[1]"},
        {
            "type": "dynamiclist",
            "path": "items",
            "components": [{"id": "c", "type": "expression", "key": "c", "expression": "=parent.a"}],
        },
    )
    assert codes(source) == ["form.cycle"]


@pytest.mark.parametrize(
    "expression", ["=project.total", '=if x = "total" then 1 else 2', "=total(1)", "=sum(other.total)"]
)
def test_a_member_a_text_or_a_function_of_the_same_name_is_no_circle(make: Make, expression: str) -> None:
    make({"type": "expression", "key": "total", "expression": expression})


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "form.not_json"),
        (b"\xff\xfe\x00", "form.not_utf8"),
        (b"[]", "form.not_a_form"),
        (b'{"components": {}}', "form.not_a_form"),
        (b'{"components": [], "components": [], "n": NaN}', "form.not_json"),
        (b'{"components": [], "components": []}', "form.duplicate_member"),
        (b"[" * 100_000, "form.json_too_deep"),
        (b" " * 50_000_000, "form.file_too_large"),
        (json.dumps({"components": [{"type": "spacer"}] * 5000}).encode(), "form.too_many_components"),
        (b'{"components": [null, 3]}', "form.bad_component"),
    ],
)
def test_a_file_that_is_no_form_is_refused(source: bytes, code: str) -> None:
    assert codes(source)[0] == code


def test_groups_nested_too_deep_are_refused() -> None:
    inner: dict[str, Any] = {"type": "textfield", "key": "a", "id": "leaf"}
    for number in range(20):
        inner = {"type": "group", "id": f"g{number}", "components": [inner]}
    assert "form.too_deep" in codes(source_of(inner))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.just("=a +"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SETTINGS = [
    "id", "key", "path", "label", "values", "validate", "conditional", "layout", "properties", "defaultValue",
    "components", "expression", "text", "readonly", "decimalDigits", "subtype", "increment", "appearance",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    ["textfield", "number", "select", "group", "dynamiclist", "text", "expression"]
                )
            },
            optional=dict.fromkeys(SETTINGS, json_values),
        ),
        max_size=4,
    )
)
def test_any_json_is_read_or_refused_with_findings(components: list[Any]) -> None:
    found = findings(json.dumps({"components": components}).encode())
    assert all(one.message["zh"] and one.message["en"] for one in found)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_findings(source: bytes) -> None:
    with pytest.raises(forms.FormError):
        forms.read(source)


def test_every_sentence_asks_for_the_same_in_both_languages() -> None:
    for code in messages.codes():
        zh, en, remedy_zh, remedy_en = messages._CATALOGUE[code]
        names = [
            {name.removesuffix("_zh").removesuffix("_en") for name in messages.placeholders(one)}
            for one in (zh, en)
        ]
        assert names[0] == names[1], code
        assert remedy_zh, code
        assert remedy_en, code


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of forms from elsewhere is not here")
def test_forms_from_elsewhere_are_read_or_refused_by_name() -> None:
    files = sorted(CORPUS.glob("*.form"))
    assert files
    for file in files:
        blocking = {one.code for one in findings(file.read_bytes()) if one.blocks}
        assert blocking <= {"form.unknown_type", "form.template_block"}, file.name


def test_our_own_forms_are_sound() -> None:
    files = sorted(Path(forms.__file__).parent.glob("*.form"))
    assert files
    for file in files:
        form = forms.read(file.read_bytes())
        assert form.id == file.stem
