"""The widgets in a real Chromium: keyboard, rows, undo, paste, refresh; the page has the strictest policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request, send_from_directory
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server

import forms
from engine import feel
from tests.forms.conftest import INDICATORS, source_of

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
expect = playwright.expect
pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[2] / "web" / "assets" / "src"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"
MONEY = {"money": "万元"}
FORM = forms.read(
    source_of(
        {"type": "number", "key": "total", "label": "资金总额", "properties": MONEY},
        {"type": "expression", "key": "twice", "label": "两倍", "expression": "=total * 2", "properties": MONEY},
        {"type": "textarea", "key": "why", "label": "理由", "conditional": {"hide": "=total = null or total <= 100"}},
        INDICATORS,
        {"type": "dynamiclist", "path": "steps", "label": "步骤",
         "components": [{"id": "s", "type": "textfield", "key": "what", "label": "内容"}]},
    )
)  # fmt: skip
ROWS = [
    {
        "_row": "a",
        "level": "QUANTITY",
        "name": "里程",
        "operator": "GE",
        "value": "12",
        "unit": "公里",
        "points": 10,
    },
    {"_row": "b", "level": "QUALITY", "name": "", "operator": "LE", "value": "5", "unit": "天", "points": 5},
]
#: A short table with a cell of many choices.
CHOICES = forms.read(
    source_of(
        {"type": "dynamiclist", "path": "rows", "label": "表", "properties": {"widget": "table"},
         "components": [{"id": "many", "type": "taglist", "key": "many", "label": "多选",
                         "values": [{"label": f"第{n}个选项", "value": str(n)} for n in range(12)]}]},
    )
)  # fmt: skip
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="csrf-token" content="t">
<link rel="stylesheet" href="/assets/style/tokens.css"><link rel="stylesheet" href="/assets/form/form.css">
<script type="module" src="/start.js"></script></head><body><form>{form}</form></body></html>"""

START = """import { initForms } from '/assets/form/index.js';
initForms(document.body);
document.body.dataset.ready = '1';"""


def application() -> Flask:
    """A page with the form, and the endpoint that refreshes it."""
    app = Flask(__name__)
    env = feel.Environment()

    @app.get("/")
    def page() -> str:
        answers = {"indicators": ROWS, "steps": [{"_row": "s1", "what": "一"}]}
        found = forms.check(FORM, answers, {}, env)
        return PAGE.format(
            form=forms.render(forms.view(FORM, answers, {}, env, findings=found, refresh_url="/refresh"))
        )

    @app.get("/choices")
    def choices() -> str:
        return PAGE.format(form=forms.render(forms.view(CHOICES, {"rows": [{"_row": "a"}]}, {}, env)))

    @app.get("/review")
    def review() -> str:
        view = forms.view(FORM, {"indicators": ROWS}, {}, env, readonly=True, pinning="goal", owner="send")
        return PAGE.format(form=f'</form>{forms.render(view)}<form id="send">')

    @app.post("/refresh")
    def refresh() -> str:
        assert request.headers["X-CSRFToken"] == "t"
        return str(forms.refresh(FORM, request.form, {}, env, base={}))

    @app.get("/start.js")
    def start() -> Response:
        return Response(START, mimetype="text/javascript")

    @app.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        return send_from_directory(ASSETS, name)

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.after_request
    def strict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the page is served."""
    server = make_server("127.0.0.1", 0, application(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def browser(chromium_browser: Any) -> Any:
    """The test run's Chromium."""
    return chromium_browser


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page, ready; a script's error or a breach of the policy fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    shown = context.new_page()
    problems: list[str] = []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    shown.goto(address)
    shown.wait_for_selector("body[data-ready]")
    yield shown
    context.close()
    assert problems == []


def named(page: Any, name: str) -> Any:
    return page.locator(f'[name="{name}"]').last


def rows(page: Any) -> list[str]:
    """Return the indicators' names in their order."""
    found: list[str] = page.locator('tbody.f-row [name$=".name"]').evaluate_all(
        "all => all.map((one) => one.value)"
    )
    return found


def agree(page: Any) -> None:
    """Confirm the paste that the dialog shows."""
    page.locator("dialog").get_by_role("button", name="粘贴").click()
    page.locator("dialog").wait_for(state="detached")


