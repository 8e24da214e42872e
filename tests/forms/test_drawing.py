"""What a page gets to see: escaping, structure, findings at their place, differences, opinions, fragments."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from werkzeug.datastructures import MultiDict

import forms
from engine import feel
from forms.pins import as_pin
from tests.forms.conftest import INDICATORS, Make

EVIL = "<script>alert('x')</script>\"'&{{7*7}}"


def draw(
    form: forms.Form, answers: dict[str, Any], env: feel.Environment, language: str = "zh", **options: Any
) -> Any:
    view = forms.view(form, answers, options.pop("variables", {}), env, **options)
    return lxml_html.fromstring(str(forms.render(view, language)))


def posted_by(page: Any) -> MultiDict[str, str]:
    """Return what a browser would post of a page."""
    pairs: list[tuple[str, str]] = []
    for element in page.xpath(
        "//*[self::input or self::select or self::textarea][@name][not(ancestor::template)]"
    ):
        kind = element.get("type", "text")
        if element.tag == "select":
            chosen = element.xpath(".//option[@selected]") or element.xpath(".//option")[:1]
            pairs.extend((element.get("name"), one.get("value")) for one in chosen)
        elif element.tag == "textarea":
            pairs.append((element.get("name"), (element.text or "").removeprefix("\n")))
        elif kind not in {"checkbox", "radio"} or element.get("checked") is not None:
            pairs.append((element.get("name"), element.get("value", "")))
    return MultiDict(pairs)


def swaps(markup: Any) -> dict[str, str]:
    """Return fragments by the id that they replace."""
    return {
        unescape(name): inner
        for name, inner in re.findall(
            r'<template data-swap="([^"]*)"[^>]*>(.*?)</template>', str(markup), re.DOTALL
        )
    }


ROWS: list[dict[str, Any]] = [
    {"_row": "a", "level": "QUANTITY", "name": "里程", "operator": "GE", "value": "12", "unit": "公里", "points": 10},
    {"_row": "b", "level": "QUALITY", "name": "合格率", "operator": "GE", "value": "99", "unit": "%", "points": 2},
]  # fmt: skip


def test_a_drawn_page_posts_the_answers_it_was_drawn_from(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "textfield", "key": "t"},
        {"type": "textarea", "key": "a"},
        {"type": "number", "key": "m", "properties": {"money": "万元"}},
        {"type": "checkbox", "key": "c"},
        {"type": "select", "key": "s", "values": [{"label": "甲", "value": "A"}]},
        {"type": "radio", "key": "r", "values": [{"label": "一", "value": 1}, {"label": "二", "value": 2}]},
        {
            "type": "taglist",
            "key": "g",
            "values": [{"label": "甲", "value": "A"}, {"label": "乙", "value": "B"}],
        },
        {"type": "datetime", "key": "d", "subtype": "datetime"},
        {"type": "filepicker", "key": "f"},
        {
            "type": "dynamiclist",
            "path": "plain",
            "components": [{"id": "x", "type": "textfield", "key": "x"}],
        },
        INDICATORS,
    )
    answers = {
        "t": EVIL, "a": "\n一\n二" + EVIL, "m": Decimal("1234567.50"), "c": True, "s": "A", "r": Decimal(2),
        "g": ["A", "B"],
        "d": "2026-01-31T09:30", "f": ["17"], "plain": [{"_row": "p", "x": EVIL}], "indicators": ROWS,
    }  # fmt: skip
    page = draw(form, answers, env)
    back = forms.decode(form, posted_by(page))
    kept = forms.compute(form, answers, {}, env)
    assert forms.compute(form, back, {}, env) == kept
    assert not page.xpath("//script | //@style | //@onclick")


@pytest.mark.parametrize("readonly", [False, True])
def test_nothing_typed_becomes_markup(make: Make, env: feel.Environment, readonly: bool) -> None:
    form = make(
        {"type": "textfield", "key": "t", "label": EVIL.replace("{{7*7}}", ""), "description": "<b>"},
        {
            "type": "text",
            "text": "<img src=x onerror=alert(1)> [x](javascript:alert(1)) **{{t}}** ![p](http://e/x.png)",
        },
        INDICATORS,
    )
    rows = [{"_row": "a", "name": EVIL, "level": EVIL, "unit": EVIL, "points": EVIL}]
    pins = [
        {"id": "1", "field": "t", "text": EVIL, "author_name": EVIL},
        {"id": "2", "field": "indicators", "row": "a", "text": EVIL},
    ]
    answers = {"t": EVIL, "indicators": rows}
    found = forms.check(form, answers, {}, env)
    view = forms.view(
        form,
        answers,
        {},
        env,
        findings=found,
        readonly=readonly,
        previous={"t": EVIL * 2},
        pins=pins,
        pinning="d",
    )
    page = lxml_html.fromstring(str(forms.render(view)))
    assert not page.xpath("//script | //img | //@onerror | //a[starts-with(@href, 'javascript')]")
    assert "alert('x')" in page.text_content()


def test_findings_stand_at_the_input_and_on_top(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "textfield", "key": "t", "label": "名称", "validate": {"required": True}}, INDICATORS
    )
    answers = {"indicators": [ROWS[0], {**ROWS[1], "name": ""}]}
    page = draw(form, answers, env, findings=forms.check(form, answers, {}, env))
    (field,) = page.xpath("//input[@name='t']")
    assert field.get("aria-invalid") == "true"
    described = field.get("aria-describedby").split()
    assert "“名称”还没有填写。请填写。" in "".join(
        page.get_element_by_id(one).text_content() for one in described
    )
    (cell,) = page.xpath("//input[@name='indicators.1.name']")
    assert "第 2 行" in page.get_element_by_id(cell.get("aria-describedby")).text_content()
    links = page.xpath("//*[@role='alert']//a/@href")
    assert links == ["#f.t", "#f.indicators.b.name"]
    assert all(page.get_element_by_id(link[1:]) is not None for link in links)


def test_every_input_has_a_name_for_screen_readers(make: Make, env: feel.Environment) -> None:
    page = draw(
        make({"type": "textfield", "key": "t", "label": "名称"}, INDICATORS), {"indicators": ROWS}, env
    )
    labelled = set(page.xpath("//label/@for"))
    for element in page.xpath("//*[self::input or self::select or self::textarea][not(@type='hidden')]"):
        assert element.get("aria-label") or element.get("id") in labelled, element.get("name")
    assert len(page.xpath("//*/@id")) == len(set(page.xpath("//*/@id")))


def test_english_pages_have_no_chinese_words_of_ours(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "number", "key": "m", "label": "金额", "properties": {"label-en": "Amount", "money": "万元"}},
        {"type": "text", "text": "合计 {{m}}", "properties": {"text-en": "Sum {{m}}"}},
        {"type": "dynamiclist", "path": "l", "label": "表", "properties": {"widget": "table", "label-en": "Table"},
         "components": [
             {"id": "x", "type": "textfield", "key": "x", "label": "列", "properties": {"label-en": "Column"}}]},
    )  # fmt: skip
    answers = {"m": "abc", "l": [{"x": "\x00"}]}
    page = draw(
        form, answers, env, "en", findings=forms.check(form, answers, {}, env), previous={"m": 1, "l": []}
    )
    page_text = page.text_content() + " ".join(page.xpath("//@aria-label | //@title"))
    assert not re.search(r"[\u4e00-\u9fff]", page_text)


def test_a_readonly_page_takes_no_input(make: Make, env: feel.Environment) -> None:
    page = draw(
        make({"type": "textfield", "key": "t"}, INDICATORS),
        {"t": "x", "indicators": ROWS},
        env,
        readonly=True,
    )
    assert not page.xpath("//input | //select | //textarea | //button")
    assert "数量指标" in page.text_content()


def test_only_what_open_opinions_name_may_be_edited(make: Make, env: feel.Environment) -> None:
    form = make({"type": "textfield", "key": "t"}, {"type": "textfield", "key": "u"}, INDICATORS)
    pins = [
        {"id": "1", "field": "t", "text": "改"},
        {"id": "2", "field": "indicators", "row": "a", "text": "改"},
        {"id": "3", "field": "indicators.unit", "row": "b", "text": "改"},
        {"id": "4", "field": "u", "text": "已经答复", "reply": {"kind": "changed", "text": "好"}},
    ]
    answers = {"t": "x", "u": "y", "indicators": ROWS}
    page = draw(form, answers, env, pins=pins, replying=True, editable=forms.editable_of(pins))
    names = {
        name for name in page.xpath("//@name") if not name.endswith("_row") and not name.startswith("reply.")
    }
    assert "u" not in names
    assert {"t", "indicators.0.name", "indicators.0.unit", "indicators.1.unit"} <= names
    assert "indicators.1.name" not in names
    assert not page.xpath("//*[@data-do='add' or @data-do='remove']")
    assert sorted(set(page.xpath("//@name[starts-with(., 'reply.')]"))) == [
        "reply.1.kind", "reply.1.text", "reply.2.kind", "reply.2.text", "reply.3.kind", "reply.3.text",
    ]  # fmt: skip
    assert forms.compute(form, forms.decode(form, posted_by(page), answers), {}, env) == forms.compute(
        form, answers, {}, env
    )


def test_what_reviewers_and_repliers_typed_is_read_and_drawn_again(make: Make, env: feel.Environment) -> None:
    form = make({"type": "textfield", "key": "t"}, INDICATORS)
    typed = [
        {"document": "goal", "field": "t", "row": "", "text": EVIL},
        {"document": "goal", "field": "indicators.unit", "row": "b", "text": "单位不对"},
    ]
    answers = {"t": "x", "indicators": ROWS}
    page = draw(form, answers, env, readonly=True, pinning="goal", new_pins=typed)
    posted = posted_by(page)
    assert forms.decode_pins(posted) == (typed, {})
    assert {one.get("form") for one in page.xpath("//*[starts-with(@name, 'pin.')]")} == {"task-form"}
    posted = MultiDict(
        [
            ("reply.7.kind", "changed"),
            ("reply.7.text", " 好 "),
            ("reply.8.kind", "<b>"),
            ("reply.x y.kind", ""),
        ]
    )
    assert forms.decode_pins(posted)[1] == {
        "7": {"kind": "changed", "text": "好"},
        "8": {"kind": "", "text": ""},
    }


def test_differences_show_the_old_beside_the_new(make: Make, env: feel.Environment) -> None:
    form = make({"type": "textfield", "key": "t"}, {"type": "textfield", "key": "same"}, INDICATORS)
    before = {"t": "旧", "same": "同", "indicators": [ROWS[0], {**ROWS[0], "_row": "gone", "name": "已删"}]}
    after = {"t": "新", "same": "同", "indicators": [{**ROWS[0], "unit": "千米"}, ROWS[1]]}
    page = draw(form, after, env, readonly=True, previous=before)
    assert "旧" in page.xpath("//*[@id='f.t']//del/text()")
    assert not page.xpath("//*[@id='f.same']//del")
    assert page.xpath("//*[@id='f.indicators.a.unit']//del/text()") == ["公里"]
    assert page.xpath("//tbody[@data-row='b']//ins/text()") == ["新增行"]
    assert "已删" in page.xpath("//tbody[contains(@class, 'f-removed')]//del/text()")


def test_a_change_draws_what_follows_and_nothing_else(make: Make, env: feel.Environment) -> None:
    form = make(
        {"type": "number", "key": "a"},
        {"type": "expression", "key": "twice", "label": "两倍", "expression": "=a * 2"},
        {"type": "expression", "key": "four", "label": "四倍", "expression": "=twice * 2"},
        {"type": "text", "text": "共 {{four}}"},
        {"type": "textfield", "key": "other"},
        {
            "type": "group",
            "conditional": {"hide": "=a > 9"},
            "components": [{"id": "in", "type": "textfield", "key": "in"}],
        },
        INDICATORS,
    )
    posted = MultiDict([("a", "10"), ("_changed", "a")])
    found = swaps(forms.refresh(form, posted, {}, env))
    assert set(found) == {"f.twice", "f.four", "f.c.c3", "f.c.c5"}
    assert "40" in found["f.four"]
    assert "40" in found["f.c.c3"]
    assert "hidden" in found["f.c.c5"]


def test_a_change_in_a_row_draws_that_row_only(make: Make, env: feel.Environment) -> None:
    form = make(INDICATORS)
    posted = posted_by(draw(form, {"indicators": ROWS}, env))
    posted.setlist("indicators.1.operator", ["LE"])
    posted.setlist("indicators.1.direction", [""])
    posted.add("_changed", "indicators.1.operator")
    found = swaps(forms.refresh(form, posted, {}, env))
    assert 'value="DOWN" selected' in found["f.indicators.b.direction"]
    assert "f.indicators.a.direction" not in found
    posted.setlist("indicators.1.points", ["7.5"])
    posted.setlist("_changed", ["indicators.1.points"])
    assert swaps(forms.refresh(form, posted, {}, env)).keys() == {"f.indicators.points.s"}


def test_a_column_appears_as_a_whole_when_one_row_needs_it(make: Make, env: feel.Environment) -> None:
    form = make(INDICATORS)
    page = draw(form, {"indicators": ROWS}, env)
    assert page.get_element_by_id("f.indicators.value_max").get("hidden") is not None
    posted = posted_by(page)
    posted.setlist("indicators.0.operator", ["RANGE"])
    posted.add("_changed", "indicators.0.operator")
    found = swaps(forms.refresh(form, posted, {}, env))
    shown = [
        "f.indicators.value_max",
        "f.indicators.a.value_max",
        "f.indicators.b.value_max",
        "f.indicators.value_max.s",
    ]
    assert all(name in found and "hidden" not in found[name].split(">")[0] for name in shown)


def test_a_corrected_field_loses_its_finding(make: Make, env: feel.Environment) -> None:
    form = make({"type": "number", "key": "n", "label": "数"}, INDICATORS)
    posted = MultiDict(
        [
            ("n", "5"),
            ("indicators.0._row", "a"),
            ("indicators.0.level", "QUANTITY"),
            ("indicators.0.name", ""),
        ]
    )
    posted.setlist("_recheck", ["n", "indicators.0.name"])
    found = swaps(forms.refresh(form, posted, {}, env))
    assert found["f.n"] == '<i data-invalid=""></i>'
    assert found["f.indicators.a.name"] == '<i data-invalid="true"></i>'
    assert "还没有填写" in found["f.indicators.a.n"]


def test_fragments_of_names_that_the_form_has_not_are_empty(make: Make, env: feel.Environment) -> None:
    form = make({"type": "textfield", "key": "t"}, INDICATORS)
    posted = MultiDict(
        [("_changed", "x"), ("_changed", "indicators.99.operator"), ("_recheck", "indicators.99.name")]
    )
    posted.add("_changed", "indicators.x.operator")
    assert str(forms.refresh(form, posted, {}, env)).count("<template") == 3  # the hidden column, whole


def test_the_table_tells_its_script_what_the_columns_are(make: Make, env: feel.Environment) -> None:
    page = draw(make(INDICATORS), {"indicators": ROWS}, env)
    (table,) = page.xpath("//@data-table")
    columns = {one["key"]: one for one in json.loads(table)["columns"]}
    assert columns["level"]["options"][0] == ["QUANTITY", "数量指标", "数量指标", "产出数量"]
    assert columns["level"]["fill"] is True
    assert columns["operator"]["paste"] == "operator"
    (template,) = page.xpath("//template[@data-row]")
    assert "indicators.__index__.name" in lxml_html.tostring(template).decode()


def test_the_goal_form_is_drawn_with_130_indicators(env: feel.Environment) -> None:
    source = Path(forms.__file__).with_name("goal_declaration.form").read_bytes()
    form = forms.read(source)
    row = {
        "level1": "OUTPUT",
        "level2": "QUANTITY",
        "level3_name": "里程",
        "operator": "GE",
        "target_value": "12",
    }
    answers = {"indicators": [{**row, "_row": f"r{number}"} for number in range(130)]}
    page = str(forms.render(forms.view(form, answers, {}, env)))  # compiles the templates
    assert page.count('name="indicators.129.') >= 10


def test_the_time_of_an_opinion_is_the_countys() -> None:
    at = datetime(2026, 11, 19, 16, 47, tzinfo=UTC)
    assert as_pin({"id": 1, "field": "f", "text": "请核实", "at": at}).at == "2026-11-20 00:47"


def test_a_saved_document_is_shown_as_it_was_saved(make: Make, env: feel.Environment) -> None:
    form = make(
        {
            "type": "textfield",
            "key": "code",
            "label": "编码",
            "readonly": True,
            "defaultValue": "=project.code",
        },
        {"type": "number", "key": "n", "label": "数"},
        {"type": "expression", "key": "twice", "label": "两倍", "expression": "=n * 2"},
    )
    page = draw(form, {"code": "P-1", "n": Decimal(3), "twice": Decimal(7)}, env, readonly=True)
    assert [one.text for one in page.xpath("//output")] == ["P-1", "3", "7"]


def test_an_amount_in_a_text_has_separators_and_its_unit_is_in_the_readers_language(
    make: Make, env: feel.Environment
) -> None:
    form = make(
        {
            "type": "number",
            "key": "total",
            "label": "合计",
            "properties": {"money": "万元"},
            "appearance": {"suffixAdorner": "万元"},
        },
        {"type": "text", "id": "said", "text": "合计{{total}}万元，{{total + 1}}"},
    )
    page = draw(form, {"total": Decimal("12345.6")}, env, readonly=True)
    assert "合计12,345.60万元，12346.6" in page.text_content()
    english = draw(form, {"total": Decimal("12345.6")}, env, "en", readonly=True)
    assert "12,345.60 ×10,000 yuan" in english.text_content()
