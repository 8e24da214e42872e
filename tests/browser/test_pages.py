"""Every page at two sizes: it fits, and its script, policy and origin give no reason to complain."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits, fits_both

pytestmark = pytest.mark.browser

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"
SIZES = [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")]


@pytest.mark.parametrize("size", SIZES)
def test_the_sign_in_page_offers_the_demo_accounts(visit: Visit, size: dict[str, int]):
    page = visit(size=size)
    page.goto("/sign-in")
    expect(page.get_by_role("heading", name="演示账号")).to_be_visible()
    fits(page)
    page.locator(".accounts li button").first.click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    fits(page)


OTHERS = [
    pytest.param(account, marks=pytest.mark.long) for account in (CHIEF, "jixiao.guzhang", "juzhang", "admin")
]


@pytest.mark.parametrize("account", [CLERK, *OTHERS])
def test_every_page_of_the_navigation_fits(visit: Visit, account: str):
    page = visit(account)
    addresses = {link.get_attribute("href") or "" for link in page.locator("nav a[href^='/']").all()}
    for address in sorted(address for address in addresses if address and "sign-out" not in address):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        fits_both(page)


@pytest.mark.parametrize("account", [CLERK, CHIEF])
def test_a_task_and_its_instance_fit(visit: Visit, account: str):
    page = visit(account)
    item = page.locator("tr[data-row]").first.get_attribute("data-item")
    page.goto(f"/tasks/{item}")
    expect(page.locator("#task")).to_be_visible()
    fits_both(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    bar = page.locator("#decide").bounding_box()
    assert bar is not None
    assert bar["height"] < PHONE["height"] / 4, (
        "the buttons leave three quarters of a phone to what is decided on"
    )
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(page.locator("a", has_text="查看全程").first.get_attribute("href") or "")
    expect(page.locator(".djs-container svg")).to_be_visible()
    fits_both(page)


def test_a_task_opens_beside_the_list_and_closes_with_escape(visit: Visit):
    page = visit(CHIEF)
    page.locator("tr[data-row] a[data-open]").first.click()
    drawer = page.locator("#drawer")
    expect(drawer.locator("#task")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_the_pages_speak_english_when_asked(visit: Visit):
    page = visit(CLERK)
    page.goto("/sign-in")
    page.goto("/")
    page.locator("button[name=language]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    fits(page)


def test_on_paper_the_documents_are_open_and_what_one_can_only_click_is_gone(visit: Visit):
    page = visit(CHIEF)
    page.locator("tr[data-row] a[data-open]").first.click()
    page.goto(page.locator("a", has_text="查看全程").first.get_attribute("href") or "")
    expect(page.locator(".djs-container svg")).to_be_visible()
    documents = page.locator("details.document")
    closed = documents.evaluate_all("(all) => all.filter((one) => !one.open).length")
    assert closed == documents.count() > 0
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".sheet-head")).to_be_visible()
    expect(page.locator("table.sheet").first).to_be_visible()
    for gone in (".side", ".diagram", "[data-print]", ".timeline"):
        expect(page.locator(gone).first).to_be_hidden()
    assert documents.evaluate_all("(all) => all.every((one) => one.open)")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert documents.evaluate_all("(all) => all.filter((one) => !one.open).length") == closed
