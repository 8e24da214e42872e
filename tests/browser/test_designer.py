"""流程设计 in a browser, as a designer works: what is typed is saved and checked, in Chinese, and nothing is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.bpmn.checks import read_files
from engine.plugins import load_plugins
from tests.browser.conftest import PHONE, Visit
from tests.browser.people import fits, fits_both
from tests.services import ROOT

pytestmark = pytest.mark.browser

DESIGNER, SECOND = "sheji1", "sheji2"


def opened(page: Page, file: str) -> str:
    """Open the editor of a file from the list, wait until it is checked, and return the editor's address."""
    page.goto("/design/")
    page.get_by_role("button", name=file).click()
    expect(page.locator("[data-ready]")).to_be_attached()
    return page.url


def saved(page: Page, revision: int) -> None:
    """Wait until the server has a revision."""
    expect(page.locator("[data-status]")).to_have_text(re.compile(f"已保存 .*第 {revision} 稿"))


#: bpmn.io's own viewer, as its package has it, and what it has to say about a file.
VIEWER = ROOT / "web/assets/node_modules/bpmn-js/dist/bpmn-viewer.production.min.js"
VIEW = """async (xml) => {
  document.body.replaceChildren();
  const { warnings } = await new BpmnJS({ container: document.body }).importXML(xml);
  return warnings.map(({ message }) => message);
}"""


def untranslated(page: Page) -> list[str]:
    """Return the words that the page's editor showed and no dictionary has."""
    return list(json.loads(page.evaluate("document.documentElement.dataset.untranslated || '[]'")))


@pytest.mark.long
def test_a_threshold_in_a_decision_is_changed_saved_and_checked(visit: Visit) -> None:
    page = visit(DESIGNER)
    opened(page, "review_routing.dmn")
    expect(page.locator("[data-findings-count]")).to_contain_text("检查通过")
    page.locator("td.input-cell", has_text="< section_below").click()
    page.keyboard.press("End")
    page.keyboard.type(" * 2")
    saved(page, 2)
    expect(page.locator("[data-findings-count]")).to_contain_text("检查通过")
    page.keyboard.press("Backspace")
    expect(page.locator("[data-findings]")).to_have_attribute("data-state", "error")
    expect(page.locator(".finding.error").first).to_contain_text("第 5 条规则")
    expect(page.locator(".finding.error").first).to_contain_text("表达式不完整")
    saved(page, 3)
    page.keyboard.type("3")
    saved(page, 4)
    page.reload()
    expect(page.locator("td.input-cell", has_text="< section_below * 3")).to_be_visible()
    assert untranslated(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(page.locator(".design-narrow")).to_be_visible()
    fits(page)
    page.goto("/design/")
    expect(page.get_by_role("button", name="继续修改 review_routing.dmn")).to_be_visible()
    fits(page)


def draft_of(page: Page, file: str) -> str:
    """Begin a draft of a file, or find the one that is open, and return its editor's address."""
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "X-Requested-With": "fetch"}
    answer = page.request.post(
        "/design/api/drafts", data=json.dumps({"file": file}), headers={**headers, "Referer": page.url}
    ).json()
    return f"/design/drafts/{answer['id'] if 'id' in answer else answer['params']['draft']}"


def meaning(name: str, source: bytes) -> str:
    """Return what the engine reads in a process file, wherever in the file it stands."""
    return re.sub(r"\b(line|column)=\d+", "", repr(read_files({name: source}, load_plugins())[name][0]))


