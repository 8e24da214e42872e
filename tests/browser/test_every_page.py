"""Every page that a link leads to, for people of every kind: it fits, has no grave fault, and keeps to its language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits_both
from tests.services import axe

pytestmark = [pytest.mark.browser, pytest.mark.long]

#: Whose pages are looked at: account, size, language.
VISITS = [
    pytest.param("jiaotongju.jingban", PHONE, "zh", id="a clerk at 360 px"),
    pytest.param("jingjian.guzhang", DESK, "en", id="a chief at 1366×768 in English"),
    pytest.param("juzhang", PHONE, "zh", id="the head of the bureau at 360 px"),
    pytest.param("yunwei1", DESK, "en", id="an operator at 1366×768 in English"),
    pytest.param("admin", DESK, "zh", id="an administrator at 1366×768"),
]
MOST = 45
#: What a link gives to keep, or where it ends the session.
SKIPPED = re.compile(
    r"\.xlsx|/export|/template|/file\b|/attachments/|/sheets/\d+/file|sign-out|/diagram|/heat"
)
#: Chinese that no element marks as such, as the English page's reader would meet it.
STRAY = """
() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!/[\\u4e00-\\u9fff]/.test(node.data) || element.closest('script, style, template, [lang|=zh]')) continue;
    found.push(`${element.tagName.toLowerCase()}.${element.className}: ${node.data.trim().slice(0, 40)}`);
  }
  return [...new Set(found)];
}
"""


def kind(address: str) -> str:
    """Return what addresses of one kind of page share."""
    parts = urlsplit(address)
    names = sorted(part.partition("=")[0] for part in parts.query.split("&") if part)
    return re.sub(r"/\d+", "/N", parts.path) + "?" + "&".join(names)


def links(page: Page) -> list[str]:
    """Return the addresses of this site that the page leads to."""
    found = page.eval_on_selector_all("a[href^='/']", "(all) => all.map((one) => one.getAttribute('href'))")
    return [address for address in found if address and not SKIPPED.search(address)]


def pages(page: Page) -> list[str]:
    """Visit what links lead to, breadth first, and return what is wrong with any page."""
    waiting, kinds, wrong = ["/"], {kind("/")}, []
    visited = 0
    while waiting and visited < MOST:
        address = waiting.pop(0)
        answer = page.goto(address)
        visited += 1
        if answer is None or answer.status != 200:
            wrong.append(f"{address}: {answer.status if answer else 'nothing'}")
            continue
        page.wait_for_load_state("load")
        page.wait_for_function("!document.querySelector('.htmx-request')")
        try:
            fits_both(page)
        except AssertionError as error:
            wrong.append(f"{address}: {error}")
        wrong += [f"{address}: {fault}" for fault in axe.grave_findings(page)]
        if page.locator("html").get_attribute("lang") == "en":
            wrong += [f"{address}: {stray}" for stray in page.evaluate(STRAY)]
        for link in links(page):
            if kind(link) not in kinds:
                kinds.add(kind(link))
                waiting.append(link)
    assert visited > 5
    return wrong


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("account", "size", "language"), VISITS)
def test_no_page_has_a_grave_fault(visit: Visit, account: str, size: dict[str, int], language: str) -> None:
    page = visit(account, size=size)
    if language == "en":
        page.locator("button[name=language]").first.click()
        page.wait_for_selector("html[lang=en]")
    assert "\n".join(pages(page)) == ""
