"""流程设计 in a browser, as a designer works: what is typed is saved and checked, in Chinese, and nothing is lost."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.people import fits

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


def untranslated(page: Page) -> list[str]:
    """Return the words that the page's editor showed and no dictionary has."""
    return list(json.loads(page.evaluate("document.documentElement.dataset.untranslated || '[]'")))


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