@pytest.mark.long
def test_every_process_opens_and_is_saved_unchanged_in_meaning_and_checks_clean(
    visit: Visit, tmp_path: Path
) -> None:
    page, viewer = visit(DESIGNER), visit()
    viewer.add_script_tag(path=VIEWER)
    page.goto("/design/")
    listed = page.request.get("/design/api/files", headers={"X-Requested-With": "fetch"}).json()
    assert len(listed["processes"]) > 10
    for file in [process["file"] for process in listed["processes"]]:
        address = draft_of(page, file)
        page.goto(address)
        expect(page.locator("[data-opened]")).to_be_attached()
        with page.expect_download() as download:
            page.get_by_role("button", name="下载").click()
        written = tmp_path / file
        download.value.save_as(written)
        draft = page.request.get(f"/design/api{address.removeprefix('/design')}").json()
        assert viewer.evaluate(VIEW, written.read_text("utf-8")) == [], file
        assert meaning(file, written.read_bytes()) == meaning(file, draft["content"].encode()), file
        expect(page.locator("[data-findings]")).to_have_attribute("data-state", re.compile("ok|warning"))
        assert untranslated(page) == []


#: The steps of an office, each added behind a step with two clicks.
OFFICE = (
    "填报",
    "签批",
    "科室审核",
    "会签审查",
    "或签",
    "抄送",
    "第三方任务",
    "整改通知",
    "到期催办",
    "决策表",
)


@pytest.mark.long
def test_each_step_of_an_office_is_added_with_its_template(visit: Visit) -> None:
    page = visit(DESIGNER, expected=("ContextPad#getPad is deprecated",))
    opened(page, "unit_monitoring.bpmn")
    template, count = page.locator(".bio-properties-panel-header-type"), page.locator("g.djs-shape").count()
    for name in OFFICE:
        page.locator('g.djs-shape[data-element-id="unit_sign"]').click()
        page.locator('.djs-context-pad .entry[data-action="append"]').click()
        offered = page.locator(".djs-popup .entry")
        expect(offered.nth(OFFICE.index(name))).to_contain_text(name)
        offered.nth(OFFICE.index(name)).click()
        expect(template).to_have_text(name)
        assert page.locator("g.djs-shape").count() > count, name
        if name != OFFICE[-1]:
            page.keyboard.press("Escape")  # its name would be typed next
            page.get_by_role("button", name="撤销").click()
            expect(page.locator("g.djs-shape")).to_have_count(count)
    saved(page, 2)
    assert untranslated(page) == []


@pytest.mark.long
def test_two_designers_bring_a_change_into_use_and_back_and_neither_writes_over_the_other(
    visit: Visit,
) -> None:
    first, second = visit(DESIGNER, expected=("409",)), visit(SECOND, expected=("409",))
    address = opened(first, "D06.dmn")
    second.goto(address)
    expect(second.locator("[data-editors]")).to_contain_text("卢思远")
    cell = "td.annotation, td.annotation-cell"
    first.locator(cell).first.click()
    first.keyboard.press("End")
    first.keyboard.type("（甲）")
    saved(first, 2)
    second.locator(cell).first.click()
    second.keyboard.press("End")
    second.keyboard.type("（乙）")
    dialog = second.locator("dialog[open]")
    expect(dialog).to_contain_text("卢思远")
    dialog.get_by_role("button", name="改用他保存的").click()
    expect(second.locator(cell).first).to_contain_text("（甲）")
    # A browser that dies before anything reached the server has it still.
    first.evaluate("() => { window.fetch = () => Promise.reject(new Error()); }")
    first.locator(cell).first.click()
    first.keyboard.press("End")
    first.keyboard.type("再改")
    expect(first.locator("[data-status].problem")).to_be_visible()
    first.reload()
    expect(first.locator("[data-restore]")).to_be_visible()
    first.get_by_role("button", name="恢复这份内容").click()
    saved(first, 3)
    first.get_by_role("link", name="看改了什么").click()
    expect(first.locator("[data-differences]")).to_contain_text("再改")
    first.goto(address)
    first.get_by_role("link", name="提交部署").click()
    first.locator("textarea").fill("把说明写清楚")
    first.get_by_role("button", name="提交部署").click()
    expect(first.locator("#main")).to_contain_text("待审核")
    second.goto(first.url)
    second.get_by_role("button", name="同意部署").click()
    expect(second.locator("#main")).to_contain_text("已部署")
    second.goto("/design/")
    row = second.locator("tr", has_text="disbursement.bpmn")
    row.locator("summary").click()
    row.get_by_role("textbox", name="退回这一版的事由").fill("先用原来的")
    row.get_by_role("button", name="退回这一版").click()
    expect(second.locator("#main")).to_contain_text("已部署")


