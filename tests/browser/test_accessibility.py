"""No page has a serious accessibility fault by axe-core's rules: names, contrast, order, roles."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import open_task
from tests.services import axe

pytestmark = [pytest.mark.browser, pytest.mark.long]

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"
SIZES = [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")]


def nothing_grave(page: Page) -> None:
    assert "\n".join(axe.grave_findings(page)) == "", page.url


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_around_the_work(visit: Visit, size: dict[str, int]):
    page = visit(size=size)
    page.goto("/sign-in")
    nothing_grave(page)
    page = visit(CLERK, size=size, expected=("status of 404",))
    for address in (
        "/inbox",
        "/done",
        "/started",
        "/goals",
        "/password",
        "/phrases",
        "/sheets",
        "/inbox?text=nothing-has-this-name",
        "/nowhere",
    ):
        page.goto(address)
        nothing_grave(page)


@pytest.mark.parametrize("size", SIZES)
def test_the_form_empty_refused_and_with_a_preview(visit: Visit, size: dict[str, int]):
    page = visit("jiguanshiwu.jingban", size=size, expected=("status of 422",))
    open_task(page, "机关办公用房维修改造")
    nothing_grave(page)
    page.locator('button[name="_outcome"][value="提交"]').click()
    expect(page.locator(".f-summary").first).to_be_visible()
    nothing_grave(page)


@pytest.mark.parametrize("size", SIZES)
def test_a_review_with_opinions_and_its_instance(visit: Visit, size: dict[str, int]):
    page = visit(CHIEF, size=size)
    page.locator("tr[data-row] a[data-open]").first.click()
    expect(page.locator("#task")).to_be_visible()
    nothing_grave(page)
    open_task(page, "城区环卫保洁服务")  # a second round, with points that were answered
    page.locator(".f-pin").first.click()
    nothing_grave(page)
    page.goto(page.locator("a", has_text="查看全程").get_attribute("href") or "")
    expect(page.locator(".djs-container svg")).to_be_visible()
    nothing_grave(page)


def test_the_dialogs_and_the_english_pages(visit: Visit):
    page = visit(CHIEF)
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    nothing_grave(page)
    page.keyboard.press("Escape")
    open_task(page, "老旧小区改造")
    page.get_by_role("button", name="分办").click()
    nothing_grave(page)
    page.keyboard.press("Escape")
    page.locator("button[name=language]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    nothing_grave(page)
