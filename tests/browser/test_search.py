"""Searching as people do: from the box at the top, with filters that are set and taken off, also on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits
from tests.services import axe

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHIEF = "jingjian.guzhang"


@pytest.mark.parametrize("size", [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")])
def test_words_are_found_marked_and_narrowed(visit: Visit, size: dict[str, int]) -> None:
    page = visit(CHIEF, size=size)
    if size is DESK:
        page.keyboard.press("/")
        page.keyboard.type("满意度")
        page.keyboard.press("Enter")
    else:
        page.goto("/search?text=满意度")
    expect(page.get_by_role("heading", level=1)).to_have_text("搜索")
    expect(page.locator("mark").first).to_have_text("满意度")
    before = page.locator(".hit").count()
    page.get_by_text("更多条件").click()
    page.get_by_role("textbox", name="金额不少于（万元）").fill("1,0O0")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_contain_text("“1,0O0”不是金额")
    expect(page.get_by_role("textbox", name="金额不少于（万元）")).to_have_value("1,0O0")
    page.get_by_role("textbox", name="金额不少于（万元）").fill("1,000")
    page.get_by_role("button", name="查询").click()
    chip = page.get_by_role("link", name="金额不少于（万元）")
    expect(chip).to_be_visible()
    assert 0 < page.locator(".hit").count() < before
    fits(page)
    assert "\n".join(axe.grave_findings(page)) == ""
    chip.click()
    expect(chip).to_have_count(0)
    assert page.locator(".hit").count() == before
    page.locator(".hit a.title").first.click()
    expect(page).not_to_have_url("**/search*")