def paste(page: Any, name: str, text: str = "", html: str = "") -> None:
    """Paste into an input as the clipboard would."""
    named(page, name).focus()
    page.evaluate(
        """([text, html]) => {
          const data = new DataTransfer();
          if (text) data.setData('text/plain', text);
          if (html) data.setData('text/html', html);
          document.activeElement.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [text, html],
    )


def test_a_change_refreshes_what_depends_on_it_and_leaves_the_focus(page: Any) -> None:
    assert named(page, "why").is_hidden()
    named(page, "total").fill("1,200.5")
    named(page, "total").press("Tab")
    expect(page.locator('[id="f.twice.i"]')).to_contain_text("2,401.00")
    assert named(page, "why").is_visible()
    assert named(page, "total").input_value() == "1,200.50"
    named(page, "indicators.0.name").click()
    named(page, "indicators.0.name").type("正在输入")
    page.evaluate(
        "document.querySelector('[name=total]').dispatchEvent(new Event('change', { bubbles: true }))"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.name") == "indicators.0.name"
    assert named(page, "indicators.0.name").input_value().endswith("正在输入")


def test_a_derived_value_follows_until_somebody_chooses_it(page: Any) -> None:
    direction = '[id="f.indicators.a.direction"] select'
    assert page.locator(direction).input_value() == "UP"
    named(page, "indicators.0.operator").select_option("LE")
    expect(page.locator(direction)).to_have_value("DOWN")
    page.locator(direction).select_option("UP")
    named(page, "indicators.0.operator").select_option("RANGE")
    page.wait_for_selector('[id="f.indicators.value_max"]:not([hidden])')
    assert page.locator(direction).input_value() == "UP"
    named(page, "indicators.0.value_max").fill("20")


def test_the_sum_follows_a_cell(page: Any) -> None:
    named(page, "indicators.0.points").fill("12.5")
    named(page, "indicators.0.points").press("Enter")
    expect(page.locator('[id="f.indicators.points.s"]')).to_have_text("17.5")
    assert page.evaluate("document.activeElement.name") == "indicators.1.points"


def test_a_corrected_cell_is_no_longer_marked(page: Any) -> None:
    name = named(page, "indicators.1.name")
    assert name.get_attribute("aria-invalid") == "true"
    name.fill("合格率")
    name.press("Tab")
    page.wait_for_selector('[id="f.indicators.b.name"]:not(.bad)')
    assert name.get_attribute("aria-invalid") == "false"


def test_the_keyboard_moves_through_the_table_and_makes_rows(page: Any) -> None:
    named(page, "indicators.0.name").focus()
    for key, expected in [
        ("Enter", "indicators.1.name"),
        ("Shift+Enter", "indicators.0.name"),
        ("ArrowDown", "indicators.1.name"),
        ("Enter", "indicators.2.name"),
        ("ArrowRight", "indicators.2.operator"),
    ]:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.name") == expected, key
    named(page, "indicators.2.name").fill("第三")
    page.keyboard.press("Alt+ArrowUp")
    assert rows(page) == ["里程", "第三", ""]
    assert page.evaluate("document.activeElement.name") == "indicators.1.name"
    page.keyboard.press("Control+Enter")
    assert rows(page) == ["里程", "第三", "", ""]
    assert page.locator("[data-count]").first.text_content() == "共 4 行"


def test_a_removed_row_comes_back_with_what_was_typed(page: Any) -> None:
    named(page, "indicators.0.name").fill("改过的里程")
    page.locator('tbody[data-row="a"] [data-do=remove]').click()
    assert rows(page) == [""]
    assert named(page, "indicators.0._row").input_value() == "b"
    page.locator('[data-field="indicators"] [data-do=undo]').click()
    assert rows(page) == ["改过的里程", ""]
    assert named(page, "indicators.0._row").input_value() == "a"
    assert page.locator('[data-field="indicators"] [data-do=undo]').is_disabled()


EXCEL = """<table><tr><td>二级指标</td><td>三级指标</td><td>指标值</td></tr>
<tr><td rowspan=2>产出数量</td><td>公路里程</td><td>≥１２.5公里</td></tr><tr><td>桥梁</td><td>≤3座</td></tr>
<tr><td>天气</td><td>合格率</td><td>100%</td></tr></table>"""


def test_a_paste_from_excel_is_shown_before_it_replaces_anything(page: Any) -> None:
    before = rows(page)
    paste(page, "indicators.0.level", html=EXCEL)
    dialog = page.locator("dialog")
    dialog.wait_for()
    assert "识别出 3 行" in dialog.text_content()
    assert "1 处无法识别" in dialog.text_content()
    assert rows(page) == before
    dialog.get_by_role("button", name="取消").click()
    dialog.wait_for(state="detached")
    assert rows(page) == before
    paste(page, "indicators.0.level", html=EXCEL)
    agree(page)
    assert rows(page) == ["公路里程", "桥梁", "合格率"]
    assert [named(page, f"indicators.0.{key}").input_value() for key in ("level", "operator", "value", "unit")] == [
        "QUANTITY", "GE", "12.5", "公里",
    ]  # fmt: skip
    assert named(page, "indicators.1.level").input_value() == "QUANTITY"
    assert named(page, "indicators.2.level").get_attribute("aria-invalid") == "true"
    assert named(page, "indicators.0.points").input_value() == "10"
    expect(named(page, "indicators.1.direction")).to_have_value("DOWN")
    page.locator('[data-field="indicators"] [data-do=undo]').click()
    assert rows(page) == before
    assert named(page, "indicators.0.direction").input_value() == "UP"
    assert page.locator("td.bad").count() == 1


def test_a_paste_can_be_appended_or_replace_the_table(page: Any) -> None:
    text = "数量指标\t甲\n质量指标\t乙"
    paste(page, "indicators.0.level", text)
    page.locator("dialog input[value=append]").check()
    agree(page)
    assert rows(page) == ["里程", "", "甲", "乙"]
    paste(page, "indicators.0.level", text)
    page.locator("dialog input[value=replace]").check()
    agree(page)
    assert rows(page) == ["甲", "乙"]


def test_one_target_pasted_into_its_cell_is_split(page: Any) -> None:
    paste(page, "indicators.1.value", "≥９５％")
    assert [named(page, f"indicators.1.{key}").input_value() for key in ("operator", "value", "unit")] == [
        "GE",
        "95",
        "%",
    ]


def test_a_list_that_is_no_table_adds_and_removes(page: Any) -> None:
    steps = page.locator('[data-list="steps"]')
    steps.locator("[data-do=add]").click()
    page.keyboard.type("二")
    assert [one.input_value() for one in steps.locator('[name$=".what"]').all()] == ["一", "二"]
    steps.locator('[data-row="s1"] [data-do=remove]').click()
    assert named(page, "steps.0.what").input_value() == "二"
    steps.locator("[data-do=undo]").click()
    assert named(page, "steps.0.what").input_value() == "一"


def test_a_link_in_the_list_of_problems_leads_to_the_cell(page: Any) -> None:
    page.locator(".f-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "indicators.1.name"


def test_enter_in_a_field_does_not_send_the_form(page: Any) -> None:
    named(page, "total").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    assert "?" not in page.url


def test_a_reviewer_types_an_opinion_where_it_belongs(page: Any, address: str) -> None:
    page.goto(f"{address}/review")
    page.wait_for_selector("body[data-ready]")
    page.locator('[data-field="total"] .f-pin').click()
    page.keyboard.type("偏大")
    page.locator('tbody[data-row="b"] .f-pin').click()
    page.locator('tbody[data-row="b"] .f-newpin select').select_option(label="指标值")
    page.locator('tbody[data-row="b"] .f-newpin textarea').fill("缺少依据")
    page.locator('tbody[data-row="a"] .f-pin').click()
    page.locator('tbody[data-row="a"] [data-do=unpin]').click()
    sent = page.evaluate("[...new FormData(document.getElementById('send'))]")
    pins, _ = forms.decode_pins(MultiDict([(name, value) for name, value in sent]))
    assert [(one["document"], one["field"], one["row"], one["text"]) for one in pins] == [
        ("goal", "total", "", "偏大"),
        ("goal", "indicators.value", "b", "缺少依据"),
    ]


def test_nothing_happens_while_characters_are_being_composed(page: Any) -> None:
    named(page, "indicators.0.name").focus()
    page.evaluate(
        """() => document.activeElement.dispatchEvent(
          new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, isComposing: true }))"""
    )
    assert page.evaluate("document.activeElement.name") == "indicators.0.name"


def test_a_phone_scrolls_the_table_inside_and_nothing_else(browser: Any, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    shown = context.new_page()
    shown.goto(address)
    shown.wait_for_selector("body[data-ready]")
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360
    assert shown.evaluate("(e => e.scrollWidth > e.clientWidth)(document.querySelector('.f-scroll'))")
    context.close()


def test_an_open_cell_of_choices_is_not_clipped_by_a_short_table(page: Any, address: str) -> None:
    page.goto(f"{address}/choices")
    page.wait_for_selector("body[data-ready]")
    page.locator("details.f-many summary").click()
    last = page.locator("details.f-many label").last
    inside = """(element) => {
      const own = element.getBoundingClientRect();
      const table = element.closest('.f-scroll');
      const box = table.getBoundingClientRect();
      return own.bottom <= box.bottom + 1 && own.top >= box.top && table.scrollHeight - box.height < 3;
    }"""
    assert last.evaluate(inside)
    last.click()
    assert page.locator("details.f-many summary").inner_text() == "第11个选项"
