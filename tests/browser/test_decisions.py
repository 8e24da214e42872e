"""“为什么是…” in a browser: the table with the matched rule marked, on the desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits

pytestmark = [pytest.mark.browser, pytest.mark.long]

BUDGET = "yusuan.guzhang"


@pytest.mark.parametrize("size", [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")])
def test_the_matched_rule_is_marked_on_the_task_and_on_the_instance(visit: Visit, size: dict[str, int]):
    page = visit(BUDGET, size=size)
    page.goto("/inbox?process=goal_declaration")
    row = page.locator("tr[data-row]").filter(has_text="终审").first
    page.goto(f"/tasks/{row.get_attribute('data-item')}")
    section = page.locator("#decisions")
    expect(section.locator("summary").first).to_contain_text("为什么是“")
    tables = section.locator("table")
    expect(tables.first).to_be_visible()
    for table in tables.all():  # each decision on the way here, and of each the one rule that decided
        hit = table.locator("tr.hit")
        expect(hit).to_have_count(1)
        expect(hit).to_contain_text("命中")
    table = tables.filter(has=page.locator("tbody tr:not(.hit)")).first
    hit, plain = table.locator("tr.hit"), table.locator("tbody tr:not(.hit)").first
    background = "(row) => getComputedStyle(row.querySelector('td')).backgroundColor"
    assert hit.evaluate(background) != plain.evaluate(background)
    fits(page)
    page.goto(page.locator("a", has_text="查看全程").first.get_attribute("href") or "")
    expect(page.locator("#decisions tr.hit").first).to_be_visible()
    fits(page)
