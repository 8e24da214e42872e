"""Posts, substitution and hand-over as people do them in a browser; where a case is, on a phone too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.long]

HEAD = "jiaotongju.fuzeren"
CLERK = "jiaotongju.jingban"
COLLEAGUE = "shangwuju.jingban"


def choose(page: Page, label: str, person: str) -> None:
    """Choose somebody in a field that searches while one types."""
    page.get_by_role("combobox", name=label).fill(person)
    page.get_by_role("option", name=person).first.click()


def arrange(page: Page, person: str, days: int = 3) -> None:
    """Arrange a substitute from today on."""
    page.goto("/substitutions")
    choose(page, "由谁代理", person)
    today = page.get_by_label("从").input_value()
    last = page.evaluate(
        "([day, more]) => { const d = new Date(day); d.setDate(d.getDate() + more); return d.toISOString().slice(0, 10); }",
        [today, days],
    )
    page.get_by_label("到（含当天）").fill(last)
    page.get_by_role("button", name="安排代理").click()
    expect(page.get_by_role("status").first).to_contain_text("已经安排好")


def test_a_case_says_where_it_is_at_360_pixels(visit: Visit) -> None:
    page = visit(CLERK, size=PHONE)
    page.goto("/inbox?process=goal_declaration")
    page.locator("[data-open]").first.click()
    route = page.locator("ol.route").first
    expect(route.locator("li.now")).to_have_count(1)
    expect(route.locator("li.next")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.long
def test_three_people_the_absent_the_substitute_and_the_head_of_neither(visit: Visit) -> None:
    absent, stranger = visit(HEAD), visit("jingjian.guzhang")
    acting = visit(COLLEAGUE, expected=("404",))
    acting.goto("/inbox")
    name = acting.locator(".who").first.inner_text().split("\n")[0]
    mine = absent.locator(".who").first.inner_text().split("\n")[0]
    arrange(absent, name)
    acting.goto("/inbox?behalf=others")
    row = acting.locator("[data-row]").filter(has_text="单位负责人签批").first
    expect(row).to_contain_text(f"代{mine}")
    address = row.locator("[data-open]").get_attribute("href")
    assert address is not None
    acting.goto(address)
    expect(acting.locator("#key")).to_contain_text(f"{name}（代{mine}，")
    assert stranger.goto("/substitutions") is not None
    expect(stranger.locator("main")).not_to_contain_text(mine)
    absent.goto("/substitutions")
    absent.get_by_role("button", name=f"立即结束：{name}（代{mine}）").click()
    expect(absent.get_by_role("status").first).to_contain_text("代理已经结束")
    answer = acting.goto(address)
    assert answer is not None
    assert answer.status == 404


@pytest.mark.long
def test_what_is_in_hand_goes_to_a_colleague(visit: Visit) -> None:
    page, other = visit(CLERK), visit(COLLEAGUE)
    name = other.locator(".who").first.inner_text().split("\n")[0]
    page.goto("/inbox")
    page.locator("[data-open]").first.click()
    page.get_by_role("button", name="认领").first.click()
    expect(page.get_by_role("button", name="放回").first).to_be_visible()
    page.goto("/handover")
    choose(page, "接手人", name)
    page.get_by_role("button", name="列出要移交的事项").click()
    page.get_by_label("原因").fill("调离")
    page.get_by_role("button", name="移交", exact=True).click()
    expect(page.locator("main")).to_contain_text("已完成")