@pytest.mark.long
def test_a_broken_gateway_shows_the_way_into_the_dead_end(visit: Visit) -> None:
    page = visit(DESIGNER, expected=("ContextPad#getPad is deprecated",))
    page.goto("/design/")
    page.locator('input[name="brought"]').set_input_files(Path(__file__).with_name("two_ways.bpmn"))
    page.get_by_role("button", name="导入为草稿").click()
    expect(page.locator("[data-ready]")).to_be_attached()
    expect(page.locator("[data-findings]")).to_have_attribute("data-state", re.compile("ok|warning"))
    page.locator('g.djs-shape[data-element-id="join"]').click()
    page.locator('.djs-context-pad .entry[data-action="replace"]').click()
    page.locator(".djs-popup .entry", has_text="并行网关").click()
    play = page.locator(".finding.error").get_by_role("button", name="在图上播放经过").first
    play.click()
    expect(page.locator("[data-player]")).to_contain_text("第 1 步")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".djs-element.path-now")).to_have_count(1)
    expect(page.locator(".djs-element.path-passed").first).to_be_attached()


@pytest.mark.long
def test_a_change_is_tried_kept_rehearsed_deployed_with_its_cases_and_taken_back(visit: Visit) -> None:
    page, second = visit(DESIGNER), visit(SECOND)
    page.goto("/design/")
    address = draft_of(page, "disbursement.bpmn")
    # The same file as a list of steps, for who writes no expressions.
    page.goto(f"{address}/steps")
    step = page.locator('[data-property="name"] input').first
    before = step.input_value()
    step.fill(f"{before}（改）")
    step.press("Tab")
    saved(page, 2)
    # Tried out with the real form, and kept as a test case, which is played at every check from now on.
    page.goto(f"{address}/try")
    page.locator("[data-subjects] button").first.click()
    waits = page.locator("[data-step]").first
    expect(waits).to_contain_text(f"{before}（改）")
    expect(waits.locator('select[name="_by"] option').first).to_be_attached()
    page.get_by_role("textbox", name="名称").fill("停在第一步")
    page.get_by_role("button", name="存为测试用例").click()
    expect(page.locator("[data-cases]")).to_contain_text("通过")
    page.goto(address)
    expect(page.locator("[data-findings-cases]")).to_have_text("1 个测试用例都通过")
    # What it would change is seen, its migration rehearsed, a second person agrees.
    page.get_by_role("link", name="看改了什么").click()
    expect(page.locator("[data-differences]")).to_contain_text(f"{before}（改）")
    page.locator("[data-replay]").first.click()
    expect(page.locator("[data-replayed]").first).to_contain_text(re.compile(r"共 \d+ 件"))
    page.goto(f"/design/releases/new?draft={address.rpartition('/')[2]}")
    page.get_by_label("事由").fill("名称写清楚")
    page.get_by_label("迁移到新版").check()
    page.get_by_role("button", name="试算迁移").click()
    expect(page.locator(".design-rehearsed")).to_contain_text("不能迁移 0 件")
    page.get_by_role("button", name="提交部署").click()
    second.goto(page.url)
    second.get_by_role("button", name="同意部署").click()
    undo = second.get_by_role("button", name="退回原版本")
    expect(undo).to_be_visible(timeout=20_000)
    expect(second.locator("#migrations")).to_contain_text("还剩 0")
    undo.click()
    expect(second.locator("#migrations")).to_contain_text(re.compile("已退回 [1-9]"), timeout=20_000)
    fits_both(second)
    second.goto("/design/")
    row = second.locator("tr", has_text="disbursement.bpmn")
    row.locator("summary").click()
    row.get_by_role("textbox", name="退回这一版的事由").last.fill("先用原来的")
    row.get_by_role("button", name="退回这一版").last.click()
    expect(second.locator("#main")).to_contain_text("已部署")
