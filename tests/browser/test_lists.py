"""Lists in a browser: news that move nothing, columns, saved filters, the workbook, and the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from engine import Engine, Home
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits
from tests.services import axe
from tests.services.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.long]

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"
HEAD = "jiaotongju.fuzeren"
LEADER = "juzhang"
SIZES = [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")]


def look_again(page: Page) -> None:
    """Let the page ask now what it asks every 15 seconds: it does so when it is looked at again."""
    with page.expect_response(lambda response: "/changes" in response.url):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_keyboard_goes_to_every_list_and_keeps_its_place(visit: Visit):
    page = visit(CHIEF)
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("tr[data-row]").nth(1)
    expect(second).to_have_class("cursor")
    page.locator("#sort-amount").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=amount**")
    expect(page.locator("#sort-amount")).to_be_focused()
    for key, address in (("d", "/done"), ("c", "/copies"), ("w", "/"), ("i", "/inbox")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(lambda url, address=address: url.endswith(address))
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("去“抄送我的”")


@pytest.mark.parametrize("size", SIZES)
def test_the_workbench_and_the_lists_fit_and_are_accessible(visit: Visit, size: dict[str, int]):
    page = visit(LEADER, size=size)
    for address in ("/", "/copies", "/followed", "/drafts", "/started", "/inbox?due=week"):
        page.goto(address)
        fits(page)
        assert "\n".join(axe.grave_findings(page)) == "", address
    page.goto("/copies")
    for opener in ("#open-columns",):
        page.locator(opener).click()
        assert "\n".join(axe.grave_findings(page)) == ""
        page.keyboard.press("Escape")


def test_what_a_colleague_takes_is_greyed_and_nothing_moves(visit: Visit, server: Server):
    clerk, head = visit(CLERK), visit(HEAD)
    clerk.goto("/inbox?process=goal_declaration")  # steps that the head doesn't have as well
    before = head.locator("tr[data-row]").count()
    row = clerk.locator("tr[data-row]").first
    item = row.get_attribute("data-item")
    assert item
    place = row.bounding_box()
    _transfer(server, int(item), CLERK, HEAD)
    look_again(clerk)
    gone = clerk.locator(f'tr[data-item="{item}"]')
    expect(gone).to_have_class("gone")
    expect(gone.locator(".fate")).to_contain_text("办理")
    assert gone.bounding_box() == place
    look_again(head)
    news = head.locator("[data-show-arrivals]")
    expect(news).to_have_text("有 1 项新到，点击显示")
    assert head.locator("tr[data-row]").count() == before
    news.click()
    expect(head.locator(f'tr[data-item="{item}"]')).to_be_visible()
    expect(news).to_be_hidden()
    expect(head.locator("#list")).to_be_focused()
    _transfer(server, int(item), HEAD, CLERK)


def _transfer(server: Server, item: int, person: str, to: str) -> None:
    """Transfer an item from one person to another, while both look at their lists."""
    home = Home(server.home)
    try:
        (code,) = home.counties()
        engine = Engine(home.open(code))
        actor = engine.actor(person)
        version = engine.task(item, actor).version
        engine.transfer(item, actor=actor, version=version, to=to, reason="外出")
    finally:
        home.close()


def test_columns_and_a_saved_filter_are_there_at_the_next_visit(visit: Visit):
    page = visit(CHIEF)
    page.locator("#open-columns").click()
    dialog = page.locator("#choose-columns")
    dialog.get_by_label("编码").check()
    dialog.get_by_label("业务类型").uncheck()
    dialog.get_by_role("button", name="确定").click()
    expect(page.locator("th.column-reference")).to_be_visible()
    page.goto("/inbox?due=overdue")
    page.locator("#open-save").click()
    page.locator("#filter-name").fill("我的超期")
    page.get_by_label("从导航打开时默认用它").check()
    page.locator("#save-filter").get_by_role("button", name="保存").click()
    expect(page.locator(".saved a", has_text="我的超期")).to_have_attribute("aria-current", "true")
    again = visit(CHIEF)
    expect(again.locator("th.column-reference")).to_be_visible()
    expect(again.locator("th.column-kind")).to_have_count(0)
    again.keyboard.press("g")
    again.keyboard.press("i")
    again.wait_for_url("**/inbox?due=overdue")
    again.locator("#open-manage").click()
    again.locator("#manage-filters").get_by_role("button", name="删除").click()
    again.locator("dialog[open]").last.get_by_role("button", name="确认").click()
    expect(again.locator(".saved")).to_have_count(0)
    again.locator("#open-columns").click()
    again.get_by_role("button", name="恢复默认").click()
    expect(again.locator("th.column-kind")).to_be_visible()


def test_the_workbook_of_a_list_opens_elsewhere(visit: Visit, tmp_path: Path):
    page = visit(CHIEF)
    subjects = page.locator("tr[data-row] .title").all_inner_texts()
    with page.expect_download() as coming:
        page.locator("#export").click()
    assert coming.value.suggested_filename.startswith("待办_")
    file = tmp_path / "list.xlsx"
    coming.value.save_as(file)
    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == subjects


def test_a_copy_is_read_by_opening_it_or_by_ticking_it(visit: Visit):
    page = visit(LEADER)
    page.goto("/copies")
    unread = page.locator("tr.unread")
    count = unread.count()
    assert count >= 2
    unread.first.locator(".title").click()
    page.wait_for_url("**/instances/*")
    page.goto("/copies?unread=1")
    expect(page.locator("tr.unread")).to_have_count(count - 1)
    page.locator("[data-tick-all]").click()
    page.get_by_role("button", name="标为已读").click()
    expect(page.get_by_text("没有事项符合条件")).to_be_visible()
